/* scores_file.c - scores.h5: what docs/FORMATS.md describes, written whole or not at all, and checked when
 * read.
 *
 * Tags and clusters, which other verbs add to the same file, are not read here and not copied: scoring again
 * starts a new file.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_h5.h"
#include "rf_mem.h"
#include "scoring_int.h"

#define FORMAT "ringfence-scores"
#define VERSION 1

#if RF_REAL_IS_DOUBLE
#define REAL_TYPE RF_H5_F64
#else
#define REAL_TYPE RF_H5_F32
#endif

static const char *const id_attributes[RF_SIDES] = {"graph_user_ids", "graph_entity_ids", "graph_event_ids"};

/* "/u/score" and the like. */
typedef struct path_text {
    char text[48];
} path_text;

static path_text path_of(char side, const char *name)
{
    path_text path;
    snprintf(path.text, sizeof path.text, "/%c/%s", side, name);
    return path;
}

static path_text path_of_part(char side, int part)
{
    path_text path;
    snprintf(path.text, sizeof path.text, "/%c/%s/%s", side, rf_part_table[part].in_total ? "part" : "voice",
             rf_part_table[part].name);
    return path;
}

/* ---- writing ---- */

static rf_status write_rows(rf_h5 *file, char side, const char *name, rf_h5_type type, int64_t n,
                            int64_t columns, const void *data, rf_err *err)
{
    int64_t dims[2] = {n, columns};
    return rf_h5_write(file, path_of(side, name).text, type, columns > 0 ? 2 : 1, dims, data, err);
}

static rf_status write_side(rf_h5 *file, char name, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = side->n, reasons = side->n_reasons;
    RF_TRY(write_rows(file, name, "x_error", REAL_TYPE, n, 0, side->x_error, err));
    if (side->ce != NULL)
        RF_TRY(write_rows(file, name, "ce", REAL_TYPE, n, 0, side->ce, err));
    RF_TRY(write_rows(file, name, "score", REAL_TYPE, n, 0, side->score, err));
    RF_TRY(write_rows(file, name, "percentile", RF_H5_F32, n, 0, side->percentile, err));
    RF_TRY(write_rows(file, name, "robust_z", RF_H5_F32, n, 0, side->robust_z, err));
    if (reasons > 0) {
        RF_TRY(write_rows(file, name, "reason_feature", RF_H5_U16, n, reasons, side->reason_feature, err));
        RF_TRY(write_rows(file, name, "reason_expected", RF_H5_F32, n, reasons, side->reason_expected, err));
        RF_TRY(write_rows(file, name, "reason_share", RF_H5_F32, n, reasons, side->reason_share, err));
    }
    if (side->z != NULL)
        RF_TRY(write_rows(file, name, "z", REAL_TYPE, n, side->latent, side->z, err));
    if (side->p_value != NULL) {
        path_text of = path_of(name, "p_value");
        RF_TRY(write_rows(file, name, "p_value", RF_H5_F32, n, 0, side->p_value, err));
        RF_TRY(write_rows(file, name, "fdr", RF_H5_F32, n, 0, side->fdr, err));
        RF_TRY(rf_h5_write_attr_double(file, of.text, "bulk_start", side->bulk.start, err));
        RF_TRY(rf_h5_write_attr_double(file, of.text, "bulk_share", side->bulk.share, err));
        RF_TRY(rf_h5_write_attr_double(file, of.text, "bulk_scale", side->bulk.scale, err));
    }
    for (int p = 0; p < RF_PARTS; p++) {
        if (side->part[p] != NULL)
            RF_TRY(rf_h5_write(file, path_of_part(name, p).text, RF_H5_F32, 1, &n, side->part[p], err));
    }
done:
    return st;
}

rf_status rf_scores_save(const rf_scores *scores, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    int64_t frozen = scores->frozen;

    RF_TRY(rf_h5_create_beside(&file, path, err));
    RF_TRY(rf_h5_write_format(file, FORMAT, VERSION, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "run_id", scores->run_id, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "method",
                                 scores->method == RF_METHOD_SURPRISE ? "surprise" : "graphbean", err));
    if (scores->calibration[0] != '\0')
        RF_TRY(rf_h5_write_attr_text(file, "/", "calibration", scores->calibration, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "agg", scores->agg == RF_AGG_MAX ? "max" : "mean", err));
    RF_TRY(rf_h5_write_attr_double(file, "/", "eta", scores->eta, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "frozen", &frozen, 1, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "model_id", scores->model_id, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "model_trained_at", &scores->model_trained_at_us, 1, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "graph_edges", scores->graph_edges, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "graph_features", scores->graph_features, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        if (scores->graph_ids[s][0] != '\0')
            RF_TRY(rf_h5_write_attr_text(file, "/", id_attributes[s], scores->graph_ids[s], err));
    }
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(write_side(file, rf_side_letter(s), &scores->side[s], err));
    RF_TRY(rf_h5_commit(file, err));
done:
    rf_h5_close(&file);
    return st;
}

/* ---- reading ---- */

/* Rows and columns of a dataset; columns is 1 for rank 1, and both are 0 where it is absent. */
static rf_status shape_of(rf_h5 *file, const char *name, int64_t *rows, int64_t *columns, rf_err *err)
{
    rf_status st = RF_OK;
    int rank = 0;
    int64_t dims[4] = {0, 0, 0, 0};
    *rows = *columns = 0;
    if (!rf_h5_exists(file, name))
        goto done;
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank < 1 || rank > 2)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has rank %d, expected 1 or 2", rf_h5_path(file), name, rank);
    *rows = dims[0];
    *columns = rank == 2 ? dims[1] : 1;
done:
    return st;
}

static rf_status columns_of(rf_h5 *file, char side, const char *name, int most, int *columns, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t rows, found;
    RF_TRY(shape_of(file, path_of(side, name).text, &rows, &found, err));
    if (found > most)
        RF_FAIL(err, RF_E_FORMAT, "%s: /%c/%s has %lld columns, more than the %d that this version reads",
                rf_h5_path(file), side, name, (long long)found, most);
    *columns = (int)found;
done:
    return st;
}

static rf_status read_rows(rf_h5 *file, char side, const char *name, rf_h5_type type, int64_t n,
                           int64_t columns, void *data, rf_err *err)
{
    int64_t dims[2] = {n, columns};
    return rf_h5_read(file, path_of(side, name).text, type, columns > 0 ? 2 : 1, dims, data, err);
}

static rf_status check_values(const rf_h5 *file, char name, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < side->n; i++) {
        if (!isfinite(side->score[i]) || !isfinite(side->x_error[i]) ||
            (side->ce != NULL && !isfinite(side->ce[i])))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /%c/score, x_error or ce is not finite at row %lld; run `ringfence score` again",
                    rf_h5_path(file), name, (long long)i);
        if (!(side->percentile[i] >= 0 && side->percentile[i] <= 1))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /%c/percentile is %g at row %lld, outside [0, 1]; run `ringfence score` again",
                    rf_h5_path(file), name, (double)side->percentile[i], (long long)i);
    }
    for (int p = 0; p < RF_PARTS; p++) {
        for (int64_t i = 0; side->part[p] != NULL && i < side->n; i++) {
            if (!isfinite(side->part[p][i]))
                RF_FAIL(err, RF_E_FORMAT, "%s: %s is not finite at row %lld; run `ringfence score` again",
                        rf_h5_path(file), path_of_part(name, p).text, (long long)i);
        }
    }
    for (int64_t i = 0; i < side->n * side->n_reasons; i++) {
        if (!(side->reason_share[i] >= 0 && side->reason_share[i] <= 1))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /%c/reason_share is %g at row %lld, outside [0, 1]; run `ringfence score` again",
                    rf_h5_path(file), name, (double)side->reason_share[i], (long long)(i / side->n_reasons));
    }
done:
    return st;
}

static rf_status read_bulk(rf_h5 *file, char name, rf_bulk *bulk, rf_err *err)
{
    rf_status st = RF_OK;
    path_text of = path_of(name, "p_value");
    RF_TRY(rf_h5_read_attr_double(file, of.text, "bulk_start", &bulk->start, err));
    RF_TRY(rf_h5_read_attr_double(file, of.text, "bulk_share", &bulk->share, err));
    RF_TRY(rf_h5_read_attr_double(file, of.text, "bulk_scale", &bulk->scale, err));
    if (!isfinite(bulk->start) || !(bulk->share >= 0 && bulk->share <= 1) || !(bulk->scale >= 0))
        RF_FAIL(
            err, RF_E_FORMAT,
            "%s: bulk_start, bulk_share and bulk_scale of %s are %g, %g and %g; run `ringfence score` again",
            rf_h5_path(file), of.text, bulk->start, bulk->share, bulk->scale);
done:
    return st;
}

static rf_status read_calibrated(rf_h5 *file, char name, rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(side->p_value, side->n, err);
    RF_NEW(side->fdr, side->n, err);
    RF_TRY(read_rows(file, name, "p_value", RF_H5_F32, side->n, 0, side->p_value, err));
    RF_TRY(read_rows(file, name, "fdr", RF_H5_F32, side->n, 0, side->fdr, err));
    RF_TRY(read_bulk(file, name, &side->bulk, err));
    for (int64_t i = 0; i < side->n; i++) {
        if (!(side->p_value[i] >= 0 && side->p_value[i] <= 1 && side->fdr[i] >= 0 && side->fdr[i] <= 1))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /%c/p_value is %g and fdr is %g at row %lld, outside [0, 1]; run `ringfence score` "
                    "again",
                    rf_h5_path(file), name, (double)side->p_value[i], (double)side->fdr[i], (long long)i);
    }
done:
    return st;
}

static rf_status read_side(rf_h5 *file, rf_side s, rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const bool is_edges = rf_side_role(s) == RF_EDGE;
    const char name = rf_side_letter(s);
    int64_t n, one;
    int reasons, latent = 0;

    if (!rf_h5_exists(file, path_of(name, "score").text))
        RF_FAIL(err, RF_E_FORMAT, "%s: /%c/score is missing; run `ringfence score` again", rf_h5_path(file),
                name);
    RF_TRY(shape_of(file, path_of(name, "score").text, &n, &one, err));
    RF_TRY(columns_of(file, name, "reason_feature", RF_MAX_REASONS, &reasons, err));
    if (!is_edges)
        RF_TRY(columns_of(file, name, "z", UINT16_MAX, &latent, err));
    RF_TRY(rf_score_side_init(side, n, reasons, latent, is_edges, err));
    RF_TRY(read_rows(file, name, "x_error", REAL_TYPE, n, 0, side->x_error, err));
    RF_TRY(read_rows(file, name, "score", REAL_TYPE, n, 0, side->score, err));
    RF_TRY(read_rows(file, name, "percentile", RF_H5_F32, n, 0, side->percentile, err));
    if (is_edges)
        RF_TRY(read_rows(file, name, "ce", REAL_TYPE, n, 0, side->ce, err));
    if (rf_h5_exists(file, path_of(name, "robust_z").text))
        RF_TRY(read_rows(file, name, "robust_z", RF_H5_F32, n, 0, side->robust_z, err));
    if (latent > 0)
        RF_TRY(read_rows(file, name, "z", REAL_TYPE, n, latent, side->z, err));
    if (reasons > 0) {
        RF_TRY(read_rows(file, name, "reason_feature", RF_H5_U16, n, reasons, side->reason_feature, err));
        RF_TRY(read_rows(file, name, "reason_expected", RF_H5_F32, n, reasons, side->reason_expected, err));
        RF_TRY(read_rows(file, name, "reason_share", RF_H5_F32, n, reasons, side->reason_share, err));
    }
    if (rf_h5_exists(file, path_of(name, "p_value").text))
        RF_TRY(read_calibrated(file, name, side, err));
    for (int p = 0; p < RF_PARTS; p++) {
        if (!rf_h5_exists(file, path_of_part(name, p).text))
            continue;
        RF_NEW(side->part[p], n, err);
        RF_TRY(rf_h5_read(file, path_of_part(name, p).text, RF_H5_F32, 1, &n, side->part[p], err));
    }
    RF_TRY(check_values(file, name, side, err));
done:
    return st;
}

/* Copies a text attribute that may be absent; a longer one than fits is refused. */
static rf_status read_text(rf_h5 *file, const char *name, char *out, size_t cap, rf_err *err)
{
    rf_status st = RF_OK;
    char *text = NULL;
    out[0] = '\0';
    if (!rf_h5_has_attr(file, "/", name))
        goto done;
    RF_TRY(rf_h5_read_attr_text(file, "/", name, &text, err));
    if (strlen(text) >= cap)
        RF_FAIL(err, RF_E_FORMAT, "%s: attribute %s is %zu bytes long, at most %zu are known",
                rf_h5_path(file), name, strlen(text), cap - 1);
    memcpy(out, text, strlen(text) + 1);
done:
    rf_mem_free(text);
    return st;
}

static rf_status read_root(rf_h5 *file, rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    char agg[8], method[16];
    int64_t frozen = 0;
    RF_TRY(rf_h5_check_format(file, FORMAT, VERSION, NULL, err));
    RF_TRY(read_text(file, "run_id", scores->run_id, sizeof scores->run_id, err));
    RF_TRY(read_text(file, "calibration", scores->calibration, sizeof scores->calibration, err));
    RF_TRY(read_text(file, "model_id", scores->model_id, sizeof scores->model_id, err));
    RF_TRY(read_text(file, "graph_edges", scores->graph_edges, sizeof scores->graph_edges, err));
    RF_TRY(read_text(file, "graph_features", scores->graph_features, sizeof scores->graph_features, err));
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(read_text(file, id_attributes[s], scores->graph_ids[s], sizeof scores->graph_ids[s], err));
    RF_TRY(read_text(file, "agg", agg, sizeof agg, err));
    RF_TRY(read_text(file, "method", method, sizeof method, err)); /* files of before there were two: none */
    scores->method = strcmp(method, "surprise") == 0 ? RF_METHOD_SURPRISE : RF_METHOD_GRAPHBEAN;
    scores->agg = strcmp(agg, "mean") == 0 ? RF_AGG_MEAN : RF_AGG_MAX;
    if (rf_h5_has_attr(file, "/", "eta"))
        RF_TRY(rf_h5_read_attr_double(file, "/", "eta", &scores->eta, err));
    if (rf_h5_has_attr(file, "/", "frozen"))
        RF_TRY(rf_h5_read_attr_int(file, "/", "frozen", &frozen, 1, err));
    scores->frozen = frozen != 0;
    if (rf_h5_has_attr(file, "/", "model_trained_at"))
        RF_TRY(rf_h5_read_attr_int(file, "/", "model_trained_at", &scores->model_trained_at_us, 1, err));
done:
    return st;
}

/* ---- does it belong to this graph? ---- */

static rf_status check_ids(const char *path, const rf_scores *scores, const rf_graph *graph, rf_err *err)
{
    static const char *const whose[RF_SIDES] = {"users", "entities", "event ids"};
    rf_status st = RF_OK;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const char *ids = graph->side[s].id_fingerprint, *scored = scores->graph_ids[s];
        if (ids[0] != '\0' && scored[0] != '\0' && strcmp(ids, scored) != 0)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: scores of a graph with other %s (%s, this one is %s); score this graph first", path,
                    whose[s], scored, ids);
    }
done:
    return st;
}

static rf_status check_graph(const rf_h5 *file, const rf_scores *scores, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(file);
    char edges[17], features[17];
    bool has_features = true;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const rf_score_side *side = &scores->side[s];
        const rf_graph_side *of = &graph->side[s];
        if (side->n != of->n)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /%c has %lld rows, but the graph has %lld: these are another graph's scores", path,
                    rf_side_letter(s), (long long)side->n, (long long)of->n);
        for (int64_t i = 0; i < side->n * side->n_reasons; i++) {
            if (side->reason_feature[i] >= of->d)
                RF_FAIL(err, RF_E_FORMAT,
                        "%s: /%c/reason_feature names column %d, but the graph has %d: these are another "
                        "graph's scores",
                        path, rf_side_letter(s), side->reason_feature[i], of->d);
        }
        has_features = has_features && (of->x != NULL || of->n * of->d == 0);
    }
    RF_TRY(check_ids(path, scores, graph, err));
    rf_graph_edges_fingerprint(edges, graph);
    if (scores->graph_edges[0] != '\0' && strcmp(scores->graph_edges, edges) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: scores of a graph with other edges (%s, this one is %s); score this graph first", path,
                scores->graph_edges, edges);
    if (scores->graph_features[0] == '\0' || !has_features)
        goto done;
    rf_graph_features_fingerprint(features, graph);
    if (strcmp(scores->graph_features, features) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: scores of a graph with other features (%s, this one is %s); score this graph first",
                path, scores->graph_features, features);
done:
    return st;
}

rf_status rf_scores_read(rf_scores **out, rf_h5 *file, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_scores *scores = NULL;

    RF_ZERO(scores, 1, err);
    RF_TRY(read_root(file, scores, err));
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(read_side(file, s, &scores->side[s], err));
    if (graph != NULL)
        RF_TRY(check_graph(file, scores, graph, err));
    *out = scores;
    scores = NULL;
done:
    rf_scores_free(scores);
    return st;
}

rf_status rf_scores_load(rf_scores **out, const char *path, const rf_graph *graph, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_scores_read(out, file, graph, err);
    rf_h5_close(&file);
    return st;
}

static bool lacks_fingerprint(rf_h5 *file, const rf_graph *graph, rf_side side)
{
    return graph->side[side].id_fingerprint[0] != '\0' && !rf_h5_has_attr(file, "/", id_attributes[side]);
}

bool rf_scores_lack_fingerprints(rf_h5 *file, const rf_graph *graph)
{
    bool any = false;
    for (rf_side s = 0; s < RF_SIDES; s++)
        any = any || lacks_fingerprint(file, graph, s);
    return any;
}

rf_status rf_scores_add_fingerprints(rf_h5 *file, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side s = 0; s < RF_SIDES; s++) {
        if (lacks_fingerprint(file, graph, s))
            RF_TRY(rf_h5_write_attr_text(file, "/", id_attributes[s], graph->side[s].id_fingerprint, err));
    }
done:
    return st;
}

rf_status rf_calibration_load(rf_calibration *out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_scores root = {0};
    rf_calibration calibration = {0};

    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(read_root(file, &root, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        const char name = rf_side_letter(s);
        if (!rf_h5_exists(file, path_of(name, "p_value").text))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: /%c/p_value is missing: only scores by surprise have a calibration for others", path,
                    name);
        RF_TRY(read_bulk(file, name, &calibration.bulk[s], err));
    }
    memcpy(calibration.run_id, root.calibration[0] != '\0' ? root.calibration : root.run_id,
           sizeof calibration.run_id);
    *out = calibration;
done:
    rf_h5_close(&file);
    return st;
}
