/* state_int.h - the layout of /state, as state_write.c and state_read.c share it. docs/FORMATS.md describes
 * it. */
#ifndef RF_STATE_INT_H
#define RF_STATE_INT_H

#include <assert.h>
#include <stdio.h>

#include "bigraph_int.h"

#define RF_STATE_VERSION 1
/* n, sum low high, sum_sq low high, min, max, latest, latest_us, sin, cos */
#define RF_STATE_SUM_COLUMNS 11
#define RF_STATE_COUNTS 6
#define RF_STATE_POSITION_COLUMNS 5 /* partition, offset, line, records, fingerprint */

static_assert(sizeof(rf_cell) == 20, "cells are written as five uint32");
static_assert(sizeof(rf_dedup_entry) == 16, "event ids are written as four uint32");
static_assert(sizeof(rf_full_cell) == 16, "full cells are written as four uint32");
static_assert(sizeof(rf_owned_category) == 12, "owned categories are written as three uint32");
static_assert(sizeof(rf_counts) == RF_STATE_COUNTS * sizeof(int64_t), "counts are written as int64");

static inline const char *rf_state_category_name(char out[40], int code)
{
    snprintf(out, 40, "/state/categories/%d", code);
    return out;
}

#endif
