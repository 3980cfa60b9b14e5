/* SPDX-License-Identifier: Apache-2.0
 *
 * main: nothing but the door. See cli/cli.h.
 */
#include "cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
