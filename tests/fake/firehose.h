/* SPDX-License-Identifier: Apache-2.0
 *
 * firehose: the service's actions, once the signature holds.
 */
#ifndef FAKE_FIREHOSE_H
#define FAKE_FIREHOSE_H

struct exchange;

void firehose_put_record_batch(struct exchange *x);

#endif
