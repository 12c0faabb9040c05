/* cluster_registry.c - recognises clusters from run to run by their members, and finds how they changed.
 *
 * Members are compared by their ids, because rows change. A cluster takes over the id of an earlier one of
 * its method if they share enough: 30 in a hundred of all members of both, or half of the smaller one's (what
 * is left of a ring after a cut is still that ring, and a ring that has doubled is, too), two members at
 * least. Pairs are joined greedily, most shared members first, so that of a split the largest part keeps the
 * id, and of a merger the largest contributor gives it. A cluster that was gone for a while gets its id back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry_int.h"
#include "rf_fingerprint.h"
#include "rf_idmap.h"
#include "rf_mem.h"

#define LEAST_SHARED 2
#define LEAST_JACCARD 0.3
#define LEAST_OF_SMALLER 0.5

typedef struct kinship { /* members that an earlier cluster and one of now share */
    int64_t before, now, shared;
    double jaccard;
} kinship;

/* Which earlier clusters have a member: dense blocks may share some. */
typedef struct membership {
    rf_idmap *members; /* "u" or "v", and the id */
    int64_t *ptr;      /* [members + 1] */
    int32_t *cluster;  /* earlier clusters of member m: [ptr[m], ptr[m + 1]) */
    char *key;         /* scratch */
    size_t cap;
} membership;

static rf_status key_of(membership *m, rf_side side, const char *id, size_t *len, rf_err *err)
{
    rf_status st = RF_OK;
    *len = strlen(id) + 1;
    RF_TRY(rf_mem_reserve((void **)&m->key, &m->cap, *len + 1, 1, err));
    m->key[0] = rf_side_letter(side);
    memcpy(m->key + 1, id, *len);
done:
    return st;
}

/* ---- who was where ---- */

/* The k-th member of a generation, users first. */
static const char *member_at(const rf_generation *g, int64_t k, rf_side *side)
{
    int64_t n_users = g->ptr[RF_USER][g->n];
    *side = k < n_users ? RF_USER : RF_ENTITY;
    return k < n_users ? g->member[RF_USER][k] : g->member[RF_ENTITY][k - n_users];
}

static rf_status number_members(membership *m, uint32_t *number, const rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t all = g->ptr[RF_USER][g->n] + g->ptr[RF_ENTITY][g->n];
    for (int64_t k = 0; k < all; k++) {
        rf_side side;
        size_t len;
        const char *id = member_at(g, k, &side);
        RF_TRY(key_of(m, side, id, &len, err));
        RF_TRY(rf_idmap_intern(m->members, m->key, len, &number[k], NULL, err));
    }
done:
    return st;
}

static void list_clusters(membership *m, const uint32_t *number, const rf_generation *g)
{
    int64_t n_users = g->ptr[RF_USER][g->n], all = n_users + g->ptr[RF_ENTITY][g->n];
    uint32_t n = rf_idmap_count(m->members);
    for (int64_t k = 0; k < all; k++)
        m->ptr[number[k] + 1]++;
    for (uint32_t i = 0; i < n; i++)
        m->ptr[i + 1] += m->ptr[i];
    for (int64_t c = g->n - 1; c >= 0; c--) { /* filled from the end, so that each list ascends */
        for (int64_t k = g->ptr[RF_USER][c]; k < g->ptr[RF_USER][c + 1]; k++)
            m->cluster[--m->ptr[number[k] + 1]] = (int32_t)c;
        for (int64_t k = g->ptr[RF_ENTITY][c]; k < g->ptr[RF_ENTITY][c + 1]; k++)
            m->cluster[--m->ptr[number[n_users + k] + 1]] = (int32_t)c;
    }
    for (uint32_t i = 0; i < n; i++) /* each ptr[i + 1] came down to where its list begins */
        m->ptr[i] = m->ptr[i + 1];
    m->ptr[n] = all;
}

static rf_status membership_init(membership *m, const rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t all = g->ptr[RF_USER][g->n] + g->ptr[RF_ENTITY][g->n];
    uint32_t *number = rf_mem_new((size_t)all, sizeof *number, err);
    *m = (membership){0};
    if (number == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_idmap_new(&m->members, err));
    RF_TRY(number_members(m, number, g, err));
    m->ptr = rf_mem_zero((size_t)rf_idmap_count(m->members) + 1, sizeof *m->ptr, err);
    m->cluster = rf_mem_new((size_t)all, sizeof *m->cluster, err);
    if (m->ptr == NULL || m->cluster == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    list_clusters(m, number, g);
done:
    rf_mem_free(number);
    return st;
}

static void membership_clear(membership *m)
{
    rf_idmap_free(m->members);
    rf_mem_free(m->ptr);
    rf_mem_free(m->cluster);
    rf_mem_free(m->key);
}

/* ---- kin ---- */

typedef struct kin {
    kinship *at;
    size_t cap;
    int64_t n;
    int64_t *shared; /* [earlier clusters] with the one of now that is looked at */
} kin;

static rf_status count_shared(kin *k, membership *m, rf_side side, const char *id, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len;
    RF_TRY(key_of(m, side, id, &len, err));
    uint32_t member = rf_idmap_find(m->members, m->key, len);
    if (member == RF_NO_ID)
        goto done;
    for (int64_t i = m->ptr[member]; i < m->ptr[member + 1]; i++)
        k->shared[m->cluster[i]]++;
done:
    return st;
}

static bool near_enough(const kinship *pair, int64_t before, int64_t now)
{
    int64_t smaller = before < now ? before : now;
    return pair->shared >= LEAST_SHARED &&
           (pair->jaccard >= LEAST_JACCARD || (double)pair->shared >= LEAST_OF_SMALLER * (double)smaller);
}

/* The kin of one cluster of now. */
static rf_status find_kin(kin *k, membership *m, const rf_clusters *clusters, int64_t now,
                          const rf_graph *graph, const rf_generation *before, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_cluster *c = &clusters->at[now];
    int64_t n = c->n[RF_USER] + c->n[RF_ENTITY];
    memset(k->shared, 0, (size_t)before->n * sizeof *k->shared);
    for (int64_t i = 0; i < c->n[RF_USER]; i++)
        RF_TRY(count_shared(
            k, m, RF_USER,
            rf_texts_get(&graph->side[RF_USER].id, clusters->rows[RF_USER][c->from[RF_USER] + i]), err));
    for (int64_t i = 0; i < c->n[RF_ENTITY]; i++)
        RF_TRY(count_shared(
            k, m, RF_ENTITY,
            rf_texts_get(&graph->side[RF_ENTITY].id, clusters->rows[RF_ENTITY][c->from[RF_ENTITY] + i]),
            err));
    for (int64_t b = 0; b < before->n; b++) {
        int64_t of_b = rf_generation_members(before, b);
        kinship pair = {b, now, k->shared[b], 0};
        if (pair.shared == 0 || before->method[b] != c->method)
            continue;
        pair.jaccard = (double)pair.shared / (double)(n + of_b - pair.shared);
        if (!near_enough(&pair, of_b, n))
            continue;
        RF_TRY(rf_mem_reserve((void **)&k->at, &k->cap, (size_t)k->n + 1, sizeof *k->at, err));
        k->at[k->n++] = pair;
    }
done:
    return st;
}

static int nearest_first(const void *a, const void *b)
{
    const kinship *x = a, *y = b;
    if (x->shared != y->shared)
        return x->shared > y->shared ? -1 : 1;
    if (x->jaccard != y->jaccard)
        return x->jaccard > y->jaccard ? -1 : 1;
    if (x->before != y->before)
        return x->before < y->before ? -1 : 1;
    return (x->now > y->now) - (x->now < y->now);
}

/* ---- what became of whom ---- */

static void inherit(rf_cluster *c, const rf_generation *before, const kinship *pair)
{
    int64_t n = c->n[RF_USER] + c->n[RF_ENTITY], was = rf_generation_members(before, pair->before);
    snprintf(c->id, sizeof c->id, "%s", before->id[pair->before]);
    if (before->missed[pair->before] > 0) {
        c->change = RF_CLUSTER_NEW; /* it was not there the last time, but it is known */
        return;
    }
    c->previous_members = was;
    c->joined = n - pair->shared;
    c->left = was - pair->shared;
    if (c->joined == 0 && c->left == 0)
        c->change = RF_CLUSTER_SAME;
    else if (n == was)
        c->change = RF_CLUSTER_CHANGED;
    else
        c->change = n > was ? RF_CLUSTER_GROWN : RF_CLUSTER_SHRUNK;
}

/* A hash of the members; `again` tells apart those that would be equal. */
static rf_status hash_of(char id[20], const rf_clusters *clusters, const rf_cluster *c, const rf_graph *graph,
                         int again, rf_err *err)
{
    char hash[33], turn[16];
    int64_t n = 0;
    const char **texts = rf_mem_new((size_t)(c->n[RF_USER] + c->n[RF_ENTITY]) + 3, sizeof *texts, err);
    if (texts == NULL)
        return RF_E_NOMEM;
    snprintf(turn, sizeof turn, "%d", again);
    texts[n++] = turn;
    texts[n++] = rf_cluster_method_name(c->method);
    for (int64_t i = 0; i < c->n[RF_USER]; i++)
        texts[n++] = rf_texts_get(&graph->side[RF_USER].id, clusters->rows[RF_USER][c->from[RF_USER] + i]);
    texts[n++] = NULL; /* between users and entities */
    for (int64_t i = 0; i < c->n[RF_ENTITY]; i++)
        texts[n++] =
            rf_texts_get(&graph->side[RF_ENTITY].id, clusters->rows[RF_ENTITY][c->from[RF_ENTITY] + i]);
    rf_fingerprint_texts(hash, texts, (int)n);
    snprintf(id, 20, "c-%.16s", hash);
    rf_mem_free(texts);
    return RF_OK;
}

static rf_status take_id(rf_idmap *taken, const char *id, int *is_new, rf_err *err)
{
    uint32_t number;
    return rf_idmap_intern(taken, id, strlen(id), &number, is_new, err);
}

/* New ones get an id that nobody has, nor had when last seen. */
static rf_status name_new(rf_clusters *clusters, const uint8_t *known, const rf_generation *before,
                          const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *taken = NULL;
    int is_new;
    RF_TRY(rf_idmap_new(&taken, err));
    for (int64_t b = 0; b < before->n; b++)
        RF_TRY(take_id(taken, before->id[b], &is_new, err));
    for (int64_t i = 0; i < clusters->n; i++) {
        if (known[i])
            continue;
        is_new = 0;
        for (int again = 0; !is_new; again++) {
            RF_TRY(hash_of(clusters->at[i].id, clusters, &clusters->at[i], graph, again, err));
            RF_TRY(take_id(taken, clusters->at[i].id, &is_new, err));
        }
    }
done:
    rf_idmap_free(taken);
    return st;
}

/* Those of the last run that nobody is heir to, at the end. */
static rf_status list_gone(rf_clusters *clusters, const uint8_t *inherited, const rf_generation *before,
                           rf_err *err)
{
    size_t cap = (size_t)clusters->n;
    rf_status st = RF_OK;
    for (int64_t b = 0; b < before->n; b++) {
        if (inherited[b] || before->missed[b] > 0)
            continue;
        RF_TRY(
            rf_mem_reserve((void **)&clusters->at, &cap, (size_t)clusters->n + 1, sizeof *clusters->at, err));
        int64_t was = rf_generation_members(before, b);
        rf_cluster gone = {.method = before->method[b],
                           .change = RF_CLUSTER_GONE,
                           .from[RF_USER] = clusters->n_rows[RF_USER],
                           .from[RF_ENTITY] = clusters->n_rows[RF_ENTITY],
                           .previous_members = was,
                           .left = was};
        snprintf(gone.id, sizeof gone.id, "%s", before->id[b]);
        clusters->at[clusters->n++] = gone;
    }
done:
    return st;
}

static rf_status join(rf_clusters *clusters, const rf_graph *graph, const rf_generation *before, rf_err *err)
{
    rf_status st = RF_OK;
    membership m = {0};
    kin k = {0};
    uint8_t *inherited = rf_mem_zero((size_t)before->n, 1, err);
    uint8_t *known = rf_mem_zero((size_t)clusters->n, 1, err);
    k.shared = rf_mem_zero((size_t)before->n, sizeof *k.shared, err);
    if (inherited == NULL || known == NULL || k.shared == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(membership_init(&m, before, err));
    for (int64_t i = 0; i < clusters->n; i++)
        RF_TRY(find_kin(&k, &m, clusters, i, graph, before, err));
    if (k.n > 0)
        qsort(k.at, (size_t)k.n, sizeof *k.at, nearest_first);
    for (int64_t i = 0; i < k.n; i++) {
        const kinship *pair = &k.at[i];
        if (inherited[pair->before] || known[pair->now])
            continue;
        inherited[pair->before] = known[pair->now] = 1;
        inherit(&clusters->at[pair->now], before, pair);
    }
    RF_TRY(name_new(clusters, known, before, graph, err));
    RF_TRY(list_gone(clusters, inherited, before, err));
done:
    membership_clear(&m);
    rf_mem_free(k.at);
    rf_mem_free(k.shared);
    rf_mem_free(inherited);
    rf_mem_free(known);
    return st;
}

/* ---- the public two ---- */

static rf_status check_ids(const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (graph->side[RF_USER].id.n != graph->side[RF_USER].n ||
        graph->side[RF_ENTITY].id.n != graph->side[RF_ENTITY].n)
        RF_FAIL(
            err, RF_E_INVALID,
            "the graph has no ids of its users or entities: clusters cannot be recognised from run to run");
done:
    return st;
}

/* What was known before this run; done again, it is compared with what it was compared with then. */
static const rf_generation *last_run(const rf_generation *previous, const rf_generation *current,
                                     const char *run_id)
{
    return strcmp(current->run_id, run_id) == 0 ? previous : current;
}

static void forget_changes(rf_clusters *clusters)
{
    while (clusters->n > 0 && clusters->at[clusters->n - 1].change == RF_CLUSTER_GONE)
        clusters->n--;
    for (int64_t i = 0; i < clusters->n; i++) {
        rf_cluster *c = &clusters->at[i];
        c->change = RF_CLUSTER_NEW;
        c->previous_members = c->joined = c->left = 0;
    }
}

rf_status rf_clusters_recognise(rf_clusters *clusters, const rf_graph *graph, const char *registry_path,
                                rf_err *err)
{
    rf_status st = RF_OK;
    rf_generation previous = {0}, current = {0};
    RF_TRY(check_ids(graph, err));
    RF_TRY(rf_registry_load(&previous, &current, registry_path, err));
    const rf_generation *before = last_run(&previous, &current, clusters->run_id);
    forget_changes(clusters);
    RF_TRY(join(clusters, graph, before, err));
    memcpy(clusters->previous_run_id, before->run_id, sizeof clusters->previous_run_id);
done:
    rf_generation_clear(&previous);
    rf_generation_clear(&current);
    return st;
}

/* ---- remembering ---- */

static void copy_now(rf_generation *g, const rf_clusters *clusters, const rf_cluster *c,
                     const rf_graph *graph)
{
    int64_t i = g->n++;
    g->id[i] = c->id;
    g->method[i] = c->method;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        int64_t at = g->ptr[side][i];
        for (int64_t k = 0; k < c->n[side]; k++)
            g->member[side][at++] =
                rf_texts_get(&graph->side[side].id, clusters->rows[side][c->from[side] + k]);
        g->ptr[side][i + 1] = at;
    }
}

static void copy_before(rf_generation *g, const rf_generation *before, int64_t b)
{
    int64_t i = g->n++;
    g->id[i] = before->id[b];
    g->method[i] = before->method[b];
    g->missed[i] = before->missed[b] + 1;
    for (rf_side side = RF_USER; side <= RF_ENTITY; side++) {
        int64_t at = g->ptr[side][i];
        for (int64_t k = before->ptr[side][b]; k < before->ptr[side][b + 1]; k++)
            g->member[side][at++] = before->member[side][k];
        g->ptr[side][i + 1] = at;
    }
}

/* This run's clusters, and earlier ones that are not among them. */
static rf_status remember(rf_generation *out, const rf_clusters *clusters, const rf_graph *graph,
                          const rf_generation *before, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *here = NULL;
    int is_new;
    RF_TRY(rf_idmap_new(&here, err));
    RF_TRY(rf_generation_init(out, clusters->n + before->n,
                              clusters->n_rows[RF_USER] + before->ptr[RF_USER][before->n],
                              clusters->n_rows[RF_ENTITY] + before->ptr[RF_ENTITY][before->n], err));
    memcpy(out->run_id, clusters->run_id, sizeof out->run_id);
    out->n = 0;
    for (int64_t i = 0; i < clusters->n; i++) {
        if (clusters->at[i].change == RF_CLUSTER_GONE)
            continue;
        RF_TRY(take_id(here, clusters->at[i].id, &is_new, err));
        copy_now(out, clusters, &clusters->at[i], graph);
    }
    for (int64_t b = 0; b < before->n; b++) {
        bool is_here = rf_idmap_find(here, before->id[b], strlen(before->id[b])) != RF_NO_ID;
        if (!is_here && before->missed[b] < RF_REGISTRY_KEEP)
            copy_before(out, before, b);
    }
done:
    rf_idmap_free(here);
    return st;
}

rf_status rf_clusters_register(const rf_clusters *clusters, const rf_graph *graph, const char *registry_path,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_generation previous = {0}, current = {0}, now = {0};
    RF_TRY(check_ids(graph, err));
    RF_TRY(rf_registry_load(&previous, &current, registry_path, err));
    const rf_generation *before = last_run(&previous, &current, clusters->run_id);
    RF_TRY(remember(&now, clusters, graph, before, err));
    RF_TRY(rf_registry_save(before, &now, registry_path, err));
done:
    rf_generation_clear(&previous);
    rf_generation_clear(&current);
    rf_generation_clear(&now);
    return st;
}
