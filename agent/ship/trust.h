/* SPDX-License-Identifier: Apache-2.0
 *
 * trust: which certificates we believe.
 */
#ifndef TRUST_H
#define TRUST_H

/* The file of certificates to trust: `configured`, or where that is NULL the
 * system's. Borrowed or static. NULL: there is none, or it holds no
 * certificate; logged. */
const char *trust_file(const char *configured);

/* The same where there is one; else NULL, and nothing is said. */
const char *trust_found(const char *configured);

#endif
