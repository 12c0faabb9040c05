/* state_int.h - the layout of /state, as state_write.c, state_read.c and state_positions.c share it.
 * docs/FORMATS.md describes it. */
#ifndef RF_STATE_INT_H
#define RF_STATE_INT_H

#include <assert.h>
#include <stdio.h>

#include "bigraph_int.h"

/* Versions that are read. Written is the first that an earlier program has to know to continue rightly. */
#define RF_STATE_VERSION 1
#define RF_STATE_VERSION_SQUARES 2 /* with RF_STATE_SQUARES */
/* n, sum low high, sum_sq low high, min, max, latest, latest_us, sin, cos */
#define RF_STATE_SUM_COLUMNS 11
#define RF_STATE_SQUARES "full/squares_high" /* of a kind */
#define RF_STATE_COUNTS 6           /* read, accepted, rejected, duplicate, late, waiting and expired */
#define RF_STATE_POSITION_COLUMNS 5 /* partition, offset, line, records, fingerprint */
#define RF_STATE_LAST_COLUMNS 3     /* of the last message: offset, time, hash */

static_assert(sizeof(rf_cell) == 20, "cells are written as five uint32");
static_assert(sizeof(rf_dedup_entry) == 16, "event ids are written as four uint32");
static_assert(sizeof(rf_full_cell) == 16, "full cells are written as four uint32");
static_assert(sizeof(rf_owned_category) == 12, "owned categories are written as three uint32");

/* path, dataset, what is wrong */
#define RF_STATE_DAMAGED "%s: %s: %s: the file is damaged; remove it or start again with --rebuild"

/* ---- state_positions.c ---- */
RF_MUST_CHECK rf_status rf_state_write_positions(rf_h5 *file, const rf_positions *positions, rf_err *err);
/* Files first, then partitions, sorted. */
RF_MUST_CHECK rf_status rf_state_read_positions(rf_positions *out, rf_h5 *file, rf_err *err);

#define RF_STATE_PATH 80
/* Of what is held of one kind: "/state/cells" of the main kind, "/state/kinds/device/cells" of another. */
static inline const char *rf_state_path(char out[RF_STATE_PATH], const rf_kinds *kinds, int kind,
                                        const char *name)
{
    if (kind == 0)
        snprintf(out, RF_STATE_PATH, "/state/%s", name);
    else
        snprintf(out, RF_STATE_PATH, "/state/kinds/%s/%s", kinds->name[kind], name);
    return out;
}

static inline const char *rf_state_category_name(char out[40], int code)
{
    snprintf(out, 40, "/state/categories/%d", code);
    return out;
}

#endif
