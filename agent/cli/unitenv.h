/* SPDX-License-Identifier: Apache-2.0
 *
 * unitenv: the environment that the installed unit gives the agent.
 */
#ifndef UNITENV_H
#define UNITENV_H

struct findings;

/* Take on what the unit's environment files say, where root asks in its place
 * from a shell: credentials may be there. Before any thread starts. */
void unitenv_take(struct findings *f);

#endif
