/* SPDX-License-Identifier: Apache-2.0
 *
 * profile: AWS's shared files, ~/.aws/credentials and ~/.aws/config.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>

#include "errand.h"

#define PROFILE_NAME   128
#define PROFILE_REGION 64

/* What a profile says, of that which matters here; "" where it says nothing.
 * As secret as the keys in it. */
struct profile {
	struct credentials_keys keys;
	char role_arn[2048 + 1];
	char source_profile[PROFILE_NAME + 1];
	char credential_source[64];
	char external_id[1224 + 1];
	char role_session_name[64 + 1];
	char duration_seconds[16];
	char web_identity_token_file[4096];
	char credential_process[4096];
	char region[PROFILE_REGION];
	char mfa_serial[256];
	char sso_session[256]; /* or sso_start_url */
};

enum profile_answer {
	PROFILE_FOUND,
	PROFILE_ABSENT, /* in neither file */
	PROFILE_BAD     /* e->why says it */
};

/* Read the profile `name` from both files: where both say something, the
 * credentials file's counts. */
enum profile_answer profile_read(
    struct errand *e, const char *name, struct profile *p);

/* The name of the profile to use: AWS_PROFILE's, or "default". */
const char *profile_name(void);

#endif
