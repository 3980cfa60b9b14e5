/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target over the files it is given, where no fuzzer is linked:
 * the kept corpus is a test for every compiler.
 */
#include <stdint.h>
#include <stdio.h>

#define INPUT_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t data[INPUT_MAX];

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t size;

		if (file == NULL) {
			perror(argv[i]);
			return 1;
		}
		size = fread(data, 1, INPUT_MAX, file);
		fclose(file);
		LLVMFuzzerTestOneInput(data, size);
	}
	printf("%d files\n", argc - 1);
	return 0;
}
