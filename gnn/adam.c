/* adam.c - the moments and the step of the optimiser. The training loop sets the learning rate. */
#include "rf_adam.h"

#include <math.h>

#include "gnn_int.h"
#include "graphbean_int.h"
#include "rf_mem.h"

#define BETA1 0.9
#define BETA2 0.999
#define EPS 1e-8

rf_status rf_adam_init(rf_adam *adam, const rf_graphbean *model, rf_err *err)
{
    *adam = (rf_adam){.n = model->n_params};
    adam->m = rf_mem_zero(adam->n, sizeof *adam->m, err);
    adam->v = rf_mem_zero(adam->n, sizeof *adam->v, err);
    if (adam->m != NULL && adam->v != NULL)
        return RF_OK;
    rf_adam_clear(adam);
    return RF_E_NOMEM;
}

void rf_adam_clear(rf_adam *adam)
{
    rf_mem_free(adam->m);
    rf_mem_free(adam->v);
    *adam = (rf_adam){0};
}

RF_HOT static void step_tensor(rf_real *p, rf_real *m, rf_real *v, const rf_real *grad, size_t n, double rate,
                               double unbias)
{
    for (size_t i = 0; i < n; i++) {
        double g = (double)grad[i];
        double first = BETA1 * (double)m[i] + (1 - BETA1) * g;
        double second = BETA2 * (double)v[i] + (1 - BETA2) * g * g;
        m[i] = (rf_real)first;
        v[i] = (rf_real)second;
        p[i] = (rf_real)((double)p[i] - rate * first / (sqrt(second) * unbias + EPS));
    }
}

void rf_adam_step(rf_adam *adam, rf_graphbean *model, double lr)
{
    int n_tensors;
    size_t at = 0;
    const rf_tensor *tensors = rf_graphbean_tensors(model, &n_tensors);
    adam->step++;
    double rate = lr / (1 - pow(BETA1, (double)adam->step));
    double unbias = 1 / sqrt(1 - pow(BETA2, (double)adam->step));
    for (int t = 0; t < n_tensors; t++) {
        if (tensors[t].running)
            continue;
        size_t n = rf_tensor_size(&tensors[t]);
        step_tensor(tensors[t].value, adam->m + at, adam->v + at, tensors[t].grad, n, rate, unbias);
        at += n;
    }
}
