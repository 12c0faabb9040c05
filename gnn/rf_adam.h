/* rf_adam.h - Adam (Kingma, Ba 2015), as the reference uses it: betas 0.9 and 0.999, eps 1e-8, no weight
 * decay.
 *
 *   m <- b1 m + (1 - b1) g      v <- b2 v + (1 - b2) g^2
 *   p <- p - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)
 */
#ifndef RF_ADAM_H
#define RF_ADAM_H

#include "rf_graphbean.h"

typedef struct rf_adam {
    int64_t step;
    size_t n;       /* numbers in m and v: the model's parameters, tensor by tensor */
    rf_real *m, *v; /* owned */
} rf_adam;

RF_MUST_CHECK rf_status rf_adam_init(rf_adam *adam, const rf_graphbean *model, rf_err *err);
void rf_adam_clear(rf_adam *adam);
/* One step along the model's gradients. */
void rf_adam_step(rf_adam *adam, rf_graphbean *model, double lr);

#endif
