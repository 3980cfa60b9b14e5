/* SPDX-License-Identifier: Apache-2.0
 *
 * profile: AWS's shared files, ~/.aws/credentials and ~/.aws/config.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>

#include "credentials.h"

/* Fill `keys` from the profile `name` of the file at `path`. `prefixed`: the
 * section is called "profile NAME" there, unless NAME is "default". False: no
 * such file, section or keys (not logged), or unusable ones (logged). */
bool profile_read(const char *path, const char *name, bool prefixed,
    struct credentials_keys *keys);

#endif
