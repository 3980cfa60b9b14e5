/* SPDX-License-Identifier: Apache-2.0
 *
 * patterns: what an operator may write for filePattern and excludePattern.
 * Everything that is wrong with one is said here, at its own line and column,
 * so that whoever follows files later finds well-formed patterns only.
 */
#ifndef PATTERNS_H
#define PATTERNS_H

struct node;
struct report;
struct setting;

/* Check `n`, a text or a list of texts, and put it into its field in `base`:
 * an owned array of owned texts with NULL behind the last. What is wrong is
 * reported, and the field stays as it was. */
void patterns_store(const struct setting *s, const struct node *n, void *base,
    struct report *r);

/* NULL is fine. */
void patterns_free(char **patterns);

#endif
