/* SPDX-License-Identifier: Apache-2.0
 *
 * status: the answer to "status": how the agent and each flow are.
 */
#ifndef STATUS_H
#define STATUS_H

#include "question.h"

/* {"agent": {...}, "flows": [{...}, ...]}: a line for each flow, all its
 * numbers of one moment. */
enum answer_step status_next(struct answer *a);

#endif
