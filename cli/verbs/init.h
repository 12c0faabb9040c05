/* init.h - what `init` and `check` share. */
#ifndef RF_INIT_H
#define RF_INIT_H

#include "rf_sample.h"
#include "rf_text.h"

/* What became of records that are no events: a line a reason, without ids in clear. */
RF_MUST_CHECK rf_status rf_trial_report(rf_text *text, const rf_trial *trial, rf_err *err);

#endif
