/* SPDX-License-Identifier: Apache-2.0
 *
 * secret: memory for what must not get out.
 *
 * A mapping of its own, because the kernel leaves whole pages out of a core
 * dump and nothing less. It does not lock pages: a daemon without privileges
 * may not count on being allowed to, and swap is the machine's business.
 *
 * Any thread.
 */
#include "secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "log.h"

void *
secret_new(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		log_error("no memory for credentials: %s", strerror(errno));
		return NULL;
	}
	/* Advice: a kernel that refuses it still gives us the memory. */
	(void)madvise(at, size, MADV_DONTDUMP);
	(void)madvise(at, size, MADV_DONTFORK);
	return at;
}

void
secret_free(void *at, size_t size)
{
	if (at == NULL)
		return;
	explicit_bzero(at, size);
	munmap(at, size);
}
