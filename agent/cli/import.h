/* SPDX-License-Identifier: Apache-2.0
 *
 * import: subcommand `import`: an agent.json, as an agent.yaml.
 */
#ifndef IMPORT_H
#define IMPORT_H

struct cli_options;

int import_main(const struct cli_options *options);

#endif
