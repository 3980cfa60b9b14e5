/* SPDX-License-Identifier: Apache-2.0
 *
 * choice: which flow or file somebody means.
 */
#ifndef CHOICE_H
#define CHOICE_H

struct config;
struct flow_config;

/* The flow of `config` that is called `text`, or has that number, from 1 on;
 * NULL: none. */
const struct flow_config *choice_flow(
    const struct config *config, const char *text);

/* What a flow that `text` means is called: it need not be there any more.
 * Borrowed. */
const char *choice_name(const struct config *config, const char *text);

/* `word` as a path from the root. The caller's. */
char *choice_path(const char *word);

#endif
