/* sequence_own.c - what a user's steps cost one who learns them from that user alone, and how cheap that is
 * among users with as many.
 */
#include <math.h>
#include <string.h>

#include "rf_mem.h"
#include "sequence_int.h"
#include "tails_int.h"

#define CELLS 1024     /* a quarter full after RF_OWN_BLOCK steps */
#define NEW_TOKENS 4.0 /* as many as a token that is new may be */
#define LEAST_USERS 100
#define CLASSES 128 /* of lengths: halves of a doubling */
#define HIGH 0.8

struct rf_own_cell { /* a token, as a step and as the step before one; or two tokens in a row */
    uint64_t key;
    uint32_t times, followed, followers;
    bool used;
};

rf_own_cell *rf_own_cells_new(rf_err *err)
{
    return rf_mem_new(CELLS, sizeof(rf_own_cell), err);
}

static rf_own_cell *take(rf_own_cell *table, uint64_t key)
{
    size_t i = (size_t)key % CELLS;
    while (table[i].used && table[i].key != key)
        i = (i + 1) % CELLS;
    table[i].key = key;
    table[i].used = true;
    return &table[i];
}

/* A token is an action and a fine class of its gap. Two in a row back off to one, and that to one that is
 * new.
 */
static void block_costs(double *cost, const rf_step *step, int64_t n, rf_own_cell *scratch)
{
    uint64_t before = 0;
    double different = 0;
    memset(scratch, 0, CELLS * sizeof *scratch);
    for (int64_t i = 0; i < n; i++) {
        const uint64_t token = rf_hash_two(step[i].action, (uint64_t)rf_gap_fine(step[i].gap_us));
        rf_own_cell *last = take(scratch, before), *now = take(scratch, token),
                    *both = take(scratch, rf_hash_two(before, token));
        const double seen = now->times > 0 ? now->times : (different + 1) / NEW_TOKENS;
        double p = seen / ((double)i + different + 1);
        if (last->followed > 0)
            p = (both->times + last->followers * p) / (last->followed + last->followers);
        cost[i] = -log(p);
        different += now->times == 0;
        last->followers += both->times == 0;
        last->followed++;
        now->times++;
        both->times++;
        before = token;
    }
}

void rf_own_costs(double *cost, const rf_step *step, int64_t n, rf_own_cell *scratch)
{
    for (int64_t from = 0; from < n; from += RF_OWN_BLOCK)
        block_costs(cost + from, step + from, n - from < RF_OWN_BLOCK ? n - from : RF_OWN_BLOCK, scratch);
}

/* ---- among users of one length ---- */

static int length_class(int64_t n)
{
    return n > 0 ? (int)floor(2 * log2((double)n)) : 0;
}

/* Median and scale of the users whose lengths are as near to a class as it takes to have LEAST_USERS. */
static void fit_class(double *median, double *scale, const float *sorted, const int64_t *ptr, int middle)
{
    int from = middle > 0 ? middle - 1 : 0, to = middle + 2;
    while (ptr[to] - ptr[from] < LEAST_USERS && ptr[to] - ptr[from] < ptr[CLASSES]) {
        from = from > 0 ? from - 1 : 0;
        to = to < CLASSES ? to + 1 : CLASSES;
    }
    const int64_t n = ptr[to] - ptr[from];
    *median = rf_quantile(sorted + ptr[from], n, 0.5);
    *scale = fmax(rf_quantile(sorted + ptr[from], n, HIGH) - *median, 1e-3 + 0.02 * fabs(*median));
}

rf_status rf_against_length(float *nats, const float *x, const int64_t *n, int64_t n_u, int64_t least,
                            rf_err *err)
{
    rf_status st = RF_OK;
    int64_t ptr[CLASSES + 1] = {0}, next[CLASSES];
    double median[CLASSES], scale[CLASSES];
    float *sorted = NULL;
    RF_NEW(sorted, n_u, err);
    for (int64_t u = 0; u < n_u; u++)
        ptr[length_class(n[u]) + 1] += n[u] >= least;
    for (int k = 0; k < CLASSES; k++)
        ptr[k + 1] += ptr[k];
    memcpy(next, ptr, sizeof next);
    for (int64_t u = 0; u < n_u; u++) {
        if (n[u] >= least)
            sorted[next[length_class(n[u])]++] = x[u];
    }
    for (int k = 0; k < CLASSES; k++) {
        if (ptr[k + 1] > ptr[k])
            fit_class(&median[k], &scale[k], sorted, ptr, k);
    }
    for (int64_t u = 0; u < n_u; u++) {
        const int k = length_class(n[u]);
        nats[u] = n[u] < least ? 0 : (float)(fmax(0, x[u] - median[k]) / scale[k] * log(0.5 / (1 - HIGH)));
    }
done:
    rf_mem_free(sorted);
    return st;
}
