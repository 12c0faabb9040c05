/* feature_oracle.c - brute force over a list of events; see feature_oracle.h. */
#include "feature_oracle_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LIST 4096

/* ---- lists of events ---- */

typedef struct list {
    const test_event *at[MAX_LIST];
    int n;
} list;

/* Events in [from, to) of a user and an entity, -1 for any. */
static void pick(list *out, const test_world *w, int user, int entity, int64_t from, int64_t to)
{
    out->n = 0;
    for (int i = 0; i < w->n; i++) {
        const test_event *e = &w->events[i];
        if ((user < 0 || e->user == user) && (entity < 0 || e->entity == entity) && e->time_us >= from &&
            e->time_us < to)
            out->at[out->n++] = e;
    }
}

static int compare_edges(const test_event *a, const test_event *b)
{
    char id_a[16], id_b[16];
    test_user_id(id_a, a->user), test_user_id(id_b, b->user);
    if (strcmp(id_a, id_b) != 0)
        return strcmp(id_a, id_b);
    test_entity_id(id_a, a->entity), test_entity_id(id_b, b->entity);
    if (strcmp(id_a, id_b) != 0)
        return strcmp(id_a, id_b);
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return a->number - b->number;
}

int *test_edges(const test_world *world, int *n)
{
    int *edges = calloc((size_t)world->n + 1, sizeof *edges);
    *n = 0;
    for (int i = 0; i < world->n; i++) {
        if (!in_window(world, &world->events[i]))
            continue;
        int at = (*n)++;
        for (; at > 0 && compare_edges(&world->events[i], &world->events[edges[at - 1]]) < 0; at--)
            edges[at] = edges[at - 1];
        edges[at] = i;
    }
    return edges;
}

/* ---- numbers ---- */

static double seconds(int64_t us)
{
    return (double)us / 1e6;
}

static int compare_i64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Last places in one. */
static double one_of(int a)
{
    return pow(10, rf_attr_places(&test_schema.attrs[a]));
}

/* Values of an attribute in units; their number. */
static int values_of(double *out, const list *s, int a)
{
    int n = 0;
    for (int i = 0; i < s->n; i++)
        if (s->at[i]->value[a] != RF_MISSING)
            out[n++] = (double)s->at[i]->value[a] / one_of(a);
    return n;
}

static double mean_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / n : NAN;
}

/* Quotients: 1 without data, ends at 1000. */
static double limited(double quotient)
{
    return isfinite(quotient) ? fmax(-1000, fmin(1000, quotient)) : 1;
}

static double std_of(const double *x, int n)
{
    double mean = mean_of(x, n), sum = 0;
    for (int i = 0; i < n; i++)
        sum += (x[i] - mean) * (x[i] - mean);
    return n > 1 ? sqrt(sum / n) : 0;
}

static double mean_attr(const list *s, int a)
{
    double x[MAX_LIST];
    return mean_of(x, values_of(x, s, a));
}

static double max_attr(const list *s, int a)
{
    double x[MAX_LIST], high = NAN;
    for (int i = values_of(x, s, a) - 1; i >= 0; i--)
        high = fmax(high, x[i]);
    return high;
}

/* The most frequent key, its count in *count; the number of distinct keys. */
static int count_keys(const int64_t *keys, int n, int *most)
{
    int64_t sorted[MAX_LIST];
    int distinct = 0, run = 0;
    memcpy(sorted, keys, (size_t)n * sizeof *keys);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_i64);
    *most = 0;
    for (int i = 0; i < n; i++) {
        run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
        distinct += run == 1;
        *most = run > *most ? run : *most;
    }
    return distinct;
}

static double entropy_of(const int64_t *keys, int n)
{
    double h = 0;
    for (int i = 0; i < n; i++) {
        int same = 0;
        for (int j = 0; j < n; j++)
            same += keys[j] == keys[i];
        h -= log((double)same / n) / n;
    }
    return h;
}

/* ---- time ---- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return (a - test_floor_mod(a, b)) / b;
}

static double burstiness(const test_world *w, const list *s)
{
    int64_t slots[MAX_LIST];
    double gaps[MAX_LIST];
    int n = 0;
    for (int i = 0; i < s->n; i++)
        slots[i] = floor_div(s->at[i]->time_us, w->slot_us);
    qsort(slots, (size_t)s->n, sizeof *slots, compare_i64);
    for (int i = 1; i < s->n; i++)
        if (slots[i] != slots[i - 1])
            gaps[n++] = (double)(slots[i] - slots[i - 1]);
    double mean = mean_of(gaps, n), std = std_of(gaps, n);
    return n < 2 ? 0 : (std - mean) / (std + mean);
}

static int64_t first_of(const list *s)
{
    int64_t first = INT64_MAX;
    for (int i = 0; i < s->n; i++)
        first = s->at[i]->time_us < first ? s->at[i]->time_us : first;
    return first;
}

static int64_t last_of(const list *s)
{
    int64_t last = INT64_MIN;
    for (int i = 0; i < s->n; i++)
        last = s->at[i]->time_us > last ? s->at[i]->time_us : last;
    return last;
}

static int since(const list *s, int64_t from)
{
    int n = 0;
    for (int i = 0; i < s->n; i++)
        n += s->at[i]->time_us >= from;
    return n;
}

static double rate(const test_world *w, const list *s, double shorter, double longer)
{
    double window = (double)(w->to_us - w->from_us) / RF_DAY_US;
    double n_short = since(s, w->to_us - (int64_t)(shorter * RF_DAY_US));
    double n_long = since(s, w->to_us - (int64_t)(longer * RF_DAY_US));
    return n_long == 0 ? NAN : n_short / fmin(shorter, window) / (n_long / fmin(longer, window));
}

typedef enum key_kind {
    KEY_HOUR_OF_DAY,
    KEY_WEEKDAY,
    KEY_DAY,
    KEY_CLOCK_HOUR,
    KEY_SLOT,
    KEY_USER,
    KEY_ENTITY
} key_kind;

static void keys_of(int64_t *keys, const test_world *w, const list *s, key_kind kind)
{
    for (int i = 0; i < s->n; i++) {
        const test_event *e = s->at[i];
        int64_t local = test_local_us(w, e->time_us), day = floor_div(local, RF_DAY_US);
        switch (kind) {
        case KEY_HOUR_OF_DAY:
            keys[i] = test_floor_mod(local, RF_DAY_US) / RF_HOUR_US;
            break;
        case KEY_WEEKDAY:
            keys[i] = test_floor_mod(day + 3, 7);
            break;
        case KEY_DAY:
            keys[i] = day;
            break;
        case KEY_CLOCK_HOUR: /* the moment at which the local clock last struck: not its name, which may come
                                twice */
            keys[i] = e->time_us - test_floor_mod(local, RF_HOUR_US);
            break;
        case KEY_SLOT:
            keys[i] = floor_div(e->time_us, w->slot_us);
            break;
        case KEY_USER:
            keys[i] = e->user;
            break;
        case KEY_ENTITY:
            keys[i] = e->entity;
            break;
        }
    }
}

static double share_between(const test_world *w, const list *s, key_kind kind, int64_t from, int64_t to)
{
    int64_t keys[MAX_LIST];
    int n = 0;
    keys_of(keys, w, s, kind);
    for (int i = 0; i < s->n; i++)
        n += keys[i] >= from && keys[i] < to;
    return (double)n / s->n;
}

static double time_feature(const test_world *w, const list *s, const char *name, bool *known)
{
    int64_t keys[MAX_LIST];
    int most;

    if (named(name, "recency_s", known))
        return seconds(w->to_us - last_of(s));
    if (named(name, "first_seen_s", known))
        return seconds(w->to_us - first_of(s));
    if (named(name, "span_s", known))
        return seconds(last_of(s) - first_of(s));
    if (named(name, "mean_gap_s", known))
        return s->n > 1 ? seconds(last_of(s) - first_of(s)) / (s->n - 1) : NAN;
    if (named(name, "burstiness", known))
        return burstiness(w, s);
    if (named(name, "events_1d", known))
        return since(s, w->to_us - RF_DAY_US);
    if (named(name, "events_7d", known))
        return since(s, w->to_us - 7 * RF_DAY_US);
    if (named(name, "events_30d", known))
        return since(s, w->to_us - 30 * RF_DAY_US);
    if (named(name, "rate_1d_7d", known))
        return rate(w, s, 1, 7);
    if (named(name, "rate_7d_30d", known))
        return rate(w, s, 7, 30);
    if (named(name, "night_share", known))
        return share_between(w, s, KEY_HOUR_OF_DAY, 0, 6);
    if (named(name, "weekend_share", known))
        return share_between(w, s, KEY_WEEKDAY, 5, 7);
    if (strncmp(name, "hours_", 6) == 0) {
        *known = true;
        return share_between(w, s, KEY_HOUR_OF_DAY, atoi(name + 6), atoi(name + 9));
    }
    static const struct {
        const char *name;
        key_kind kind;
        int share, distinct;
    } peaks[] = {{"max_hour_events", KEY_CLOCK_HOUR, 0, 0},
                 {"max_day_events", KEY_DAY, 0, 0},
                 {"active_days", KEY_DAY, 0, 1},
                 {"active_slots", KEY_SLOT, 0, 1},
                 {"peak_hour_share", KEY_HOUR_OF_DAY, 1, 0},
                 {"peak_weekday_share", KEY_WEEKDAY, 1, 0}};
    for (size_t i = 0; i < sizeof peaks / sizeof peaks[0]; i++) {
        if (named(name, peaks[i].name, known)) {
            keys_of(keys, w, s, peaks[i].kind);
            int distinct = count_keys(keys, s->n, &most);
            return peaks[i].distinct ? distinct : peaks[i].share ? (double)most / s->n : most;
        }
    }
    return NAN;
}

/* ---- attributes ---- */

/* Has the category a column of its own? Top 2 by events in the window, ties by bytes; "other" never. */
static bool is_top(const test_world *w, int64_t device)
{
    int count[5] = {0}, better = 0;
    for (int i = 0; i < w->n; i++)
        if (in_window(w, &w->events[i]) && w->events[i].value[TEST_DEVICE] != RF_MISSING)
            count[w->events[i].value[TEST_DEVICE]]++;
    if (strcmp(test_device(device), "other") == 0)
        return false;
    for (int k = 0; k < 5; k++)
        if (strcmp(test_device(k), "other") != 0 &&
            (count[k] > count[device] ||
             (count[k] == count[device] && strcmp(test_device(k), test_device(device)) < 0)))
            better++;
    return better < 2;
}

static int users_with(const test_world *w, int64_t device)
{
    int64_t users[MAX_LIST];
    int n = 0, most;
    for (int i = 0; i < w->n; i++)
        if (in_window(w, &w->events[i]) && w->events[i].value[TEST_DEVICE] == device)
            users[n++] = w->events[i].user;
    return count_keys(users, n, &most);
}

static double category_feature(const test_world *w, const list *s, const char *name, bool *known)
{
    int64_t keys[MAX_LIST];
    int n = 0, most, column = 0;
    double shared = 0;

    for (int i = 0; i < s->n; i++) {
        int64_t device = s->at[i]->value[TEST_DEVICE];
        if (device == RF_MISSING)
            continue;
        keys[n++] = device;
        shared += log(users_with(w, device));
        if (strncmp(name, "device=", 7) == 0)
            column += strcmp(name + 7, "other") == 0 ? !is_top(w, device)
                                                     : strcmp(name + 7, test_device(device)) == 0;
    }
    if (named(name, "device_distinct", known))
        return count_keys(keys, n, &most);
    if (named(name, "device_entropy", known))
        return entropy_of(keys, n);
    if (named(name, "device_shared", known))
        return n > 0 ? shared / n : NAN;
    if (strncmp(name, "device=", 7) == 0) {
        *known = true;
        return n > 0 ? (double)column / n : 0;
    }
    return NAN;
}

static double cyclic_feature(const list *s, int a, const char *suffix, bool *known)
{
    double period = a == TEST_HOUR ? (double)RF_DAY_US : 7.0 * (double)RF_DAY_US, sine = 0, cosine = 0;
    int n = 0;
    for (int i = 0; i < s->n; i++) {
        if (s->at[i]->value[a] == RF_MISSING)
            continue;
        double angle = 2 * acos(-1) * (double)s->at[i]->value[a] / period;
        sine += sin(angle), cosine += cos(angle), n++;
    }
    sine = n > 0 ? sine / n : 0;
    cosine = n > 0 ? cosine / n : 0;
    if (named(suffix, "_sin", known))
        return sine;
    if (named(suffix, "_cos", known))
        return cosine;
    if (named(suffix, "_concentration", known))
        return sqrt(sine * sine + cosine * cosine);
    return NAN;
}

static double latest_of(const list *s, int a)
{
    int64_t when = INT64_MIN, value = 0;
    for (int i = 0; i < s->n; i++) {
        const test_event *e = s->at[i];
        if (e->value[a] == RF_MISSING || e->time_us < when || (e->time_us == when && e->value[a] < value))
            continue;
        when = e->time_us;
        value = e->value[a];
    }
    return when == INT64_MIN ? NAN : (double)value / one_of(a);
}

static double number_feature(const list *s, int a, const char *suffix, bool *known)
{
    double x[MAX_LIST], low = NAN, high = NAN;
    int n = values_of(x, s, a);
    for (int i = 0; i < n; i++)
        low = fmin(low, x[i]), high = fmax(high, x[i]);
    if (named(suffix, "_mean", known) || named(suffix, "_share", known))
        return mean_of(x, n);
    if (named(suffix, "_std", known))
        return std_of(x, n);
    if (named(suffix, "_min", known))
        return low;
    if (named(suffix, "_max", known))
        return high;
    if (named(suffix, "_sum", known))
        return n > 0 ? mean_of(x, n) * n : 0;
    if (named(suffix, "_latest", known))
        return latest_of(s, a);
    if (named(suffix, "_max_ratio", known))
        return limited(high / mean_of(x, n));
    return NAN;
}

static int attr_of(const char *name)
{
    for (int a = 0; a < TEST_N_ATTRS; a++)
        if (strncmp(name, test_schema.attrs[a].name, strlen(test_schema.attrs[a].name)) == 0)
            return a;
    return -1;
}

static double attr_feature(const test_world *w, const list *s, const char *name, bool *known)
{
    int a = attr_of(name);
    if (a < 0)
        return NAN;
    const char *suffix = name + strlen(test_schema.attrs[a].name);
    if (named(suffix, "_missing_share", known)) {
        int missing = 0;
        for (int i = 0; i < s->n; i++)
            missing += s->at[i]->value[a] == RF_MISSING;
        return (double)missing / s->n;
    }
    if (a == TEST_DEVICE)
        return category_feature(w, s, name, known);
    return a < TEST_DEVICE ? number_feature(s, a, suffix, known) : cyclic_feature(s, a, suffix, known);
}

/* ---- partners ---- */

/* For partner k of the node: events with it and the first of them. */
static int with_partner(const test_world *w, int user, int entity, int k, int64_t *first)
{
    list s;
    pick(&s, w, user >= 0 ? user : k, user >= 0 ? k : entity, w->from_us, w->to_us);
    *first = first_of(&s);
    return s.n;
}

static double partner_feature(const test_world *w, const list *s, int user, int entity, const char *name,
                              bool *known)
{
    int64_t keys[MAX_LIST], first;
    int most, fresh = 0, repeat = 0;
    double squares = 0, degrees = 0, largest = 0;

    keys_of(keys, w, s, user >= 0 ? KEY_ENTITY : KEY_USER);
    int d = count_keys(keys, s->n, &most);
    for (int k = 0; k < MOST_NODES; k++) {
        int n = with_partner(w, user, entity, k, &first);
        if (n == 0)
            continue;
        double ln_degree = log(user >= 0 ? oracle_degree(w, -1, k) : oracle_degree(w, k, -1));
        fresh += first >= w->to_us - 7 * RF_DAY_US;
        repeat += n > 1;
        squares += (double)n * n / s->n / s->n;
        degrees += ln_degree;
        largest = fmax(largest, ln_degree);
    }
    const struct {
        const char *name;
        double value;
    } answers[] = {{"partners", d},
                   {"partner_entropy", entropy_of(keys, s->n)},
                   {"partner_evenness", d > 1 ? entropy_of(keys, s->n) / log(d) : 1},
                   {"partner_hhi", squares},
                   {"partner_top_share", (double)most / s->n},
                   {"partner_new_share", (double)fresh / d},
                   {"partner_repeat_share", (double)repeat / d},
                   {"partner_ln_degree_mean", degrees / d},
                   {"partner_ln_degree_max", largest}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        if (named(name, answers[i].name, known))
            return answers[i].value;
    return NAN;
}

/* ---- pairs and nodes ---- */

static double pair_feature(const test_world *w, const list *s, int user, int entity, const char *name,
                           bool *known)
{
    list of_user, of_entity;
    pick(&of_user, w, user, -1, w->from_us, w->to_us);
    pick(&of_entity, w, -1, entity, w->from_us, w->to_us);
    double paths = (oracle_degree(w, user, -1) - 1.0) * (oracle_degree(w, -1, entity) - 1.0);

    if (named(name, "share_of_user", known))
        return (double)s->n / of_user.n;
    if (named(name, "share_of_entity", known))
        return (double)s->n / of_entity.n;
    if (named(name, "butterflies", known))
        return oracle_butterflies(w, user, entity);
    if (named(name, "clustering", known))
        return paths > 0 ? oracle_butterflies(w, user, entity) / paths : 0;
    for (int a = TEST_AMOUNT; a <= TEST_TIP; a++) {
        const char *suffix = name + strlen(test_schema.attrs[a].name);
        bool mine = attr_of(name) == a;
        double mean = mean_attr(s, a), value = NAN;
        if (mine && named(suffix, "_ratio_user", known))
            value = mean / mean_attr(&of_user, a);
        else if (mine && named(suffix, "_max_ratio_user", known))
            value = max_attr(s, a) / mean_attr(&of_user, a);
        else if (mine && named(suffix, "_ratio_entity", known))
            value = mean / mean_attr(&of_entity, a);
        else
            continue;
        return limited(value);
    }
    return NAN;
}

/* ---- single events ---- */

static double own_feature(const test_world *w, const test_event *e, const char *name, bool *known)
{
    list one = {.at = {e}, .n = 1};
    double day =
        2 * acos(-1) * (double)test_floor_mod(test_local_us(w, e->time_us), RF_DAY_US) / (double)RF_DAY_US;
    int64_t monday = test_floor_mod(test_local_us(w, e->time_us) + 3 * RF_DAY_US, 7 * RF_DAY_US);
    double week = 2 * acos(-1) * (double)monday / (7.0 * (double)RF_DAY_US);

    if (named(name, "clock_sin", known))
        return sin(day);
    if (named(name, "clock_cos", known))
        return cos(day);
    if (named(name, "week_sin", known))
        return sin(week);
    if (named(name, "week_cos", known))
        return cos(week);
    if (named(name, "night", known))
        return share_between(w, &one, KEY_HOUR_OF_DAY, 0, 6);
    if (named(name, "weekend", known))
        return share_between(w, &one, KEY_WEEKDAY, 5, 7);
    int a = attr_of(name);
    if (a < 0)
        return NAN;
    const char *suffix = name + strlen(test_schema.attrs[a].name);
    if (named(suffix, "_missing", known))
        return e->value[a] == RF_MISSING;
    if (a < TEST_DEVICE && named(suffix, "", known))
        return mean_attr(&one, a);
    return a == TEST_DEVICE ? category_feature(w, &one, name, known) : cyclic_feature(&one, a, suffix, known);
}

/* Events strictly before e, no further back than the kept history. */
static void pick_before(list *out, const test_world *w, int user, int entity, const test_event *e,
                        int64_t span)
{
    int64_t kept = w->from_us - w->options.history_us;
    int64_t from = span == 0 || e->time_us - span < kept ? kept : e->time_us - span;
    pick(out, w, user, entity, from, e->time_us);
}

static double fresh_share(const test_world *w, const list *month)
{
    int fresh = 0;
    for (int i = 0; i < month->n; i++) {
        list earlier;
        pick_before(&earlier, w, month->at[i]->user, month->at[i]->entity, month->at[i], 0);
        fresh += earlier.n == 0;
    }
    return month->n > 0 ? (double)fresh / month->n : NAN;
}

static double past_attr(const list *span, const test_event *e, int a, const char *suffix, bool *known)
{
    double x[MAX_LIST], own = e->value[a] == RF_MISSING ? NAN : (double)e->value[a] / one_of(a);
    int n = values_of(x, span, a);
    double mean = mean_of(x, n), std = std_of(x, n);
    if (strncmp(suffix, "_mean_", 6) == 0) {
        *known = true;
        return mean;
    }
    if (a <= TEST_TIP && named(suffix, "_ratio", known))
        return limited(own / mean);
    if (a <= TEST_TIP && named(suffix, "_ratio_typical", known)) {
        double tamed = 0;
        for (int i = 0; i < n; i++)
            tamed += copysign(log(1 + fabs(x[i])), x[i]) / n;
        return limited(own / copysign(exp(fabs(tamed)) - 1, tamed));
    }
    if (a <= TEST_TIP && named(suffix, "_z", known))
        return isnan(own) || n < 2 ? 0
                                   : limited((own - mean) / fmax(std, fmax(fabs(mean) / 100, 1 / one_of(a))));
    return NAN;
}

static int64_t span_named(const char *name)
{
    const char *w = strrchr(name, '_');
    int n = w ? atoi(w + 1) : 0;
    return n == 0 ? 30 * RF_DAY_US : strchr(w, 'h') ? n * RF_HOUR_US : n * RF_DAY_US;
}

static double past_feature(const test_world *w, const test_event *e, const char *name, bool *known)
{
    bool of_user = strncmp(name, "user_", 5) == 0, of_pair = strncmp(name, "pair_", 5) == 0;
    list span, all;

    if (!of_user && !of_pair && strncmp(name, "entity_", 7) != 0)
        return NAN;
    int user = of_user || of_pair ? e->user : -1, entity = of_user ? -1 : e->entity;
    const char *rest = strchr(name, '_') + 1;
    pick_before(&span, w, user, entity, e, span_named(name));
    pick_before(&all, w, user, entity, e, 0);
    if (named(rest, "idle_s", known))
        return all.n > 0 ? seconds(e->time_us - last_of(&all)) : NAN;
    if (of_pair && named(rest, "new", known))
        return all.n == 0;
    if (of_pair && named(rest, "events_before", known))
        return all.n;
    if (named(rest, "new_partner_share", known))
        return fresh_share(w, &span);
    if (strncmp(rest, "events_", 7) == 0) {
        *known = true;
        return span.n;
    }
    int a = attr_of(rest);
    return a < 0 ? NAN : past_attr(&span, e, a, rest + strlen(test_schema.attrs[a].name), known);
}

double test_oracle(const test_world *world, test_subject subject, int user, int entity, int event,
                   const char *name, bool *known)
{
    list s;
    double value;
    *known = false;
    if (subject == TEST_EVENT) {
        value = own_feature(world, &world->events[event], name, known);
        return *known ? value : past_feature(world, &world->events[event], name, known);
    }
    pick(&s, world, user, entity, world->from_us, world->to_us);
    if (named(name, "events", known))
        return s.n;
    value = time_feature(world, &s, name, known);
    if (!*known)
        value = attr_feature(world, &s, name, known);
    if (!*known && subject == TEST_PAIR)
        value = pair_feature(world, &s, user, entity, name, known);
    if (!*known && subject != TEST_PAIR)
        value = partner_feature(world, &s, user, entity, name, known);
    if (!*known && subject != TEST_PAIR)
        value = oracle_place_feature(world, user, entity, name, known);
    return value;
}
