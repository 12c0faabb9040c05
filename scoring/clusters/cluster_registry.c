/* cluster_registry.c - recognises clusters from run to run by their members, and finds how they changed.
 *
 * Members are compared by kind and id, because rows change. The main kind is the same under any name, others
 * are known by theirs. A cluster takes over the id of an earlier one of its method if they share enough: 30
 * in a hundred of all members of both, or half of the smaller one's (what is left of a ring after a cut is
 * still that ring, and a ring that has doubled is, too), two members at least. Pairs are joined greedily,
 * most shared members first, so that of a split the largest part keeps the id, and of a merger the largest
 * contributor gives it. A cluster that was gone for a while gets its id back.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry_int.h"
#include "rf_fingerprint.h"
#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_time.h"

#define LEAST_SHARED 2
#define LEAST_JACCARD 0.3
#define LEAST_OF_SMALLER 0.5

typedef struct kinship { /* members that an earlier cluster and one of now share */
    int64_t before, now, shared;
    double jaccard;
} kinship;

/* Which earlier clusters have a member: dense blocks may share some. */
typedef struct membership {
    rf_idmap *members; /* a byte for the side, and the id */
    int64_t *ptr;      /* [members + 1] */
    int32_t *cluster;  /* earlier clusters of member m: [ptr[m], ptr[m + 1]) */
    char *key;         /* scratch */
    size_t cap;
} membership;

static rf_status key_of(membership *m, rf_side side, const char *id, size_t *len, rf_err *err)
{
    rf_status st = RF_OK;
    *len = strlen(id) + 1;
    RF_RESERVE(m->key, m->cap, *len + 1, err);
    m->key[0] = (char)side;
    memcpy(m->key + 1, id, *len);
done:
    return st;
}

/* ---- who was where ---- */

/* The side of a graph of kinds `to` that has those of `side` in one of kinds `from`; RF_NO_SIDE: none has. */
static rf_side same_side(const rf_kinds *to, const rf_kinds *from, rf_side side)
{
    int kind = rf_side_kind(side);
    if (kind == 0)
        return side;
    kind = rf_kinds_find(to, from->name[kind]);
    return kind > 0 ? rf_entity_side(kind) : RF_NO_SIDE;
}

static bool has_members(rf_side side)
{
    return rf_side_role(side) != RF_EDGE;
}

static rf_status membership_init(membership *m, const rf_generation *g, rf_err *err)
{
    rf_status st = RF_OK;
    const int sides = rf_sides(&g->kinds);
    int64_t first[RF_SIDES_MOST], all = 0; /* of all members, the side's */
    uint32_t *number = NULL;
    *m = (membership){0};
    for (rf_side s = 0; s < sides; s++) {
        first[s] = all;
        all += has_members(s) ? g->ptr[s][g->n] : 0;
    }
    RF_NEW(number, all, err);
    RF_TRY(rf_idmap_new(&m->members, err));
    for (rf_side s = 0; s < sides; s++) {
        for (int64_t k = 0; has_members(s) && k < g->ptr[s][g->n]; k++) {
            size_t len;
            RF_TRY(key_of(m, s, g->member[s][k], &len, err));
            RF_TRY(rf_idmap_intern(m->members, m->key, len, &number[first[s] + k], NULL, err));
        }
    }
    uint32_t n = rf_idmap_count(m->members);
    RF_ZERO(m->ptr, (size_t)n + 1, err);
    RF_NEW(m->cluster, all, err);
    for (int64_t k = 0; k < all; k++)
        m->ptr[number[k] + 1]++;
    for (uint32_t i = 0; i < n; i++)
        m->ptr[i + 1] += m->ptr[i];
    for (int64_t c = g->n - 1; c >= 0; c--) { /* filled from the end, so that each list ascends */
        for (rf_side s = 0; s < sides; s++) {
            for (int64_t k = has_members(s) ? g->ptr[s][c] : 0; has_members(s) && k < g->ptr[s][c + 1]; k++)
                m->cluster[--m->ptr[number[first[s] + k] + 1]] = (int32_t)c;
        }
    }
    for (uint32_t i = 0; i < n; i++) /* each ptr[i + 1] came down to where its list begins */
        m->ptr[i] = m->ptr[i + 1];
    m->ptr[n] = all;
done:
    rf_mem_free(number);
    return st;
}

/* ---- kin ---- */

static const char *id_of(const rf_clusters *clusters, const rf_cluster *c, rf_side side, int64_t k,
                         const rf_graph *graph)
{
    return rf_texts_get(&graph->side[side].id, clusters->rows[side][c->from[side] + k]);
}

typedef struct kin {
    kinship *at;
    size_t cap;
    int64_t n;
    int64_t *shared; /* [earlier clusters] with the one of now that is looked at */
} kin;

/* The kin of one cluster of now. */
static rf_status find_kin(kin *k, membership *m, const rf_clusters *clusters, int64_t now,
                          const rf_graph *graph, const rf_generation *before, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_cluster *c = &clusters->at[now];
    int64_t n = rf_cluster_members(c);
    memset(k->shared, 0, (size_t)before->n * sizeof *k->shared);
    for (rf_side s = 0; s < rf_sides(&clusters->kinds); s++) {
        const rf_side then = same_side(&before->kinds, &clusters->kinds, s);
        for (int64_t i = 0; i < c->n[s] && then != RF_NO_SIDE; i++) {
            size_t len;
            RF_TRY(key_of(m, then, id_of(clusters, c, s, i, graph), &len, err));
            uint32_t member = rf_idmap_find(m->members, m->key, len);
            if (member == RF_NO_ID)
                continue;
            for (int64_t at = m->ptr[member]; at < m->ptr[member + 1]; at++)
                k->shared[m->cluster[at]]++;
        }
    }
    for (int64_t b = 0; b < before->n; b++) {
        int64_t was = rf_generation_members(before, b), smaller = was < n ? was : n;
        kinship pair = {b, now, k->shared[b], 0};
        if (pair.shared < LEAST_SHARED || before->method[b] != c->method)
            continue;
        pair.jaccard = (double)pair.shared / (double)(n + was - pair.shared);
        if (pair.jaccard < LEAST_JACCARD && (double)pair.shared < LEAST_OF_SMALLER * (double)smaller)
            continue;
        RF_RESERVE(k->at, k->cap, k->n + 1, err);
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
    int64_t n = rf_cluster_members(c), was = rf_generation_members(before, pair->before);
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

static rf_status take_id(rf_idmap *taken, const char *id, int *is_new, rf_err *err)
{
    uint32_t number;
    return rf_idmap_intern(taken, id, strlen(id), &number, is_new, err);
}

/* What a cluster is known by: its method, its users, and its entities of each kind. Of kinds but the main
 * one, the name comes before those that it has. texts has room. */
static int64_t describe(const char **texts, const rf_clusters *clusters, const rf_cluster *c,
                        const rf_graph *graph)
{
    int64_t n = 0;
    texts[n++] = rf_cluster_method_name(c->method);
    for (rf_side s = 0; s < rf_sides(&clusters->kinds); s++) {
        const int kind = rf_side_kind(s);
        if (s == RF_ENTITY || (kind > 0 && c->n[s] > 0))
            texts[n++] = NULL; /* between the sides */
        if (kind > 0 && c->n[s] > 0)
            texts[n++] = clusters->kinds.name[kind];
        for (int64_t k = 0; k < c->n[s]; k++)
            texts[n++] = id_of(clusters, c, s, k, graph);
    }
    return n;
}

/* New ones get an id that nobody has, nor had when last seen: a hash of the members, and of a number that
 * tells apart those that would be equal. */
static rf_status name_new(rf_clusters *clusters, const uint8_t *known, const rf_generation *before,
                          const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *taken = NULL;
    const char **texts = NULL;
    size_t cap = 0;
    int is_new;
    RF_TRY(rf_idmap_new(&taken, err));
    for (int64_t b = 0; b < before->n; b++)
        RF_TRY(take_id(taken, before->id[b], &is_new, err));
    for (int64_t i = 0; i < clusters->n; i++) {
        rf_cluster *c = &clusters->at[i];
        if (known[i])
            continue;
        RF_RESERVE(texts, cap, rf_cluster_members(c) + 2 + 2 * RF_SIDES_MOST, err);
        int64_t n = 1 + describe(texts + 1, clusters, c, graph);
        is_new = 0;
        for (int again = 0; !is_new; again++) {
            char hash[33], turn[16];
            snprintf(turn, sizeof turn, "%d", again);
            texts[0] = turn;
            rf_fingerprint_texts(hash, texts, (int)n);
            snprintf(c->id, sizeof c->id, "c-%.16s", hash);
            RF_TRY(take_id(taken, c->id, &is_new, err));
        }
    }
done:
    rf_mem_free(texts);
    rf_idmap_free(taken);
    return st;
}

static rf_status join(rf_clusters *clusters, const rf_graph *graph, const rf_generation *before, rf_err *err)
{
    rf_status st = RF_OK;
    membership m = {0};
    kin k = {0};
    uint8_t *inherited = NULL, *known = NULL;
    size_t cap = (size_t)clusters->n;
    RF_ZERO(inherited, before->n, err);
    RF_ZERO(known, clusters->n, err);
    RF_ZERO(k.shared, before->n, err);
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
    for (int64_t b = 0; b < before->n; b++) { /* those of the last run that nobody is heir to, at the end */
        if (inherited[b] || before->missed[b] > 0)
            continue;
        RF_RESERVE(clusters->at, cap, clusters->n + 1, err);
        int64_t was = rf_generation_members(before, b);
        rf_cluster *gone = &clusters->at[clusters->n++];
        *gone = (rf_cluster){
            .method = before->method[b], .change = RF_CLUSTER_GONE, .previous_members = was, .left = was};
        memcpy(gone->from, clusters->n_rows, sizeof gone->from);
        snprintf(gone->id, sizeof gone->id, "%s", before->id[b]);
    }
done:
    rf_idmap_free(m.members);
    rf_mem_free(m.ptr);
    rf_mem_free(m.cluster);
    rf_mem_free(m.key);
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
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        if (has_members(s) && graph->side[s].id.n != graph->side[s].n)
            RF_FAIL(err, RF_E_INVALID,
                    "the graph has no ids of its users or entities: clusters cannot be recognised from run "
                    "to run");
    }
done:
    return st;
}

/* What was known before this run; done again, it is compared with what it was compared with then. */
static const rf_generation *last_run(const rf_registry *known, const char *run_id)
{
    return strcmp(known->current.run_id, run_id) == 0 ? &known->previous : &known->current;
}

static bool is_too_old(const void *context, const rf_generation *g, int64_t c)
{
    return g->seen[c] < ((const rf_clusters *)context)->forget_before_us;
}

static void forget(rf_clusters *clusters, rf_registry *known)
{
    clusters->forgotten = 0;
    if (clusters->forget_before_us == 0)
        return;
    clusters->forgotten = rf_generation_filter(&known->previous, is_too_old, clusters);
    clusters->forgotten += rf_generation_filter(&known->current, is_too_old, clusters);
}

rf_status rf_clusters_recognise(rf_clusters *clusters, const rf_graph *graph, const char *registry_path,
                                rf_err *err)
{
    rf_status st = RF_OK;
    rf_registry *known = NULL;
    RF_TRY(check_ids(graph, err));
    RF_TRY(rf_registry_load(&known, registry_path, err));
    rf_registry_free(clusters->known);
    clusters->known = known;
    forget(clusters, known);
    const rf_generation *before = last_run(known, clusters->run_id);
    while (clusters->n > 0 && clusters->at[clusters->n - 1].change == RF_CLUSTER_GONE)
        clusters->n--;
    for (int64_t i = 0; i < clusters->n; i++) { /* forget what an earlier call found */
        rf_cluster *c = &clusters->at[i];
        c->change = RF_CLUSTER_NEW;
        c->previous_members = c->joined = c->left = 0;
    }
    RF_TRY(join(clusters, graph, before, err));
    memcpy(clusters->previous_run_id, before->run_id, sizeof clusters->previous_run_id);
done:
    return st;
}

/* ---- remembering ---- */

/* Members of this run's clusters, and of earlier ones: as many as there can be. */
static rf_status make_room(rf_generation *out, const rf_clusters *clusters, const rf_generation *before,
                           rf_err *err)
{
    int64_t n[RF_SIDES_MOST];
    for (rf_side s = 0; s < RF_SIDES_MOST; s++) {
        const rf_side then = has_members(s) && s < rf_sides(&clusters->kinds)
                                 ? same_side(&before->kinds, &clusters->kinds, s)
                                 : RF_NO_SIDE;
        n[s] = clusters->n_rows[s] + (then != RF_NO_SIDE ? before->ptr[then][before->n] : 0);
    }
    return rf_generation_init(out, &clusters->kinds, clusters->n + before->n, n, err);
}

/* The members of an earlier cluster that are of kinds that there are now. */
static void remember_members(rf_generation *out, int64_t at[RF_SIDES_MOST], const rf_generation *before,
                             int64_t b)
{
    for (rf_side s = 0; s < rf_sides(&out->kinds); s++) {
        const rf_side then = has_members(s) ? same_side(&before->kinds, &out->kinds, s) : RF_NO_SIDE;
        if (then == RF_NO_SIDE)
            continue;
        for (int64_t k = before->ptr[then][b]; k < before->ptr[then][b + 1]; k++)
            out->member[s][at[s]++] = before->member[then][k];
    }
}

/* Ends the list of cluster n - 1. */
static void end_lists(rf_generation *out, const int64_t at[RF_SIDES_MOST], int64_t n)
{
    for (rf_side s = 0; s < rf_sides(&out->kinds); s++) {
        if (has_members(s))
            out->ptr[s][n] = at[s];
    }
}

/* This run's clusters, and earlier ones that are not among them. */
static rf_status remember(rf_generation *out, const rf_clusters *clusters, const rf_graph *graph,
                          const rf_generation *before, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *here = NULL;
    int64_t n = 0, at[RF_SIDES_MOST] = {0}; /* members of each side */
    int64_t now_us = rf_time_now_us();
    int is_new;
    RF_TRY(rf_idmap_new(&here, err));
    RF_TRY(make_room(out, clusters, before, err));
    memcpy(out->run_id, clusters->run_id, sizeof out->run_id);
    for (int64_t i = 0; i < clusters->n; i++) {
        const rf_cluster *c = &clusters->at[i];
        if (c->change == RF_CLUSTER_GONE)
            continue;
        RF_TRY(take_id(here, c->id, &is_new, err));
        out->id[n] = c->id;
        out->seen[n] = now_us;
        out->method[n++] = c->method;
        for (rf_side s = 0; s < rf_sides(&clusters->kinds); s++) {
            for (int64_t k = 0; k < c->n[s]; k++)
                out->member[s][at[s]++] = id_of(clusters, c, s, k, graph);
        }
        end_lists(out, at, n);
    }
    for (int64_t b = 0; b < before->n; b++) {
        bool is_here = rf_idmap_find(here, before->id[b], strlen(before->id[b])) != RF_NO_ID;
        if (is_here || before->missed[b] >= RF_REGISTRY_KEEP)
            continue;
        out->id[n] = before->id[b];
        out->method[n] = before->method[b];
        out->seen[n] = before->seen[b];
        out->missed[n++] = before->missed[b] + 1;
        remember_members(out, at, before, b);
        end_lists(out, at, n);
    }
    out->n = n;
done:
    rf_idmap_free(here);
    return st;
}

rf_status rf_clusters_register(const rf_clusters *clusters, const rf_graph *graph, const char *registry_path,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_generation now = {0};
    assert(clusters->known != NULL);
    const rf_generation *before = last_run(clusters->known, clusters->run_id);
    RF_TRY(check_ids(graph, err));
    RF_TRY(remember(&now, clusters, graph, before, err));
    RF_TRY(rf_registry_save(before, &now, registry_path, err));
done:
    rf_generation_clear(&now);
    return st;
}
