/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: what the environment says about proxies, told to the operator.
 */
#ifndef PROXY_H
#define PROXY_H

struct address;

/* If libcurl will go to `a` through a proxy of the environment (https_proxy
 * and its kin), say so in the log: through which, never with what password. */
void proxy_announce(const struct address *a);

#endif
