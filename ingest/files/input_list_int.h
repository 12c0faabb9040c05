/* input_list_int.h - which files are read, in which order. */
#ifndef RF_INPUT_LIST_INT_H
#define RF_INPUT_LIST_INT_H

#include <stddef.h>
#include <stdint.h>

#include "rf_source.h"

typedef struct rf_input_list {
    char **paths; /* [n] owned, in reading order */
    size_t n;
    int64_t bytes; /* as stored, -1 when one is no regular file */
} rf_input_list;

/* RF_E_IO when a glob matches nothing (and nothing of `known`, NULL allowed). A file named twice is read
 * once. */
RF_MUST_CHECK rf_status rf_input_list_make(rf_input_list *out, const char *const *globs, int n_globs,
                                           const char *results, const rf_positions *known, rf_err *err);
void rf_input_list_clear(rf_input_list *list);
/* By the name's ending; RF_FORMAT_AUTO for an unknown ending. */
rf_source_format rf_format_by_name(const char *path);

#endif
