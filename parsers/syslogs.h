/* SPDX-License-Identifier: Apache-2.0
 *
 * syslogs: lines of system logs, and of containers. See format.h.
 */
#ifndef SYSLOGS_H
#define SYSLOGS_H

#include "format.h"

/* RFC 3164 as syslogds write it to files: `Mmm dd hh:mm:ss host program[pid]:
 * message`, a priority before it or (`<0.6>`) before the host allowed. */
enum format_answer syslogs_old(struct span line, struct span *values);

/* The same with the time of RFC 3339. */
enum format_answer syslogs_rfc3339(struct span line, struct span *values);

/* RFC 5424. */
enum format_answer syslogs_rfc5424(struct span line, struct span *values);

/* Kubernetes' container logs: `time stdout|stderr P|F message`. */
enum format_answer syslogs_cri(struct span line, struct span *values);

#endif
