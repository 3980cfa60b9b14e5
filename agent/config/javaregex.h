/* SPDX-License-Identifier: Apache-2.0
 *
 * javaregex: patterns that compile here and mean something else in Java.
 */
#ifndef JAVAREGEX_H
#define JAVAREGEX_H

/* What is wrong with taking the Java `pattern` for one of PCRE2's, with the
 * cure; NULL: nothing. */
const char *javaregex_fault(const char *pattern);

#endif
