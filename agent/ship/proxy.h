/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: which proxy requests go through, told to the operator.
 */
#ifndef PROXY_H
#define PROXY_H

struct address;
struct config;

/* If libcurl will go to `a` through a proxy, the configuration's or the
 * environment's (https_proxy and its kin), say so in the log: through which,
 * never with what password. */
void proxy_announce(const struct address *a, const struct config *config);

#endif
