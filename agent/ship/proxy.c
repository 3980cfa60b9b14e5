/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: what the environment says about proxies, told to the operator.
 *
 * libcurl obeys these variables as everything else on the machine does. But a
 * variable that somebody exported years ago is the last thing one thinks of
 * when an endpoint "cannot be reached", so it is named at the start.
 *
 * Thread: main, at start.
 */
#include "proxy.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "log.h"

/* In libcurl's order. HTTP_PROXY is not among them: in a CGI anybody could
 * set it. */
static const char *const for_tls[] = {
	"https_proxy",
	"HTTPS_PROXY",
	"all_proxy",
	"ALL_PROXY",
	NULL,
};
static const char *const for_plain[] = {
	"http_proxy",
	"all_proxy",
	"ALL_PROXY",
	NULL,
};

static const char *
given(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

void
proxy_announce(const struct address *a)
{
	const char *const *variable = a->tls ? for_tls : for_plain;
	const char *proxy = NULL, *at, *except = given("no_proxy");

	while (*variable != NULL && (proxy = given(*variable)) == NULL)
		variable++;
	if (proxy == NULL)
		return;
	at = strrchr(proxy, '@');
	if (except == NULL)
		except = given("NO_PROXY");
	log_info("%s goes through the proxy %s (%s in the environment), unless "
		 "no_proxy names it (%s)",
	    a->host, at != NULL ? at + 1 : proxy, *variable,
	    except != NULL ? except : "not set");
}
