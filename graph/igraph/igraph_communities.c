/* igraph_communities.c - Leiden communities: see rf_communities.h. */
#include "igraph_int.h"
#include "rf_communities.h"
#include "rf_mem.h"

#define ROUNDS 10       /* of moving, refining and joining; most graphs settle in three */
#define RANDOMNESS 0.01 /* of refining, as its authors chose */

static rf_status check(igraph_error_t code, rf_err *err)
{
    return rf_igraph_check(code, "finding communities", "fewer or more suspicious edges need less", err);
}

typedef struct vectors {
    igraph_vector_t weight, strength;
    igraph_vector_int_t member;
} vectors;

static rf_status vectors_init(vectors *v, int64_t n, int64_t n_links, rf_err *err)
{
    rf_status st = check(igraph_vector_init(&v->weight, n_links), err);
    if (st < 0)
        return st;
    st = check(igraph_vector_init(&v->strength, n), err);
    if (st < 0) {
        igraph_vector_destroy(&v->weight);
        return st;
    }
    st = check(igraph_vector_int_init(&v->member, n), err);
    if (st < 0) {
        igraph_vector_destroy(&v->strength);
        igraph_vector_destroy(&v->weight);
    }
    return st;
}

static void vectors_destroy(vectors *v)
{
    igraph_vector_int_destroy(&v->member);
    igraph_vector_destroy(&v->strength);
    igraph_vector_destroy(&v->weight);
}

/* Communities are numbered in the order of their lowest nodes: igraph's own numbers mean nothing. */
static rf_status number(int32_t *member, int64_t *n_found, const igraph_vector_int_t *found, int64_t n,
                        rf_err *err)
{
    rf_status st = RF_OK;
    int32_t *name = NULL, names = 0;
    RF_NEW(name, n, err);
    for (int64_t i = 0; i < n; i++)
        name[i] = -1;
    for (int64_t i = 0; i < n; i++) {
        igraph_integer_t of = VECTOR(*found)[i];
        if (name[of] < 0)
            name[of] = names++;
        member[i] = name[of];
    }
    *n_found = names;
done:
    rf_mem_free(name);
    return st;
}

static rf_status leiden(vectors *v, double *modularity, const igraph_t *graph, double sum, double resolution,
                        uint64_t seed, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_integer_t n_found;
    igraph_real_t quality;
    /* igraph_rng_default is one for the whole process: what ran before must not matter */
    RF_TRY(check(igraph_rng_seed(igraph_rng_default(), (igraph_uint_t)seed), err));
    RF_TRY(check(igraph_community_leiden(graph, &v->weight, &v->strength, resolution / (2 * sum), RANDOMNESS,
                                         false, ROUNDS, &v->member, &n_found, &quality),
                 err));
    if (modularity != NULL)
        RF_TRY(
            check(igraph_modularity(graph, &v->member, &v->weight, 1, IGRAPH_UNDIRECTED, modularity), err));
done:
    return st;
}

rf_status rf_communities(int32_t *member, int64_t *n_found, double *modularity, int64_t n,
                         const uint32_t *from, const uint32_t *to, const double *weight, int64_t n_links,
                         double resolution, uint64_t seed, rf_err *err)
{
    rf_status st = RF_OK;
    igraph_error_handler_t *before = igraph_set_error_handler(igraph_error_handler_ignore);
    igraph_t graph;
    vectors v;
    double sum = 0;

    st = rf_igraph_links(&graph, n, from, to, n_links, "finding communities", err);
    if (st >= 0) {
        st = vectors_init(&v, n, n_links, err);
        if (st >= 0) {
            for (int64_t i = 0; i < n_links; i++) {
                VECTOR(v.weight)[i] = weight[i];
                VECTOR(v.strength)[from[i]] += weight[i];
                VECTOR(v.strength)[to[i]] += weight[i];
                sum += weight[i];
            }
            st = leiden(&v, modularity, &graph, sum, resolution, seed, err);
            if (st >= 0)
                st = number(member, n_found, &v.member, n, err);
            vectors_destroy(&v);
        }
        igraph_destroy(&graph);
    }
    igraph_set_error_handler(before);
    return st;
}
