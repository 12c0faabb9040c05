/* rf_calibration.h - how much of a side's scores chance explains: a p-value and a false discovery rate for
 * each subject.
 *
 * Most subjects are ordinary, and the upper half of the ordinary ones' scores, sums of many small surprises
 * in nats, falls off exponentially. So the bulk of the scores is a null distribution that needs no labels:
 *
 *   p(s) = share exp(-(s - start) / scale)      from start on, the median of the scores
 *   FDR  = (n p(s) + 0.2 sqrt(n) exp(-(s - start) / (8 scale))) / (subjects that score at least s)
 *
 * The fit looks only at the scores between the median and an end, as a truncated exponential, so that what
 * lies beyond the end (the frauds) cannot widen it. The end is the highest one for which the bulk explains at
 * least 60 % of the subjects above it and above each lower score; at most 30 % of all lie beyond it. The
 * scale is then widened by a twentieth, because tails are a little heavier than the bulk shows.
 *
 * fdr is the least FDR of this score or a lower one: it falls as scores rise, and those with fdr <= q have
 * about a share q of false alerts among them. The second term is an allowance for innocent oddities: every
 * night has some, they score higher than the bulk can, and a night that has only them stays below it. It
 * falls eight times more slowly than the bulk, so that one subject alone is found if it is far enough out.
 * The numbers were measured on simulated nights (docs/QUALITY.md).
 *
 * Of several kinds of entity people share things by nature: families, flats, offices, networks. All of a
 * group are odd together, so that innocent oddities are many, and a third term allows for them:
 *
 *   20 sqrt(n) exp(-(s - start) / (r scale))    r 3 for edges of the main kind, 7 for entities of the others,
 *                                               which are what is shared, 5 for all other subjects
 *
 * Sources: Pickands 1975 (the tail beyond a high score as one of a small family; here its exponential case),
 * Efron 2004 (the null taken from the bulk, fitted as truncated), Benjamini and Hochberg 1995 (n p over the
 * number found), Storey 2002 (a rate for each subject: the least over all thresholds that include it).
 */
#ifndef RF_CALIBRATION_H
#define RF_CALIBRATION_H

#include "rf_rank.h"

typedef struct rf_bulk { /* of ordinary subjects */
    double start;        /* the score that the tail begins at */
    double share;        /* of all subjects: ordinary ones above the start */
    double scale;        /* nats; 0: too few different scores to say, p-values are shares of ranks */
} rf_bulk;

/* sorted: what rf_rank_sort gave. O(n) and the same at any number of threads: one thread does it. */
RF_MUST_CHECK rf_status rf_bulk_fit(rf_bulk *out, const rf_ranked *sorted, int64_t n, rf_err *err);

/* Times the bulk's scale: how far innocents reach who share things by nature, with several kinds. */
#define RF_SHARERS_REACH 5.0
#define RF_SHARERS_REACH_MAIN_EDGES 3.0
#define RF_SHARERS_REACH_THINGS 7.0 /* entities of kinds beside the main one */

/* p_value[n] and fdr[n] by row, under this bulk. sharers_reach: one of these, or 0 where nobody shares. The
 * bulk: the scores' own, or the one of an earlier window, under which the same score keeps its p-value. Below
 * the start the p-value is the share of the subjects that score at least as high. O(n). */
void rf_calibrate(float *p_value, float *fdr, const rf_bulk *bulk, double sharers_reach,
                  const rf_ranked *sorted, int64_t n);

#endif
