/* SPDX-License-Identifier: Apache-2.0
 *
 * files: the questions `files [FLOW [PATTERN]]`, of all places in all files,
 * and `file TYPE HANDLE DEVICE INODE BIRTH`, of those in one.
 *
 * FLOW is a name or a number from 1 on, PATTERN a glob of paths or, without a
 * slash, of names; "" is any. Thread: tail.
 */
#ifndef FILES_H
#define FILES_H

#include "question.h"

enum answer_step files_next(struct answer *a);
void files_end(struct answer *a);

enum answer_step files_one_next(struct answer *a);

#endif
