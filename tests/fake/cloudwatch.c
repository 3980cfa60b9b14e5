/* SPDX-License-Identifier: Apache-2.0
 *
 * cloudwatch: PutMetricData of AWS's Query protocol, and what it took.
 *
 * As strict as AWS's reference about the form: members are numbered without a
 * gap, every parameter is known, names and values have their lengths, units
 * are of the list, and a statistic set is one that numbers can have.
 *
 * Thread: the connection's; what was taken is shared, under its lock.
 */
#include "cloudwatch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "form.h"
#include "sandbox.h"

#define DATA_MAX       1000
#define BODY_MAX       (1000 * 1000)
#define DIMENSIONS_MAX 30
#define TEXT_MAX       1024
#define TAKEN_MAX      ((size_t)8 << 20)

struct dimension {
	char name[256], value[TEXT_MAX + 1];
};

struct datum {
	char name[256], unit[32];
	struct dimension dimensions[DIMENSIONS_MAX];
	size_t dimension_count;
	bool is_set;
	double count, sum, least, most; /* of a value: 1 and thrice itself */
};

static const char *const units[] = { "Seconds", "Microseconds", "Milliseconds",
	"Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
	"Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count",
	"Bytes/Second", "Kilobytes/Second", "Megabytes/Second",
	"Gigabytes/Second", "Terabytes/Second", "Bits/Second",
	"Kilobits/Second", "Megabits/Second", "Gigabits/Second",
	"Terabits/Second", "Count/Second", "None" };

void
cloudwatch_init(struct cloudwatch *c)
{
	memset(c, 0, sizeof(*c));
	pthread_mutex_init(&c->lock, NULL);
	bytes_init(&c->taken, TAKEN_MAX);
}

void
cloudwatch_fini(struct cloudwatch *c)
{
	bytes_fini(&c->taken);
	pthread_mutex_destroy(&c->lock);
}

static bool
invalid(struct exchange *x, const char *type, const char *what)
{
	x->answer.refused = true;
	answer_error(&x->answer, 400, type, "%s", what);
	return false;
}

/* Read parameter `prefix``name`; it counts as known. */
static bool
text(struct exchange *x, size_t *known, const char *prefix, const char *name,
    char *out, size_t room)
{
	char key[160];

	snprintf(key, sizeof(key), "%s%s", prefix, name);
	if (!form_value(form_pairs(&x->request), key, out, room))
		return false;
	(*known)++;
	return true;
}

static bool
number(struct exchange *x, size_t *known, const char *prefix, const char *name,
    double *out)
{
	char word[64], *end;

	if (!text(x, known, prefix, name, word, sizeof(word)))
		return false;
	*out = strtod(word, &end);
	return end != word && *end == '\0' && isfinite(*out) &&
	       fabs(*out) < 1e108;
}

static bool
read_dimensions(
    struct exchange *x, size_t *known, const char *prefix, struct datum *d)
{
	for (size_t i = 0; i < DIMENSIONS_MAX; i++) {
		struct dimension *one = &d->dimensions[i];
		char inner[96];

		snprintf(inner, sizeof(inner), "%sDimensions.member.%zu.",
		    prefix, i + 1);
		if (!text(
			x, known, inner, "Name", one->name, sizeof(one->name)))
			return true;
		if (!text(x, known, inner, "Value", one->value,
			sizeof(one->value)) ||
		    one->value[0] == '\0' || one->name[0] == ':' ||
		    one->name[0] == '\0')
			return invalid(x, "InvalidParameterValue",
			    "a dimension has a name and a value");
		for (size_t k = 0; k < i; k++)
			if (strcmp(d->dimensions[k].name, one->name) == 0)
				return invalid(x, "InvalidParameterValue",
				    "a dimension stands twice");
		d->dimension_count++;
	}
	return true;
}

static bool
read_values(
    struct exchange *x, size_t *known, const char *prefix, struct datum *d)
{
	char inner[96];
	bool alone = number(x, known, prefix, "Value", &d->sum);

	snprintf(inner, sizeof(inner), "%sStatisticValues.", prefix);
	d->is_set = number(x, known, inner, "SampleCount", &d->count);
	if (alone == d->is_set)
		return invalid(x, "InvalidParameterCombination",
		    "a datum has either Value or StatisticValues");
	if (alone) {
		d->count = 1;
		d->least = d->most = d->sum;
		return true;
	}
	if (!number(x, known, inner, "Sum", &d->sum) ||
	    !number(x, known, inner, "Minimum", &d->least) ||
	    !number(x, known, inner, "Maximum", &d->most))
		return invalid(x, "MissingParameter", "StatisticValues");
	if (d->count <= 0 || d->least > d->most ||
	    d->sum < d->least * d->count || d->sum > d->most * d->count)
		return invalid(x, "InvalidParameterValue",
		    "no numbers have such statistics");
	return true;
}

static bool
is_unit(const char *word)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i], word) == 0)
			return true;
	return false;
}

/* Read member `nth` (from 1). `*there` is false where the list has ended. */
static bool
read_datum(
    struct exchange *x, size_t *known, size_t nth, struct datum *d, bool *there)
{
	char prefix[48];

	memset(d, 0, sizeof(*d));
	snprintf(prefix, sizeof(prefix), "MetricData.member.%zu.", nth);
	*there = text(x, known, prefix, "MetricName", d->name, sizeof(d->name));
	if (!*there)
		return true;
	if (d->name[0] == '\0' || d->name[0] == ':')
		return invalid(x, "InvalidParameterValue", "MetricName");
	if (!text(x, known, prefix, "Unit", d->unit, sizeof(d->unit)))
		snprintf(d->unit, sizeof(d->unit), "None");
	if (!is_unit(d->unit))
		return invalid(x, "InvalidParameterValue", "Unit");
	return read_dimensions(x, known, prefix, d) &&
	       read_values(x, known, prefix, d);
}

static void
put_text(struct bytes *b, const char *word)
{
	bytes_text(b, "\"");
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			bytes_format(b, "\\%c", *word);
		else if ((unsigned char)*word < ' ')
			bytes_format(b, "\\u%04x", *word);
		else
			bytes_put(b, word, 1);
	}
	bytes_text(b, "\"");
}

static void
put_datum(struct bytes *b, const char *space, const struct datum *d)
{
	bytes_text(b, "{\"namespace\":");
	put_text(b, space);
	bytes_text(b, ",\"name\":");
	put_text(b, d->name);
	bytes_format(b,
	    ",\"unit\":\"%s\",\"set\":%s,\"count\":%.17g,\"sum\":%.17g,"
	    "\"least\":%.17g,\"most\":%.17g,\"dimensions\":{",
	    d->unit, d->is_set ? "true" : "false", d->count, d->sum, d->least,
	    d->most);
	for (size_t i = 0; i < d->dimension_count; i++) {
		bytes_text(b, i > 0 ? "," : "");
		put_text(b, d->dimensions[i].name);
		bytes_text(b, ":");
		put_text(b, d->dimensions[i].value);
	}
	bytes_text(b, "}},");
}

static size_t
count_pairs(struct span pairs)
{
	size_t count = pairs.length > 0;

	for (size_t i = 0; i < pairs.length; i++)
		count += pairs.at[i] == '&';
	return count;
}

/* Read all of the request into `out`. */
static bool
read_all(struct exchange *x, struct bytes *out, size_t *data)
{
	struct datum d;
	char word[64], space[256];
	size_t known = 1; /* Action */
	bool there = true;

	if (x->request.body.length > BODY_MAX)
		return invalid(x, "RequestEntityTooLarge", "at most 1 MB");
	if (!text(x, &known, "", "Version", word, sizeof(word)) ||
	    strcmp(word, "2010-08-01") != 0)
		return invalid(x, "InvalidParameterValue", "Version");
	if (!text(x, &known, "", "Namespace", space, sizeof(space)) ||
	    space[0] == '\0' || space[0] == ':' ||
	    strncmp(space, "AWS/", 4) == 0)
		return invalid(x, "InvalidParameterValue", "Namespace");
	for (*data = 0; there; (*data)++) {
		if (!read_datum(x, &known, *data + 1, &d, &there))
			return false;
		if (!there)
			break;
		put_datum(out, space, &d);
	}
	if (*data == 0 || *data > DATA_MAX)
		return invalid(x, "InvalidParameterValue",
		    "MetricData has 1 to 1000 members");
	if (known != count_pairs(form_pairs(&x->request)))
		return invalid(x, "InvalidParameterValue",
		    "there is a parameter that is none of PutMetricData's");
	return true;
}

static void
answer(struct exchange *x)
{
	bytes_clear(&x->answer.body);
	x->answer.content_type = "text/xml";
	bytes_text(&x->answer.body,
	    "<PutMetricDataResponse "
	    "xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">\n"
	    "  <ResponseMetadata>\n    <RequestId>01234567-89ab-cdef-0123-"
	    "456789abcdef</RequestId>\n  </ResponseMetadata>\n"
	    "</PutMetricDataResponse>\n");
}

void
cloudwatch_put_metric_data(struct exchange *x)
{
	struct cloudwatch *c = &x->sandbox->cloudwatch;
	struct fault fault = faults_pick_for(&x->sandbox->faults, "cloudwatch");
	struct bytes taken;
	size_t data;

	if (faults_instead_of_keys(&fault, &x->answer))
		return;
	bytes_init(&taken, TAKEN_MAX);
	if (read_all(x, &taken, &data)) {
		pthread_mutex_lock(&c->lock);
		bytes_put(&c->taken, taken.at, taken.length);
		c->requests++;
		c->data += data;
		pthread_mutex_unlock(&c->lock);
		answer(x);
		faults_spoil(&fault, &x->answer);
	}
	bytes_fini(&taken);
}

void
cloudwatch_list(struct exchange *x)
{
	struct cloudwatch *c = &x->sandbox->cloudwatch;
	struct bytes *b = &x->answer.body;

	answer_text(&x->answer, 200, "application/json", "");
	pthread_mutex_lock(&c->lock);
	bytes_format(b, "{\"requests\":%lu,\"count\":%lu,\"data\":[",
	    c->requests, c->data);
	if (c->taken.length > 0) /* without the last comma */
		bytes_put(b, c->taken.at, c->taken.length - 1);
	pthread_mutex_unlock(&c->lock);
	bytes_text(b, "]}\n");
}
