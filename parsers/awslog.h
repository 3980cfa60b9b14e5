/* SPDX-License-Identifier: Apache-2.0
 *
 * awslog: access logs of AWS's own services. See format.h.
 */
#ifndef AWSLOG_H
#define AWSLOG_H

#include "format.h"

/* Elastic Load Balancing: an Application Load Balancer's line, or a Classic
 * one's, whose type says nothing. Later fields may be missing, and what AWS
 * adds behind them is passed over. */
enum format_answer awslog_elb(struct span line, struct span *values);

/* CloudFront's standard log: fields between tabs; # begins a comment. */
enum format_answer awslog_cloudfront(struct span line, struct span *values);

#endif
