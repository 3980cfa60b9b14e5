/* SPDX-License-Identifier: Apache-2.0
 *
 * readers: the two formats. Each takes a whole file that is known to be valid
 * UTF-8 without NUL, of at most 1 MiB, and fills an empty tree. -1: the file
 * is not of that format, or uses a part of it that is refused; reported with
 * the place. They know no setting.
 */
#ifndef READERS_H
#define READERS_H

#include "span.h"

struct tree;

int yaml_to_tree(struct span text, struct tree *t);
int json_to_tree(struct span text, struct tree *t);

#endif
