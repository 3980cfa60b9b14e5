/* SPDX-License-Identifier: Apache-2.0
 *
 * say: one line on standard error for whoever runs the endpoint.
 */
#ifndef FAKE_SAY_H
#define FAKE_SAY_H

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
