/* sequence_own.c - what a user's steps cost one who learns them from that user alone, and how cheap that is
 * among users with as many.
 */
#include <math.h>
#include <string.h>

#include "logs_int.h"
#include "rf_mem.h"
#include "sequence_int.h"
#include "tails_int.h"

#define SLOTS 512      /* a quarter full after RF_OWN_BLOCK steps */
#define NEW_TOKENS 4.0 /* as many as a token that is new may be */
#define LEAST_USERS 100
#define CLASSES 128 /* of lengths: halves of a doubling */
#define HIGH 0.8

typedef struct slot {
    uint64_t token;
    uint32_t round, item;
} slot;

/* Tokens of a block have numbers from 1 on; 0 is what is before the block. Slots and pairs of other rounds
 * are empty. */
struct rf_own {
    slot slot[SLOTS];
    uint32_t both[(RF_OWN_BLOCK + 1) * (RF_OWN_BLOCK + 1)]; /* round << 8 | times that one followed another */
    uint32_t round;
    uint32_t times[RF_OWN_BLOCK + 1], followed[RF_OWN_BLOCK + 1], followers[RF_OWN_BLOCK + 1];
};

#define LAST_ROUND ((UINT32_C(1) << 24) - 1)

rf_status rf_own_new(rf_own **out, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*out, 1, err);
done:
    return st;
}

void rf_own_free(rf_own *own)
{
    rf_mem_free(own);
}

/* The number of the token, which is `next` if the token is new. */
static uint32_t take(rf_own *own, uint64_t token, uint32_t next)
{
    size_t i = (size_t)((token * UINT64_C(0x9E3779B97F4A7C15)) >> 55);
    while (own->slot[i].round == own->round && own->slot[i].token != token)
        i = (i + 1) % SLOTS;
    if (own->slot[i].round != own->round)
        own->slot[i] = (slot){.token = token, .round = own->round, .item = next};
    return own->slot[i].item;
}

/* A token is an action and a fine class of its gap. Two in a row back off to one, and that to one that is
 * new. */
static void block_chances(double *p, const uint32_t *action, const uint8_t *fine, int64_t n, rf_own *own)
{
    const size_t width = (size_t)n + 1;
    uint32_t before = 0, different = 0;
    if (own->round == LAST_ROUND)
        memset(own, 0, sizeof *own);
    own->round++;
    memset(own->times, 0, width * sizeof *own->times);
    memset(own->followed, 0, width * sizeof *own->followed);
    memset(own->followers, 0, width * sizeof *own->followers);
    for (int64_t i = 0; i < n; i++) {
        const uint32_t now = take(own, (uint64_t)action[i] << 8 | fine[i], different + 1);
        uint32_t *both = &own->both[before * width + now];
        if (*both >> 8 != own->round)
            *both = own->round << 8;
        const double times = *both & 0xFF, followed = own->followed[before],
                     followers = own->followers[before],
                     seen = own->times[now] > 0 ? own->times[now] : (different + 1) / NEW_TOKENS,
                     all = (double)i + different + 1;
        p[i] = followed > 0 ? (times * all + followers * seen) / (all * (followed + followers)) : seen / all;
        different += own->times[now] == 0;
        own->followers[before] += times == 0;
        own->followed[before]++;
        own->times[now]++;
        ++*both;
        before = now;
    }
}

void rf_own_costs(double *cost, const rf_steps *steps, int64_t u, rf_own *scratch)
{
    const int64_t first = steps->u_ptr[u], n = steps->u_ptr[u + 1] - first;
    for (int64_t from = 0; from < n; from += RF_OWN_BLOCK)
        block_chances(cost + from, steps->gram[RF_GRAM_ACTION] + first + from, steps->fine + first + from,
                      n - from < RF_OWN_BLOCK ? n - from : RF_OWN_BLOCK, scratch);
    rf_logs(cost, n);
    for (int64_t i = 0; i < n; i++)
        cost[i] = -cost[i];
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
