/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy: which proxy requests go through, told to the operator.
 *
 * libcurl obeys the environment's variables as everything else on the machine does. But a
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
#include "config.h"
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

static const char *
in_environment(const struct address *a, const char **variable)
{
	const char *const *name = a->tls ? for_tls : for_plain;
	const char *proxy = NULL;

	while (*name != NULL && (proxy = given(*name)) == NULL)
		name++;
	*variable = *name;
	return proxy;
}

void
proxy_announce(const struct address *a, const struct config *config)
{
	const char *from = NULL, *except = config->no_proxy;
	const char *proxy = config->proxy, *at;

	if (proxy == NULL)
		proxy = in_environment(a, &from);
	if (proxy == NULL || proxy[0] == '\0')
		return;
	if (except == NULL)
		except = given("no_proxy");
	if (except == NULL)
		except = given("NO_PROXY");
	/* What stands before the @ is nobody's business. */
	at = strrchr(proxy, '@');
	log_info("%s goes through the proxy %s (%s in the %s), unless %s names "
		 "it (%s)",
	    a->host, at != NULL ? at + 1 : proxy, from != NULL ? from : "proxy",
	    from != NULL ? "environment" : "configuration",
	    config->no_proxy != NULL ? "noProxy" : "no_proxy",
	    except != NULL ? except : "not set");
}
