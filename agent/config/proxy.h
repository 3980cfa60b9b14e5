/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: what an operator writes to name a proxy.
 */
#ifndef PROXY_H
#define PROXY_H

/* `text` as SCHEME://[USER[:PASSWORD]@]HOST:PORT: http where no scheme is
 * written; user and password are percent-encoded and kept as they are; "none"
 * is "". The caller frees, and wipes. NULL: `*cause` says (statically) what is
 * wrong. */
char *proxy_normal(const char *text, const char **cause);

#endif
