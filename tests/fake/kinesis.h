/* SPDX-License-Identifier: Apache-2.0
 *
 * kinesis: the service's actions, once the signature holds.
 */
#ifndef FAKE_KINESIS_H
#define FAKE_KINESIS_H

struct exchange;

void kinesis_put_records(struct exchange *x);

#endif
