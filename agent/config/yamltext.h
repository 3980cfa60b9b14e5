/* SPDX-License-Identifier: Apache-2.0
 *
 * yamltext: texts as our YAML reader takes them back, byte for byte.
 */
#ifndef YAMLTEXT_H
#define YAMLTEXT_H

struct buf;

/* Add `text` (UTF-8) to `out`: plain where nobody could misread it, else in
 * quotes. At most 16 bytes for each of its bytes, and two. */
void yamltext_quote(struct buf *out, const char *text);

/* Add `json`, which YAML takes for itself but for a few characters; so do its
 * comments any text. */
void yamltext_json(struct buf *out, const char *json);

/* The Java agent's `pattern` as one of ours: its folder stands for itself,
 * `**` in its last part is a star. The caller frees it. */
char *yamltext_pattern(const char *pattern);

#endif
