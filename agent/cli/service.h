/* SPDX-License-Identifier: Apache-2.0
 *
 * service: what a service manager is told (sd_notify(3)): that we are ready,
 * that we stop, and, where it keeps a watchdog, that every loop still turns.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>
#include <stddef.h>

struct ledger;
struct loop;
struct service;
struct ship;

/* The rooms are borrowed until service_free. The watchdog's beat is kept in
 * `loop`, so that it tells of the tail's too. Without a service manager all
 * of this does nothing. NULL: failed, logged. */
struct service *service_new(
    struct loop *loop, struct ship *ship, struct ledger *ledger);

/* Before the ship and the ledger are gone. NULL is fine. */
void service_free(struct service *s);

/* Everything stands. */
void service_ready(struct service *s);

/* A new configuration is looked at; service_reloaded: it is `good` and in
 * force with so many `flows`, or the old one still is. */
void service_reloading(struct service *s);
void service_reloaded(struct service *s, bool good, size_t flows);

/* We were asked to stop and do. */
void service_stopping(struct service *s);

#endif
