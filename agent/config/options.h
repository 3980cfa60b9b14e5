/* SPDX-License-Identifier: Apache-2.0
 *
 * options: dataProcessingOptions, from nodes to the JSON that parsers are made
 * of. What an option may say is the parsers' to judge; where it stands in the
 * file is known here.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

struct node;
struct report;
struct setting;

/* Check `n`, a list of maps, and put it into its field in `base`: an owned
 * array of owned JSON texts with NULL behind the last; NULL for an empty list.
 * What is wrong is reported, and the field stays as it was. */
void options_store(const struct setting *s, const struct node *n, void *base,
    struct report *r);

#endif
