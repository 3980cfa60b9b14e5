/* SPDX-License-Identifier: Apache-2.0
 *
 * hazards: ways to rotate that cost lines, whoever follows the logs.
 */
#ifndef HAZARDS_H
#define HAZARDS_H

struct config;
struct findings;
struct hazards;

/* What logrotate's configuration `path` (NULL: where it usually is) does to
 * files of `config` is told to `f`. Both are borrowed. */
struct hazards *hazards_new(
    struct findings *f, const struct config *config, const char *path);

/* `path` is a file that is followed. */
void hazards_meet(struct hazards *h, const char *path);

/* Tell what was found, and free `h`. */
void hazards_tell(struct hazards *h);

#endif
