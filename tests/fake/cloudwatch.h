/* SPDX-License-Identifier: Apache-2.0
 *
 * cloudwatch: PutMetricData of AWS's Query protocol, and what it took.
 */
#ifndef FAKE_CLOUDWATCH_H
#define FAKE_CLOUDWATCH_H

#include <pthread.h>

#include "bytes.h"

struct exchange;

/* What was taken, as the elements of a JSON array. */
struct cloudwatch {
	pthread_mutex_t lock;
	struct bytes taken;
	unsigned long requests, data;
};

void cloudwatch_init(struct cloudwatch *c);
void cloudwatch_fini(struct cloudwatch *c);

void cloudwatch_put_metric_data(struct exchange *x);

/* Everything that was taken, for a test: JSON. */
void cloudwatch_list(struct exchange *x);

#endif
