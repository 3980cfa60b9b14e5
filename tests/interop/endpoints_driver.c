/* SPDX-License-Identifier: Apache-2.0
 *
 * endpoints_driver: the agent's endpoint for SERVICE REGION FIPS DUALSTACK (0
 * or 1) on each line of standard input, for a judge in another language.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ship/address.h"

int
main(void)
{
	char service[32], region[64];
	int fips, dualstack;

	while (
	    scanf("%31s %63s %d %d", service, region, &fips, &dualstack) == 4) {
		char *url = address_of_service(
		    service, region, fips != 0, dualstack != 0);

		(void)puts(url);
		free(url);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
