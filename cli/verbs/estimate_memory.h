/* estimate_memory.h - `train --estimate-memory`: what training would take, without taking it. */
#ifndef RF_ESTIMATE_MEMORY_H
#define RF_ESTIMATE_MEMORY_H

#include "cli_int.h"
#include "rf_memory_plan.h"

/* Prints rows, bytes a row and bytes of each side, and their sum: what the process will have in memory at its
 * peak. */
RF_MUST_CHECK rf_status rf_estimate_memory(const rf_memory_plan *plan, rf_err *err);

#endif
