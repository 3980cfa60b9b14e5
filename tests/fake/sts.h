/* SPDX-License-Identifier: Apache-2.0
 *
 * sts: AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity.
 */
#ifndef FAKE_STS_H
#define FAKE_STS_H

struct exchange;

void sts_assume_role(struct exchange *x);
void sts_assume_role_with_web_identity(struct exchange *x);
void sts_get_caller_identity(struct exchange *x);

#endif
