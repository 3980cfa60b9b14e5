/* SPDX-License-Identifier: Apache-2.0
 *
 * control: what tests ask of the endpoint itself, under /sandbox/.
 */
#ifndef FAKE_CONTROL_H
#define FAKE_CONTROL_H

struct exchange;

void control_stats(struct exchange *x);
void control_add_fault(struct exchange *x);
void control_no_faults(struct exchange *x);
void control_flush(struct exchange *x);
void control_shards(struct exchange *x);
void control_credentials(struct exchange *x);

#endif
