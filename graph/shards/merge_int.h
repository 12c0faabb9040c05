/* merge_int.h - what merge.c, merge_repeats.c and merge_plan.c share. */
#ifndef RF_MERGE_INT_H
#define RF_MERGE_INT_H

#include "bigraph_int.h"

typedef struct rf_kind_joiner { /* one kind's cells on their way */
    rf_relation *into;
    const rf_relation *from;
    uint32_t *entity_to, *full_to; /* number in `from` -> number in `into`; RF_NO_ID: not needed yet */
    uint8_t *dropped;              /* [cells of from] 1: `into` has this very event */
} rf_kind_joiner;

typedef struct rf_joiner { /* one file's state on its way into a graph */
    rf_bigraph *into;
    const rf_bigraph *from;
    uint32_t floor_slot;                           /* of both together */
    uint32_t *user_to, *category_to[RF_MAX_CODES]; /* like entity_to */
    rf_kind_joiner kind[RF_KINDS_MOST];
    rf_arrival arrival;
    rf_merge_counts *counts; /* of the main kind: every event has one cell of it */
} rf_joiner;

/* ---- merge_repeats.c ---- events whose ids both have: marks in `dropped`, or RF_E_INVALID */
RF_MUST_CHECK rf_status rf_merge_repeats(rf_joiner *j, const char *path, bool keep_repeats, rf_err *err);

/* ---- merge_plan.c ---- any file with a /state of ours will do */
RF_MUST_CHECK rf_status rf_merge_check(bool *is_shard, rf_h5 *file, rf_err *err);
/* Standard input of other content is another input, though both are called "stdin". */
bool rf_input_same(const rf_input_position *a, const rf_input_position *b);
/* "orders[3]", or a file's name, cut to fit */
#define RF_INPUT_NAME 200
const char *rf_input_name(char out[RF_INPUT_NAME], const rf_input_position *input);

#endif
