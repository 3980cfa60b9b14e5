/* SPDX-License-Identifier: Apache-2.0
 *
 * say: see say.h. Thread: any; a line goes out in one write.
 */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

void
say(const char *format, ...)
{
	char line[1024];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	fprintf(stderr, "kinesis-sandbox: %s\n", line);
}
