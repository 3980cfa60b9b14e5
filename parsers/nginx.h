/* SPDX-License-Identifier: Apache-2.0
 *
 * nginx: its error log. See format.h. (Its access log is Apache's.)
 */
#ifndef NGINX_H
#define NGINX_H

#include "format.h"

/* `yyyy/mm/dd hh:mm:ss [level] pid#tid: *connection message, client: ...,
 * server: ..., request: "...", ...`; from the connection on, each part may be
 * missing. */
enum format_answer nginx_error_line(struct span line, struct span *values);

#endif
