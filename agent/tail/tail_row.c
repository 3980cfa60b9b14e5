/* SPDX-License-Identifier: Apache-2.0
 *
 * tail_row: whose a checkpoint is, for who asks by hand, without a tail. See
 * tail.h. Thread: the caller's.
 */
#include "tail.h"
#include "who.h"

int
tail_row_identify(const char *path, struct identity *id)
{
	struct who who;

	if (who_is(path, &who) != 0)
		return -1;
	*id = who.id;
	return 0;
}

bool
tail_row_is_of(const struct checkpoint *row, const struct identity *id)
{
	return who_same(&row->id, id);
}
