/* plain_sequence.c - see plain_sequence.h: lists are walked through for every number. */
#include "plain_sequence.h"

#include <math.h>
#include <stdlib.h>

#include "rf_check.h"

#define MOST_SYMBOLS 600 /* more than any two symbols multiplied */

static int plain_action(const rf_graph *graph, int64_t edge, bool actions)
{
    const rf_real *x = graph->side[RF_EDGE].x + edge * 4;
    if (actions)
        return (x[0] > 0 ? 1 : x[1] > 0 ? 2 : x[2] > 0 ? 3 : 4) + (x[3] > 0 ? 4 : 0);
    bool met[MOST_USERS] = {false};
    int users = 0, doublings = 0;
    for (int64_t i = 0; i < graph->adj.n_e; i++) {
        if (graph->adj.e_v[i] == graph->adj.e_v[edge] && !met[graph->adj.e_u[i]]) {
            met[graph->adj.e_u[i]] = true;
            users++;
        }
    }
    for (int n = users; n > 1; n /= 2)
        doublings++;
    return doublings + 1;
}

static int plain_gap(double seconds)
{
    return seconds <= 0       ? 1
           : seconds < 60     ? 2
           : seconds < 3600   ? 3
           : seconds < 86400  ? 4
           : seconds < 604800 ? 5
                              : 6;
}

static int by_moment(const void *a, const void *b)
{
    const plain_step *x = a, *y = b;
    return (x->gap_s > y->gap_s) - (x->gap_s < y->gap_s);
}

plain_user *plain_users(const rf_graph *graph, bool actions)
{
    plain_user *users = rf_mem_zero((size_t)graph->adj.n_u, sizeof *users, NULL);
    ck_assert_ptr_nonnull(users);
    for (int64_t i = 0; i < graph->adj.n_e; i++) {
        plain_user *user = &users[graph->adj.e_u[i]];
        ck_assert(user->n < MOST_STEPS);
        user->step[user->n++] = (plain_step){.action = plain_action(graph, i, actions),
                                             .gap_s = (double)graph->side[RF_EDGE].first_us[i] / 1e6,
                                             .edge = i};
    }
    for (int64_t u = 0; u < graph->adj.n_u; u++) {
        qsort(users[u].step, (size_t)users[u].n, sizeof *users[u].step, by_moment);
        for (int i = users[u].n - 1; i >= 0; i--) {
            plain_step *step = &users[u].step[i];
            step->gap_s = i > 0 ? step->gap_s - users[u].step[i - 1].gap_s : -1;
            step->gap = i > 0 ? plain_gap(step->gap_s) : 0;
        }
    }
    return users;
}

static bool same_step(const plain_user *a, int i, const plain_user *b, int k)
{
    if (i < 0 || k < 0)
        return i < 0 && k < 0;
    return a->step[i].action == b->step[k].action && a->step[i].gap == b->step[k].gap;
}

static bool same_action(const plain_user *a, int i, const plain_user *b, int k)
{
    return i < 0 || k < 0 ? i < 0 && k < 0 : a->step[i].action == b->step[k].action;
}

/* Are step i of a and step k of b in the same context, of `level` 0 (none) to 3 (two steps)? */
static bool same_context(bool of_gap, int level, const plain_user *a, int i, const plain_user *b, int k)
{
    if (of_gap)
        return (level < 1 || same_action(a, i, b, k)) && (level < 2 || same_step(a, i - 1, b, k - 1)) &&
               (level < 3 || same_step(a, i - 2, b, k - 2));
    return (level != 1 || same_action(a, i - 1, b, k - 1)) && (level < 2 || same_step(a, i - 1, b, k - 1)) &&
           (level < 3 || same_step(a, i - 2, b, k - 2));
}

static int symbol(const plain_step *step, bool of_gap)
{
    return of_gap ? step->gap : step->action;
}

void plain_expected(double *cost, double *usual, const plain_user *users, int64_t n_u, int64_t u, int i,
                    bool of_gap)
{
    bool ever[MOST_SYMBOLS] = {false};
    double different = 1;
    for (int64_t b = 0; b < n_u; b++) {
        for (int k = of_gap ? 1 : 0; k < users[b].n; k++) {
            different += !ever[symbol(&users[b].step[k], of_gap)];
            ever[symbol(&users[b].step[k], of_gap)] = true;
        }
    }
    double p = 1 / different;
    *usual = log(different);
    for (int level = 0; level < 4; level++) {
        double mass[MOST_SYMBOLS] = {0}, sum = 0, followers = 0, entropy = 0;
        for (int64_t b = 0; b < n_u; b++) {
            double all = 0;
            for (int round = 0; b != u && round < 2; round++) {
                for (int k = of_gap ? 1 : 0; k < users[b].n; k++) {
                    if (!same_context(of_gap, level, &users[u], i, &users[b], k))
                        continue;
                    if (round == 0)
                        all++;
                    else
                        mass[symbol(&users[b].step[k], of_gap)] += 1 / all;
                }
            }
        }
        for (int y = 0; y < MOST_SYMBOLS; y++) {
            sum += mass[y];
            followers += mass[y] > 0;
        }
        for (int y = 0; y < MOST_SYMBOLS; y++)
            entropy -= mass[y] > 0 ? mass[y] / sum * log(mass[y] / sum) : 0;
        if (sum <= 0)
            continue;
        p = (mass[symbol(&users[u].step[i], of_gap)] + followers * p) / (sum + followers);
        *usual = (sum * entropy + followers * *usual) / (sum + followers);
    }
    *cost = -log(p);
    if (of_gap && i == 0)
        *cost = *usual = 0;
}

static int plain_token(const plain_step *step)
{
    return step->action * 50 + (step->gap_s < 0 ? 0 : 1 + (int)floor(2 * log2(step->gap_s + 1)));
}

double plain_own_cost(const plain_user *user, int i)
{
    const int before = i % 128 > 0 ? plain_token(&user->step[i - 1]) : -1, now = plain_token(&user->step[i]);
    double same = 0, different = 0, followed = 0, followers = 0, both = 0;
    const int start = i / 128 * 128;
    for (int k = start; k < i; k++) {
        const int last = k > start ? plain_token(&user->step[k - 1]) : -1,
                  token = plain_token(&user->step[k]);
        bool is_new = true, is_new_pair = true;
        for (int m = start; m < k; m++) {
            is_new = is_new && plain_token(&user->step[m]) != token;
            is_new_pair = is_new_pair && (plain_token(&user->step[m]) != token ||
                                          (m > start ? plain_token(&user->step[m - 1]) : -1) != last);
        }
        same += token == now;
        different += is_new;
        followed += last == before;
        followers += last == before && is_new_pair;
        both += last == before && token == now;
    }
    double p = (same > 0 ? same : (different + 1) / 4) / (i - start + different + 1);
    if (followed > 0)
        p = (both + followers * p) / (followed + followers);
    return -log(p);
}

static double quantile(double *values, int n, double q)
{
    for (int i = 1; i < n; i++) {
        for (int k = i; k > 0 && values[k] < values[k - 1]; k--) {
            double swap = values[k];
            values[k] = values[k - 1];
            values[k - 1] = swap;
        }
    }
    const double at = q * (n - 1);
    const int below = (int)at;
    return below + 1 < n ? values[below] + (at - below) * (values[below + 1] - values[below]) : values[below];
}

static int length_class(int n)
{
    return (int)floor(2 * log2(n < 128 ? n : 128));
}

static double plain_regular(const plain_part *part, const plain_user *users, int64_t n_u, int64_t u)
{
    double values[MOST_USERS];
    int n = 0, all = 0;
    if (users[u].n < 8)
        return 0;
    for (int64_t b = 0; b < n_u; b++)
        all += users[b].n >= 8;
    for (int reach = 1; n < 100 && n < all; reach++) {
        n = 0;
        for (int64_t b = 0; b < n_u; b++) {
            if (users[b].n >= 8 && abs(length_class(users[b].n) - length_class(users[u].n)) <= reach)
                values[n++] = part->cheap[b];
        }
    }
    const double median = quantile(values, n, 0.5), high = quantile(values, n, 0.8);
    return fmax(0, part->cheap[u] - median) / fmax(high - median, 1e-3 + 0.02 * fabs(median)) * log(2.5);
}

double plain_order(const plain_part *part, const plain_user *users, int64_t n_u, int64_t u,
                   const double threshold[8])
{
    static const int windows[] = {8, 16, 32};
    const int n = users[u].n;
    double best = 0, active = 0;
    for (int64_t b = 0; b < n_u; b++)
        active += users[b].n > 0;
    for (int level = 0; level < 8; level++) {
        double share = 0;
        for (int64_t b = 0; b < n_u; b++) {
            double hits = 0;
            for (int i = 0; i < users[b].n; i++)
                hits += part->order[b][i] > 0 && part->order[b][i] >= threshold[level];
            share += b != u && users[b].n > 0 ? hits / users[b].n / (active - 1) : 0;
        }
        share = fmax(share, 0.5 / active);
        for (int w = 0; w < 3; w++) {
            for (int from = 0; from < n; from++) {
                const int to = from + windows[w] < n ? from + windows[w] : n;
                double hits = 0, expected = share * (windows[w] < n ? windows[w] : n);
                for (int i = from; i < to; i++)
                    hits += part->order[u][i] > 0 && part->order[u][i] >= threshold[level];
                if (hits > expected)
                    best = fmax(best, hits * log(hits / expected) - (hits - expected) -
                                          log(fmax(1, (double)n / windows[w])));
            }
        }
    }
    return best / 3;
}

void plain_fill(plain_part *part, double threshold[8], const plain_user *users, int64_t n_u)
{
    double *all = rf_mem_new(MOST_USERS * MOST_STEPS, sizeof *all, NULL);
    int n = 0;
    ck_assert_ptr_nonnull(all);
    for (int64_t u = 0; u < n_u; u++) {
        for (int i = 0; i < users[u].n; i++) {
            double cost[2], usual[2], own = plain_own_cost(&users[u], i);
            plain_expected(&cost[0], &usual[0], users, n_u, u, i, false);
            plain_expected(&cost[1], &usual[1], users, n_u, u, i, true);
            /* as a float, as it is stored: a threshold is one of these values */
            part->order[u][i] = (double)(float)fmax(0, cost[0] + cost[1] - usual[0] - usual[1]);
            part->repeats[u][i] = fmax(0, 1 - own / fmax(0.5, cost[0] + cost[1]));
            part->cheap[u] -= own / users[u].n;
            all[n++] = part->order[u][i];
        }
    }
    for (int64_t u = 0; u < n_u; u++)
        part->regular[u] = plain_regular(part, users, n_u, u);
    for (int level = 0; level < 8; level++)
        threshold[level] = quantile(all, n, 1 - pow(0.5, level + 1));
    rf_mem_free(all);
}
