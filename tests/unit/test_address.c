/* SPDX-License-Identifier: Apache-2.0
 *
 * Where requests go: AWS's own hosts for every partition, and what an operator
 * names. interop.endpoints has the same judged by AWS's library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "ship/address.h"

static void
every_partition_has_its_hosts(void **state)
{
	static const struct {
		const char *service, *region;
		bool fips, dualstack;
		const char *host;
	} cases[] = {
		{ "kinesis", "us-east-1", false, false,
		    "kinesis.us-east-1.amazonaws.com" },
		{ "kinesis", "us-east-1", true, false,
		    "kinesis-fips.us-east-1.amazonaws.com" },
		{ "kinesis", "us-east-1", false, true,
		    "kinesis.us-east-1.api.aws" },
		{ "firehose", "us-east-1", true, true,
		    "firehose-fips.us-east-1.api.aws" },
		{ "kinesis", "cn-north-1", false, false,
		    "kinesis.cn-north-1.amazonaws.com.cn" },
		{ "firehose", "cn-northwest-1", false, true,
		    "firehose.cn-northwest-1.api.amazonwebservices.com.cn" },
		{ "kinesis", "us-gov-west-1", true, false,
		    "kinesis.us-gov-west-1.amazonaws.com" },
		{ "kinesis", "us-gov-west-1", true, true,
		    "kinesis-fips.us-gov-west-1.api.aws" },
		{ "firehose", "us-gov-east-1", true, false,
		    "firehose-fips.us-gov-east-1.amazonaws.com" },
		{ "kinesis", "us-iso-east-1", false, false,
		    "kinesis.us-iso-east-1.c2s.ic.gov" },
		{ "kinesis", "us-isob-east-1", false, false,
		    "kinesis.us-isob-east-1.sc2s.sgov.gov" },
		{ "kinesis", "us-isof-south-1", false, false,
		    "kinesis.us-isof-south-1.csp.hci.ic.gov" },
		{ "kinesis", "eu-isoe-west-1", false, false,
		    "kinesis.eu-isoe-west-1.cloud.adc-e.uk" },
		{ "kinesis", "eusc-de-east-1", false, false,
		    "kinesis.eusc-de-east-1.amazonaws.eu" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flow_config flow = {
			.region = (char *)(uintptr_t)cases[i].region,
			.fips = cases[i].fips,
			.dualstack = cases[i].dualstack,
		};
		struct address a;

		address_init(&a, &flow, cases[i].service);
		assert_string_equal(a.host, cases[i].host);
		assert_true(a.tls);
		address_fini(&a);
	}
}

static void
what_the_operator_names_is_taken_as_it_is(void **state)
{
	struct flow_config flow = {
		.region = (char *)(uintptr_t) "us-east-1",
		.endpoint = (char *)(uintptr_t) "http://127.0.0.1:4567",
		.fips = true,
	};
	struct address a;

	(void)state;
	address_init(&a, &flow, "kinesis");
	assert_string_equal(a.url, "http://127.0.0.1:4567");
	assert_string_equal(a.host, "127.0.0.1:4567");
	assert_false(a.tls);
	address_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_partition_has_its_hosts),
		cmocka_unit_test(what_the_operator_names_is_taken_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
