/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoint: addresses of services and the regions they betray. Pure text:
 * nothing is looked up.
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_REGION 64 /* a region's name with its NUL */

/* `text`, a URL or a bare host, as scheme://host[:port]: lower case, https
 * where no scheme is written, the scheme's own port left out. The caller
 * frees. NULL: `*cause` says (statically) what is wrong. */
char *endpoint_normal(const char *text, const char **cause);

/* All three take what endpoint_normal answered. */

/* Would records leave this machine unencrypted? */
bool endpoint_is_exposed(const char *normal);

/* Is it a host of AWS's? */
bool endpoint_is_aws(const char *normal);

/* The region in the name of a host of AWS's; false: none in it. */
bool endpoint_region(const char *normal, char out[static ENDPOINT_REGION]);

/* Could `text` be a region's name? */
bool endpoint_is_region(const char *text);

#endif
