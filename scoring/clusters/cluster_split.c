/* cluster_split.c - the suspicious part of the graph, cut into communities.
 *
 * First come the components, because nodes that no pair joins do not belong together. A component that has
 * communities (modularity 0.3 or more, Newman and Girvan's mark of real ones) or too many members is split by
 * them; one without stays whole. A community that still has too many members is split again, more finely.
 *
 * What holds its users together, as a farm's device, is one node with them when communities are sought: each
 * user also has a card, a line and shops of his own, which would pull him elsewhere.
 */
#include <stdlib.h>
#include <string.h>

#include "cluster_int.h"
#include "rf_communities.h"
#include "rf_mem.h"
#include "rf_sets.h"

#define REAL_COMMUNITIES 0.3
#define HOUSEHOLD 5 /* users who share a home, its address, its line: no ring yet */

/* `node` lists the nodes that have a link; each set of nodes under examination is one run of places in it. */
typedef struct splitting {
    const rf_suspects *suspects;
    const rf_whole *whole;
    const rf_scores *scores;
    const rf_cluster_options *options;
    int64_t n;           /* nodes with a link */
    uint32_t *node;      /* [n] */
    uint32_t *place;     /* [n_u + n_v] its place in node */
    int64_t *ptr;        /* [n_u + 1] links of user u: [ptr[u], ptr[u + 1]); links are sorted by user */
    int32_t *member;     /* [n] scratch: communities of a run */
    int32_t *of_bundle;  /* [n] scratch: those of its bundles */
    uint32_t *moved;     /* [n] scratch */
    uint32_t *bundle;    /* [n] scratch: places of a run, those that are held together in one set; then their
                            numbers */
    uint32_t *size;      /* [n] scratch: of the set that a place is the root of */
    uint32_t *from, *to; /* [n_links] scratch: links of a run, by place */
    double *weight;
    int32_t *of; /* [n_u + n_v] the group that a node got into, or -1 */
    int32_t n_groups;
} splitting;

typedef struct run { /* of places */
    int64_t from, to;
    double resolution;
} run;

/* ---- components ---- */

/* Nodes with a link, component by component (lowest nodes first); member gets the components. */
static rf_status components(splitting *s, int64_t *n_found, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_suspects *from = s->suspects;
    int64_t all = from->n_u + from->n_v;
    uint32_t *parent = NULL;
    int32_t *name = NULL, names = 0;
    RF_NEW(parent, all, err);
    RF_NEW(name, all, err);
    for (int64_t i = 0; i < all; i++) {
        parent[i] = (uint32_t)i;
        name[i] = -1;
    }
    for (int64_t i = 0; i < from->n_links; i++)
        rf_sets_join(parent, from->from[i], from->to[i]);
    for (int64_t i = 0; i < from->n_links; i++)
        name[from->from[i]] = name[from->to[i]] = -2;
    for (int64_t i = 0; i < all; i++) {
        if (name[i] == -1)
            continue;
        uint32_t top = rf_sets_root(parent, (uint32_t)i);
        if (name[top] < 0)
            name[top] = names++;
        s->node[s->n] = (uint32_t)i;
        s->member[s->n++] = name[top];
        name[i] = name[top];
    }
    *n_found = names;
done:
    rf_mem_free(parent);
    rf_mem_free(name);
    return st;
}

/* ---- runs ---- */

/* Sorts the run's nodes by member, steadily; ends[k] becomes the end of part k. */
static void sort_run(splitting *s, run r, int64_t *ends, int64_t n_parts)
{
    memset(ends, 0, (size_t)n_parts * sizeof *ends);
    for (int64_t i = r.from; i < r.to; i++)
        ends[s->member[i - r.from]]++;
    int64_t at = r.from;
    for (int64_t k = 0; k < n_parts; k++) {
        int64_t n = ends[k];
        ends[k] = at;
        at += n;
    }
    for (int64_t i = r.from; i < r.to; i++)
        s->moved[ends[s->member[i - r.from]]++] = s->node[i];
    for (int64_t i = r.from; i < r.to; i++) {
        s->node[i] = s->moved[i];
        s->place[s->node[i]] = (uint32_t)i;
    }
}

/* Links inside the run, as numbers from 0 on. */
static int64_t links_of(splitting *s, run r)
{
    const rf_suspects *from = s->suspects;
    int64_t n = 0;
    for (int64_t i = r.from; i < r.to; i++) {
        uint32_t u = s->node[i];
        if (u >= from->n_u)
            continue;
        for (int64_t k = s->ptr[u]; k < s->ptr[u + 1]; k++) {
            int64_t place = s->place[from->to[k]];
            if (place < r.from || place >= r.to)
                continue;
            s->from[n] = (uint32_t)(i - r.from);
            s->to[n] = (uint32_t)(place - r.from);
            s->weight[n++] = from->weight[k];
        }
    }
    return n;
}

/* Bundles the places of a run that an entity holds together, in the order of their links, as long as a bundle
 * has no more than max_members: a community can be as small as its largest bundle. Numbers the bundles and
 * returns how many there are. */
static uint32_t bundle(splitting *s, run r, int64_t n_links)
{
    const int64_t n = r.to - r.from;
    uint32_t n_bundles = 0;
    for (int64_t i = 0; i < n; i++) {
        s->bundle[i] = (uint32_t)i;
        s->size[i] = 1;
    }
    for (int64_t k = 0; k < n_links; k++) {
        if (!s->suspects->holds[s->node[r.from + s->to[k]] - s->suspects->n_u])
            continue;
        uint32_t a = rf_sets_root(s->bundle, s->from[k]), b = rf_sets_root(s->bundle, s->to[k]);
        uint32_t size = s->size[a] + s->size[b];
        if (a == b || size > s->options->max_members)
            continue;
        rf_sets_join(s->bundle, a, b);
        s->size[a < b ? a : b] = size;
    }
    /* a root comes before the rest of its set, and has its number by then */
    for (uint32_t i = 0; i < n; i++) {
        uint32_t root = rf_sets_root(s->bundle, i);
        s->size[i] = root == i ? n_bundles++ : s->size[root];
    }
    memcpy(s->bundle, s->size, (size_t)n * sizeof *s->bundle);
    return n_bundles;
}

/* The communities of a run: member of each of its places, how many, and what they are worth. */
static rf_status find_communities(splitting *s, run r, int64_t *n_parts, double *modularity, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n_links = links_of(s, r);
    const uint32_t n_bundles = bundle(s, r, n_links);
    for (int64_t k = 0; k < n_links; k++) {
        s->from[k] = s->bundle[s->from[k]];
        s->to[k] = s->bundle[s->to[k]];
    }
    RF_TRY(rf_communities(s->of_bundle, n_parts, modularity, n_bundles, s->from, s->to, s->weight, n_links,
                          r.resolution, s->options->seed, err));
    for (int64_t i = 0; i < r.to - r.from; i++)
        s->member[i] = s->of_bundle[s->bundle[i]];
done:
    return st;
}

/* Of several kinds of entity, a few users who have in common what is of one kind alone, and not of the main
 * one, are a family or a flat: odd as their meeting may be, sharing is no fraud. A tag says more. */
static bool is_household(const splitting *s, run r)
{
    int64_t users = 0;
    int of_kind = -1, kinds = 0;
    if (s->whole->n_kinds == 1)
        return false;
    for (int64_t i = r.from; i < r.to; i++) {
        int64_t entity = (int64_t)s->node[i] - s->whole->n_u;
        int kind = entity < 0 ? -1 : rf_whole_kind(s->whole, entity);
        if ((s->suspects->seed[s->node[i]] & RF_SUSPECT_TAGGED) != 0 || kind == 0)
            return false;
        users += kind < 0;
        kinds += kind > 0 && kind != of_kind;
        of_kind = kind > 0 ? kind : of_kind;
    }
    return users <= HOUSEHOLD && kinds == 1;
}

/* The run becomes a group, if somebody in it started it. */
static void keep(splitting *s, run r)
{
    bool seeded = false;
    for (int64_t i = r.from; i < r.to; i++)
        seeded |= s->suspects->seed[s->node[i]] != 0;
    if (!seeded || r.to - r.from < s->options->min_members || is_household(s, r))
        return;
    for (int64_t i = r.from; i < r.to; i++)
        s->of[s->node[i]] = s->n_groups;
    s->n_groups++;
}

/* Splits one run; what is still too large goes onto the stack. *whole: it stays as it is. */
static rf_status split(splitting *s, run r, run **stack, size_t *cap, int64_t *n_stack, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n_parts = 0, n = r.to - r.from, from = r.from;
    int64_t *ends = NULL;
    double modularity;
    bool fits = n <= s->options->max_members;
    if (n < s->options->min_members)
        goto done;
    RF_TRY(find_communities(s, r, &n_parts, &modularity, err));
    if (fits && (n_parts == 1 || modularity < REAL_COMMUNITIES)) {
        keep(s, r);
        goto done;
    }
    RF_NEW(ends, n_parts, err);
    sort_run(s, r, ends, n_parts);
    for (int64_t k = 0; k < n_parts; from = ends[k++]) {
        run part = {from, ends[k], r.resolution * 2};
        if (part.to - part.from <= s->options->max_members) {
            keep(s, part);
            continue;
        }
        RF_TRY(rf_mem_reserve((void **)stack, cap, (size_t)*n_stack + 1, sizeof **stack, err));
        (*stack)[(*n_stack)++] = part;
    }
done:
    rf_mem_free(ends);
    return st;
}

/* ---- hubs ---- */

typedef struct tie { /* of a hub to a group, by one user */
    uint32_t hub, user;
    int32_t group;
    double weight;
} tie;

static int by_hub_and_group(const void *a, const void *b)
{
    const tie *x = a, *y = b;
    if (x->hub != y->hub)
        return x->hub < y->hub ? -1 : 1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return (x->user > y->user) - (x->user < y->user);
}

/* A hub that is a seed joins the group with which it has most suspicious weight, if two users of it are tied
 * to it. */
static rf_status add_hubs(splitting *s, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_suspects *from = s->suspects;
    int64_t n = 0;
    tie *ties = NULL;
    RF_NEW(ties, from->n_hub_links, err);
    for (int64_t i = 0; i < from->n_hub_links; i++) {
        if (s->of[from->hub_user[i]] >= 0)
            ties[n++] =
                (tie){from->hub_entity[i], from->hub_user[i], s->of[from->hub_user[i]], from->hub_weight[i]};
    }
    qsort(ties, (size_t)n, sizeof *ties, by_hub_and_group);
    double best = 0;
    for (int64_t i = 0, end; i < n; i = end) {
        double sum = 0;
        for (end = i; end < n && ties[end].hub == ties[i].hub && ties[end].group == ties[i].group; end++)
            sum += ties[end].weight;
        if (i == 0 || ties[i - 1].hub != ties[i].hub)
            best = 0;
        if (end - i < 2 || sum <= best)
            continue;
        best = sum;
        s->of[ties[i].hub] = ties[i].group;
    }
done:
    rf_mem_free(ties);
    return st;
}

/* ---- groups ---- */

/* Hands the groups over, members in ascending order. */
static rf_status hand_over(splitting *s, rf_groups *groups, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t all = s->suspects->n_u + s->suspects->n_v;
    int64_t *at = NULL;
    uint32_t *node = NULL;
    RF_ZERO(at, s->n_groups + 1, err);
    RF_NEW(node, all, err);
    for (int64_t i = 0; i < all; i++)
        at[s->of[i] + 1]++;
    at[0] = 0; /* those in no group */
    for (int32_t k = 0; k < s->n_groups; k++)
        at[k + 1] += at[k];
    for (int64_t i = 0; i < all; i++) {
        if (s->of[i] >= 0)
            node[at[s->of[i]]++] = (uint32_t)i;
    }
    for (int32_t k = 0; k < s->n_groups; k++) { /* at[k] is the end of group k by now */
        int64_t from = k == 0 ? 0 : at[k - 1];
        double percentiles = 0;
        for (int64_t i = from; i < at[k]; i++) {
            uint32_t row;
            rf_side side = rf_whole_place(&row, s->whole, node[i]);
            percentiles += (double)s->scores->side[side].percentile[row];
        }
        RF_TRY(rf_groups_add(groups, node + from, at[k] - from, RF_CLUSTER_COMMUNITY,
                             percentiles / (double)(at[k] - from), err));
    }
done:
    rf_mem_free(at);
    rf_mem_free(node);
    return st;
}

/* ---- the whole ---- */

static rf_status splitting_init(splitting *s, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_suspects *from = s->suspects;
    int64_t all = from->n_u + from->n_v;
    RF_NEW(s->node, all, err);
    RF_NEW(s->place, all, err);
    RF_NEW(s->member, all, err);
    RF_NEW(s->of_bundle, all, err);
    RF_NEW(s->moved, all, err);
    RF_NEW(s->bundle, all, err);
    RF_NEW(s->size, all, err);
    RF_NEW(s->of, all, err);
    RF_ZERO(s->ptr, from->n_u + 1, err);
    RF_NEW(s->from, from->n_links, err);
    RF_NEW(s->to, from->n_links, err);
    RF_NEW(s->weight, from->n_links, err);
    for (int64_t i = 0; i < all; i++) {
        s->of[i] = -1;
        s->place[i] = UINT32_MAX;
    }
    for (int64_t i = 0; i < from->n_links; i++)
        s->ptr[from->from[i] + 1]++;
    for (int64_t u = 0; u < from->n_u; u++)
        s->ptr[u + 1] += s->ptr[u];
done:
    return st;
}

rf_status rf_suspects_split(rf_groups *groups, const rf_suspects *suspects, const rf_whole *whole,
                            const rf_scores *scores, const rf_cluster_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    splitting s = {.suspects = suspects, .whole = whole, .scores = scores, .options = options};
    run *stack = NULL;
    int64_t *ends = NULL;
    size_t cap = 0;
    int64_t n_components = 0, n_stack = 0;
    RF_TRY(splitting_init(&s, err));
    RF_TRY(components(&s, &n_components, err));
    RF_NEW(ends, n_components, err);
    sort_run(&s, (run){0, s.n, 0}, ends, n_components);
    for (int64_t k = 0; k < n_components; k++) {
        run r = {k == 0 ? 0 : ends[k - 1], ends[k], options->resolution};
        RF_TRY(split(&s, r, &stack, &cap, &n_stack, err));
        while (n_stack > 0)
            RF_TRY(split(&s, stack[--n_stack], &stack, &cap, &n_stack, err));
    }
    RF_TRY(add_hubs(&s, err));
    RF_TRY(hand_over(&s, groups, err));
done:
    rf_mem_free(ends);
    rf_mem_free(stack);
    rf_mem_free(s.node);
    rf_mem_free(s.place);
    rf_mem_free(s.member);
    rf_mem_free(s.of_bundle);
    rf_mem_free(s.moved);
    rf_mem_free(s.bundle);
    rf_mem_free(s.size);
    rf_mem_free(s.of);
    rf_mem_free(s.ptr);
    rf_mem_free(s.from);
    rf_mem_free(s.to);
    rf_mem_free(s.weight);
    return st;
}
