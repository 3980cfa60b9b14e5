/* SPDX-License-Identifier: Apache-2.0
 *
 * What a reload relies on: no flow setting is forgotten when two flows are
 * compared, and what is not a flow's is adopted or named.
 */
#include "config_case.h"

#include "config.h"
#include "config/compare.h"
#include "config/settings.h"

/* Another value than the one the flow has, where it is kept. */
static void
change(struct flow_config *f, const struct setting *s)
{
	static char text[] = "another";
	static char *texts[] = { text, NULL };
	char *at = (char *)f + s->at;
	char *one = text, **several = texts;

	if (s->kind < KIND_TEXT)
		at[0] = (char)(at[0] ^ 1);
	else if (s->kind <= KIND_REGION)
		memcpy(at, &one, sizeof(one));
	else
		memcpy(at, &several, sizeof(several));
}

static void
every_setting_of_a_flow_counts(void **state)
{
	struct config *a = config_ok(A_FLOW, false);
	struct config *b = config_ok(A_FLOW, false);
	size_t seen = 0;

	(void)state;
	assert_true(compare_flows(&a->flows[0], &b->flows[0]));
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);
		struct flow_config kept = b->flows[0];

		if (s->scope != SCOPE_FLOW || s->state != SETTING_BUILT ||
		    s->kind == KIND_LIST)
			continue;
		change(&b->flows[0], s);
		if (compare_flows(&a->flows[0], &b->flows[0]))
			print_error("%s\n", s->key);
		assert_false(compare_flows(&a->flows[0], &b->flows[0]));
		b->flows[0] = kept;
		seen++;
	}
	assert_true(seen > 30);
	draft_free(a);
	draft_free(b);
}

static void
what_settings_decide_together_counts(void **state)
{
	struct config *a = config_ok(A_FLOW, false);
	struct config *b = config_ok("useFipsEndpoint: true\n" A_FLOW, false);
	struct config *c =
	    config_ok("assumeRoleARN: "
		      "arn:aws:iam::123456789012:role/r\n" A_FLOW,
		false);

	(void)state;
	assert_false(compare_flows(&a->flows[0], &b->flows[0]));
	assert_false(compare_flows(&a->flows[0], &c->flows[0]));
	draft_free(a);
	draft_free(b);
	draft_free(c);
}

static void
numbers_are_adopted_and_the_rest_waits(void **state)
{
	struct config *a = config_ok(A_FLOW, false);
	struct config *b = config_ok("checkpointIntervalMillis: 77\n"
				     "maxConnections: 3\n" A_FLOW,
	    false);
	uint32_t connections = a->max_connections;

	(void)state;
	a->path = strdup("a.yaml");
	b->path = strdup("a.yaml");
	compare_adopt(a, b);
	assert_int_equal(a->checkpoint_ms, 77);
	assert_int_equal(a->max_connections, connections);
	draft_free(a);
	draft_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_of_a_flow_counts),
		cmocka_unit_test(what_settings_decide_together_counts),
		cmocka_unit_test(numbers_are_adopted_and_the_rest_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
