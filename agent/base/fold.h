/* SPDX-License-Identifier: Apache-2.0
 *
 * fold: what is said again within a minute is counted, and the count is said
 * once the minute is over. The log's own; see log.h for what callers have.
 *
 * All but fold_again and fold_reopen under the log's lock.
 */
#ifndef FOLD_H
#define FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"

#define FOLD_MS   60000
#define FOLD_TEXT 400 /* bytes of a line that are kept, its NUL included */

/* How often a line came again, which it was, and its beginning. */
struct fold_debt {
	uint64_t times;
	enum log_level level;
	char text[FOLD_TEXT];
};

/* `text` is about to be written. False: the same was less than a minute ago,
 * so it is counted instead. `debt` is what had to make room for it; its times
 * are 0 where nothing had. */
bool fold_is_news(enum log_level level, const char *text, int64_t now_ms,
    struct fold_debt *debt);

/* `text` is what the gate with `ticket` lets through: what it holds back from
 * now on is counted. `debt` as above. */
void fold_opened(uint64_t ticket, enum log_level level, const char *text,
    int64_t now_ms, struct fold_debt *debt);

/* Something that is due at `now_ms`; CLOCK_NEVER: whatever there is. False:
 * nothing is. */
bool fold_owes(int64_t now_ms, struct fold_debt *debt);

/* The same of all that no gate keeps: it is news when it is said again. */
bool fold_forgets(struct fold_debt *debt);

/* A ticket that nobody had before. Any thread. */
uint64_t fold_ticket(void);

/* The gate with `ticket` held something back. Any thread, no lock. */
void fold_again(uint64_t ticket);

/* The gate with `ticket` opens anew. False: its count is not here any more;
 * else `held` is what it held back and nobody has said. Any thread, no lock. */
bool fold_reopen(uint64_t ticket, uint64_t *held);

#endif
