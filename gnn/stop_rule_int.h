/* stop_rule_int.h - when a training whose number of epochs is `auto` ends, judged without labels.
 *
 * A model first learns what most nodes have in common: the ordinary are explained sooner than the odd, so the
 * squared error gathers on few nodes. Later it learns the odd ones, too, and the error spreads again.
 * Training goes on for half as many epochs as it took to the peak of concentration, since edges are learned
 * more slowly.
 */
#ifndef RF_STOP_RULE_INT_H
#define RF_STOP_RULE_INT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rf_stop_rule { /* what has been seen so far; zeros before the first epoch */
    double peak;              /* the concentration that a new peak must clearly exceed */
    int peak_epoch;           /* epochs done when it was seen; 0: none yet */
} rf_stop_rule;

/* After each epoch, whatever ends the training: so one with a given number of epochs can go on as `auto`, and
 * the other way round. `epochs` are done, this one included. */
void rf_stop_rule_see(rf_stop_rule *rule, int epochs, double concentration);
bool rf_stop_rule_ends(const rf_stop_rule *rule, int epochs);
/* The most epochs that `auto` takes: few edges are soon known by heart. */
int rf_stop_rule_most(int64_t n_edges);

#endif
