/* SPDX-License-Identifier: Apache-2.0
 *
 * kinesis: the service's actions, once the signature holds.
 */
#ifndef FAKE_KINESIS_H
#define FAKE_KINESIS_H

struct exchange;

void kinesis_put_records(struct exchange *x);
void kinesis_describe_stream_summary(struct exchange *x);

#endif
