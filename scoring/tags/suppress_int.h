/* suppress_int.h - the entries of suppression lists: suppress_file.c reads them, suppress.c finds their
 * subjects. */
#ifndef RF_SUPPRESS_INT_H
#define RF_SUPPRESS_INT_H

#include "rf_suppress.h"
#include "rf_yaml.h"

struct rf_suppress_keep {
    rf_keep keep; /* texts and trees */
    size_t cap;
};

/* ---- suppress.c ---- Which subjects of the graph the entries silence at that time. */
RF_MUST_CHECK rf_status rf_suppress_find(rf_suppressions *suppressions, const rf_graph *graph, int64_t now_us,
                                         rf_err *err);

/* ---- suppress_file.c ---- Adds the entries of one list. */
RF_MUST_CHECK rf_status rf_suppress_read(rf_suppressions *suppressions, const char *path, rf_err *err);
/* Those of a tree that was read into suppressions->keep; `file`, which stays, is its name. */
RF_MUST_CHECK rf_status rf_suppress_take(rf_suppressions *suppressions, const rf_yaml_node *root,
                                         const char *file, rf_err *err);

#endif
