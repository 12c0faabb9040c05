/* findings_check_int.h - what emissions and exports ask of the findings that they work from. */
#ifndef RF_FINDINGS_CHECK_INT_H
#define RF_FINDINGS_CHECK_INT_H

#include "rf_findings.h"

/* Graph, scores and tags are of one graph: their readers checked everything else. verb begins the messages.
 * every_feature: features are needed also where no reason speaks of them. */
RF_MUST_CHECK rf_status rf_findings_check(const rf_findings *findings, const char *verb, bool every_feature,
                                          rf_err *err);

#endif
