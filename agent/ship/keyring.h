/* SPDX-License-Identifier: Apache-2.0
 *
 * keyring: the identities that flows sign as, each with keys that hold.
 *
 * A thread of its own gets keys before the present ones expire; the ship
 * takes what came between two turns, and never waits for any.
 */
#ifndef KEYRING_H
#define KEYRING_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "credentials.h"

struct keyring;

/* Find out who we are, as far as that takes no waiting. `news` is called, on
 * the keyring's thread, when there is something to collect. NULL: nobody set
 * credentials up, or not so that they could work; logged. */
struct keyring *keyring_new(
    const struct config *config, void (*news)(void *owner), void *owner);

/* What flow `flow` signs with: the ship's to read, as long as there is a
 * keyring. */
const struct credentials *keyring_of(const struct keyring *k, size_t flow);

/* What the agent itself signs with: as whom it was told to be, whatever role
 * a flow has. Like keyring_of. */
const struct credentials *keyring_own(const struct keyring *k);

/* The same for a flow that comes later, by another thread than the ship's and
 * always the same; made if need be. NULL: there are too many, logged. */
const struct credentials *keyring_admit(
    struct keyring *k, const struct flow_config *f);

/* -1: failed, logged. */
int keyring_start(struct keyring *k);

/* Ship: take over what has come. False: nothing. */
bool keyring_collect(struct keyring *k);

/* Ship: AWS refuses the keys in `c`; others may be there. */
void keyring_renew(struct keyring *k, const struct credentials *c);

/* End the thread, whatever it waits for. */
void keyring_stop(struct keyring *k);

/* After keyring_stop, or if never started. NULL is fine. */
void keyring_free(struct keyring *k);

#endif
