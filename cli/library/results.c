/* results.c - scores, tags, reasons and clusters of a run, read back for an embedding program. Rows are the
 * graph's.
 *
 * Ids of users and entities are sorted in the file, so that finding one is a binary search.
 */
#include "library_int.h"
#include "ringfence.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rf_clusters.h"
#include "rf_why.h"
#include "rf_mem.h"
#include "rf_tags.h"

struct ringfence_results {
    rf_graph *graph;
    rf_scores *scores;
    rf_tags *tags;         /* NULL: not tagged */
    rf_clusters *clusters; /* NULL: not clustered */
};

_Static_assert((int)RINGFENCE_USERS == RF_USER && (int)RINGFENCE_ENTITIES == RF_ENTITY &&
                   (int)RINGFENCE_EDGES == RF_EDGE,
               "the library's sides are the rooms'");

ringfence_status ringfence_results_open(ringfence_results **out, const char *graph_path,
                                        const char *scores_path, ringfence_error *error)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_h5 *file = NULL;
    ringfence_results *results = NULL;
    RF_ZERO(results, 1, err);
    RF_TRY(rf_graph_load(&results->graph, graph_path, RF_GRAPH_ALL | RF_GRAPH_ACTIVITY, err));
    RF_TRY(rf_h5_open(&file, scores_path, err));
    RF_TRY(rf_scores_read(&results->scores, file, results->graph, err));
    RF_TRY(rf_tags_read(&results->tags, file, results->scores, err));
    RF_TRY(rf_clusters_read(&results->clusters, file, results->scores, err));
    *out = results;
    results = NULL;
done:
    rf_h5_close(&file);
    ringfence_results_close(results);
    return rf_library_status(error, st, err);
}

void ringfence_results_close(ringfence_results *results)
{
    if (results == NULL)
        return;
    rf_clusters_free(results->clusters);
    rf_tags_free(results->tags);
    rf_scores_free(results->scores);
    rf_graph_free(results->graph);
    rf_mem_free(results);
}

const char *ringfence_results_run_id(const ringfence_results *results)
{
    return results->scores->run_id;
}

/* ---- rows ---- */

int64_t ringfence_rows(const ringfence_results *results, ringfence_side side)
{
    return results->graph->side[side].n;
}

const char *ringfence_id(const ringfence_results *results, ringfence_side side, int64_t row)
{
    const rf_texts *ids = &results->graph->side[side].id;
    assert(row >= 0 && row < results->graph->side[side].n);
    return ids->n > 0 ? rf_texts_get(ids, row) : "";
}

int64_t ringfence_find(const ringfence_results *results, ringfence_side side, const char *id)
{
    const rf_texts *ids = &results->graph->side[side].id;
    int64_t low = 0, high = side == RINGFENCE_EDGES ? 0 : ids->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int order = strcmp(rf_texts_get(ids, middle), id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

double ringfence_anomaly_score(const ringfence_results *results, ringfence_side side, int64_t row)
{
    assert(row >= 0 && row < results->graph->side[side].n);
    return (double)results->scores->side[side].score[row];
}

double ringfence_percentile(const ringfence_results *results, ringfence_side side, int64_t row)
{
    assert(row >= 0 && row < results->graph->side[side].n);
    return (double)results->scores->side[side].percentile[row];
}

/* rows[0 .. n) is a heap whose root is the least of them: lowest score, and of equal ones the highest row. */
static bool is_worse(const rf_real *score, int64_t a, int64_t b)
{
    return score[a] != score[b] ? score[a] > score[b] : a < b;
}

static void sift_down(int64_t *rows, int64_t n, int64_t at, const rf_real *score)
{
    for (int64_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && is_worse(score, rows[child], rows[child + 1]))
            child++;
        if (is_worse(score, rows[child], rows[at]))
            return;
        int64_t row = rows[at];
        rows[at] = rows[child];
        rows[child] = row;
        at = child;
    }
}

int64_t ringfence_worst(const ringfence_results *results, ringfence_side side, int64_t n, int64_t *rows)
{
    const rf_real *score = results->scores->side[side].score;
    int64_t all = results->graph->side[side].n;
    n = n < 0 ? 0 : n < all ? n : all;
    for (int64_t i = 0; i < n; i++)
        rows[i] = i;
    for (int64_t i = n / 2; i-- > 0;)
        sift_down(rows, n, i, score);
    for (int64_t i = n; n > 0 && i < all; i++) {
        if (is_worse(score, i, rows[0])) {
            rows[0] = i;
            sift_down(rows, n, 0, score);
        }
    }
    for (int64_t i = n; i-- > 1;) { /* the least goes to the end: the worst come first */
        int64_t least = rows[0];
        rows[0] = rows[i];
        rows[i] = least;
        sift_down(rows, i, 0, score);
    }
    return n;
}

size_t ringfence_why(const ringfence_results *results, ringfence_side side, int64_t row, char *out,
                     size_t size)
{
    rf_explanation why;
    rf_explain(&why, results->graph, results->scores, (rf_side)side, row);
    size_t len = strlen(why.sentence);
    if (size > 0) {
        size_t kept = len < size ? len : size - 1;
        memcpy(out, why.sentence, kept);
        out[kept] = '\0';
    }
    return len;
}

/* ---- the graph ---- */

void ringfence_edge_ends(const ringfence_results *results, int64_t edge, int64_t *user, int64_t *entity)
{
    assert(edge >= 0 && edge < results->graph->adj.n_e);
    *user = results->graph->adj.e_u[edge];
    *entity = results->graph->adj.e_v[edge];
}

int64_t ringfence_degree(const ringfence_results *results, ringfence_side side, int64_t row)
{
    const rf_adj *adj = &results->graph->adj;
    if (side == RINGFENCE_EDGES)
        return 0;
    const int64_t *ptr = side == RINGFENCE_USERS ? adj->u_ptr : adj->v_ptr;
    return ptr[row + 1] - ptr[row];
}

int64_t ringfence_edge_of(const ringfence_results *results, ringfence_side side, int64_t row, int64_t k)
{
    const rf_adj *adj = &results->graph->adj;
    assert(k >= 0 && k < ringfence_degree(results, side, row));
    return side == RINGFENCE_USERS ? adj->u_ptr[row] + k : adj->v_edge[adj->v_ptr[row] + k];
}

/* ---- tags ---- */

int64_t ringfence_tags(const ringfence_results *results, ringfence_side side, int64_t row)
{
    int64_t n;
    (void)rf_tags_of(&n, results->tags, (rf_side)side, row);
    return n;
}

const char *ringfence_tag_type(const ringfence_results *results, ringfence_side side, int64_t row, int64_t k,
                               double *confidence)
{
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, results->tags, (rf_side)side, row);
    assert(k >= 0 && k < n);
    *confidence = (double)tag[k].confidence;
    return rf_tag_type(results->tags, &tag[k]);
}

/* ---- clusters ---- */

int64_t ringfence_clusters(const ringfence_results *results)
{
    return results->clusters != NULL ? results->clusters->n : 0;
}

void ringfence_cluster_get(ringfence_cluster_info *out, const ringfence_results *results, int64_t cluster)
{
    const rf_clusters *clusters = results->clusters;
    assert(cluster >= 0 && cluster < ringfence_clusters(results));
    const rf_cluster *of = &clusters->at[cluster];
    *out = (ringfence_cluster_info){
        .users = of->n[RF_USER],
        .entities = of->n[RF_ENTITY],
        .density = of->density,
        .score_mass = of->score_mass,
        .mostly = of->n_tags > 0 ? rf_texts_get(&clusters->tag_types, of->tag_rule[0]) : NULL,
        .change = rf_cluster_change_name(of->change)};
    memcpy(out->id, of->id, sizeof out->id);
}

int64_t ringfence_cluster_member(const ringfence_results *results, int64_t cluster, ringfence_side side,
                                 int64_t i)
{
    const rf_clusters *clusters = results->clusters;
    const rf_cluster *of = &clusters->at[cluster];
    return side == RINGFENCE_USERS ? clusters->rows[RF_USER][of->from[RF_USER] + i]
                                   : clusters->rows[RF_ENTITY][of->from[RF_ENTITY] + i];
}

int64_t ringfence_cluster_of(const ringfence_results *results, ringfence_side side, int64_t row)
{
    if (results->clusters == NULL || side == RINGFENCE_EDGES)
        return -1;
    return side == RINGFENCE_USERS ? results->clusters->of[RF_USER][row]
                                   : results->clusters->of[RF_ENTITY][row];
}
