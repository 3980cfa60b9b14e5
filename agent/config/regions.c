/* SPDX-License-Identifier: Apache-2.0
 *
 * regions: see regions.h. Immutable: any thread.
 */
#include "regions.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "nearest.h"

static const char *const regions[] = { "us-east-1", "us-east-2", "us-west-1",
	"us-west-2", "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1",
	"ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2",
	"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1",
	"ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1",
	"eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1",
	"eu-west-2", "eu-west-3", "eusc-de-east-1", "il-central-1",
	"me-central-1", "me-south-1", "mx-central-1", "sa-east-1",
	"us-gov-east-1", "us-gov-west-1", "us-iso-east-1", "us-iso-west-1",
	"us-isob-east-1" };

#define COUNT (sizeof(regions) / sizeof(regions[0]))

const char *
regions_nearest(const char *text)
{
	const char *nearest = regions[0];
	unsigned best = UINT_MAX;

	for (size_t i = 0; i < COUNT; i++) {
		unsigned d = nearest_distance(text, regions[i]);

		if (d == UINT_MAX)
			break; /* `text` is too long to be like any */
		/* A continent that is right weighs more than a letter. */
		if (strncmp(text, regions[i], 2) != 0)
			d += 2;
		if (d < best) {
			best = d;
			nearest = regions[i];
		}
	}
	return nearest;
}

/* The length of a region's name without its number. */
static size_t
stem(const char *text)
{
	const char *dash = strrchr(text, '-');

	return dash != NULL ? (size_t)(dash - text) : strlen(text);
}

bool
regions_is_usual(const char *text)
{
	size_t length = stem(text);

	for (size_t i = 0; i < COUNT; i++)
		if (stem(regions[i]) == length &&
		    memcmp(text, regions[i], length) == 0)
			return true;
	return false;
}
