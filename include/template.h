/* SPDX-License-Identifier: Apache-2.0
 *
 * template: an operator's text with holes, filled in for each record. Pure:
 * facts of the machine and the file come as arguments.
 *
 *   {NAME}          a captured field of the record
 *   {hostname}      this machine
 *   {path}, {file}  the file the record is from: whole, and its last part
 *   {field:NAME}    a captured field, whatever it is called
 *   {{ and }}       the braces themselves
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "span.h"

struct record;
struct template;

#define TEMPLATE_PARTS 32

struct template_fault {
	size_t at;       /* bytes of the template before what is wrong */
	const char *why; /* static */
};

/* What fills the holes; all borrowed. */
struct template_facts {
	struct span hostname;
	struct span path;            /* from the root */
	const struct record *record; /* its fields */
};

/* Take `text`, which is copied, apart. NULL: it is malformed, as `fault`
 * says; not logged. Read-only after: any thread. */
struct template *template_new(const char *text, struct template_fault *fault);

/* NULL is fine. */
void template_free(struct template *t);

/* The name of the first captured field that `t` asks for; len 0: it asks for
 * none. Borrowed from `t`. */
struct span template_field(const struct template *t);

/* Is it the same for every record, whatever the file and the machine? */
bool template_is_constant(const struct template *t);

/* The pieces that `t` becomes with `facts`, borrowed from both, some maybe
 * empty; `*count` of them. False: a field is not there or empty, and `missing`
 * names it. */
bool template_fill(const struct template *t, const struct template_facts *facts,
    struct span pieces[static TEMPLATE_PARTS], size_t *count,
    struct span *missing);

#endif
