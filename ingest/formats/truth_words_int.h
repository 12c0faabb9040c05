/* truth_words_int.h - which texts of a flag or a label mean true and which false. */
#ifndef RF_TRUTH_WORDS_INT_H
#define RF_TRUTH_WORDS_INT_H

#include "rf_event.h"
#include "rf_status.h"

struct rf_raw; /* field_plan_int.h */

typedef struct rf_truth {
    char **words; /* [n] owned; the first n_yes mean true, the others false */
    int n_yes, n;
} rf_truth;

RF_MUST_CHECK rf_status rf_truth_set(rf_truth *truth, const rf_truth_words *words, rf_err *err); /* copies */
void rf_truth_clear(rf_truth *truth);

/* 1, 0, or -1 when it is neither. The own words come first, then true, t, yes, y, 1 and false, f, no, n, 0 in
 * any case. */
int rf_truth_read(const rf_truth *truth, const struct rf_raw *raw);

#endif
