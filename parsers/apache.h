/* SPDX-License-Identifier: Apache-2.0
 *
 * apache: httpd's access and error logs. See format.h.
 */
#ifndef APACHE_H
#define APACHE_H

#include "format.h"

/* `%h %l %u %t "%r" %>s %b`; what stands behind is passed over. */
enum format_answer apache_common(struct span line, struct span *values);

/* The same with ` "%{Referer}i" "%{User-Agent}i"`. */
enum format_answer apache_combined(struct span line, struct span *values);

/* `[%t] [%m:%l] [pid %P:tid %T] [client %a] %M`, where the module, the thread,
 * the process and the client may be missing. */
enum format_answer apache_error_line(struct span line, struct span *values);

#endif
