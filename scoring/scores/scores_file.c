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

typedef struct place { /* where a side lies */
    rf_h5 *file;
    const rf_kinds *kinds;
    rf_side side;
} place;

typedef struct path_text {
    char text[RF_SIDE_PATH];
} path_text;

/* "/u/score", "/kinds/device/v/score" and the like. */
static path_text path_of(const place *at, const char *name)
{
    path_text path;
    rf_side_path(path.text, at->kinds, at->side, name);
    return path;
}

static path_text path_of_part(const place *at, int part)
{
    char name[48];
    snprintf(name, sizeof name, "%s/%s", rf_part_table[part].in_total ? "part" : "voice",
             rf_part_table[part].name);
    return path_of(at, name);
}

static path_text path_of_kind(const place *at, int kind)
{
    char name[RF_KIND_NAME + 8];
    snprintf(name, sizeof name, "kind/%s", rf_kind_name(at->kinds, kind));
    return path_of(at, name);
}

/* The attribute that names the graph's ids: of the root for the main kind's sides, of the side's group for
 * the others. */
static const char *ids_attribute(path_text *on, const place *at)
{
    static const char *const of_root[RF_SIDES] = {"graph_user_ids", "graph_entity_ids", "graph_event_ids"};
    const bool is_main = rf_side_kind(at->side) == 0;
    if (is_main)
        *on = (path_text){"/"};
    else
        *on = path_of(at, "");
    return is_main ? of_root[at->side] : "graph_ids";
}

/* ---- writing ---- */

/* What was lent already is left alone. */
static rf_status write_rows(const place *at, path_text of, rf_h5_type type, int64_t n, int64_t columns,
                            const void *data, rf_err *err)
{
    int64_t dims[2] = {n, columns};
    if (rf_h5_exists(at->file, of.text))
        return RF_OK;
    return rf_h5_lend(at->file, of.text, type, columns > 0 ? 2 : 1, dims, data, err);
}

static rf_status write_errors(const place *at, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t n = side->n, reasons = side->n_reasons;
    RF_TRY(write_rows(at, path_of(at, "x_error"), REAL_TYPE, n, 0, side->x_error, err));
    if (side->ce != NULL)
        RF_TRY(write_rows(at, path_of(at, "ce"), REAL_TYPE, n, 0, side->ce, err));
    if (reasons > 0) {
        RF_TRY(
            write_rows(at, path_of(at, "reason_feature"), RF_H5_U16, n, reasons, side->reason_feature, err));
        RF_TRY(write_rows(at, path_of(at, "reason_expected"), RF_H5_F32, n, reasons, side->reason_expected,
                          err));
        RF_TRY(write_rows(at, path_of(at, "reason_share"), RF_H5_F32, n, reasons, side->reason_share, err));
    }
    if (side->z != NULL)
        RF_TRY(write_rows(at, path_of(at, "z"), REAL_TYPE, n, side->latent, side->z, err));
done:
    return st;
}

static rf_status write_parts(const place *at, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    for (int p = 0; p < RF_PARTS; p++) {
        if (side->part[p] != NULL)
            RF_TRY(write_rows(at, path_of_part(at, p), RF_H5_F32, side->n, 0, side->part[p], err));
    }
    for (int k = 0; k < RF_KINDS_MOST; k++) {
        if (side->of_kind[k] != NULL)
            RF_TRY(write_rows(at, path_of_kind(at, k), RF_H5_F32, side->n, 0, side->of_kind[k], err));
    }
done:
    return st;
}

static rf_status write_calibrated(const place *at, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const path_text of = path_of(at, "p_value");
    RF_TRY(write_rows(at, of, RF_H5_F32, side->n, 0, side->p_value, err));
    RF_TRY(write_rows(at, path_of(at, "fdr"), RF_H5_F32, side->n, 0, side->fdr, err));
    RF_TRY(rf_h5_write_attr_double(at->file, of.text, "bulk_start", side->bulk.start, err));
    RF_TRY(rf_h5_write_attr_double(at->file, of.text, "bulk_share", side->bulk.share, err));
    RF_TRY(rf_h5_write_attr_double(at->file, of.text, "bulk_scale", side->bulk.scale, err));
done:
    return st;
}

static rf_status write_side(const place *at, const rf_score_side *side, const char *graph_ids, rf_err *err)
{
    rf_status st = RF_OK;
    path_text on;
    const int64_t n = side->n;
    RF_TRY(write_errors(at, side, err));
    RF_TRY(write_parts(at, side, err));
    RF_TRY(write_rows(at, path_of(at, "score"), REAL_TYPE, n, 0, side->score, err));
    RF_TRY(write_rows(at, path_of(at, "percentile"), RF_H5_F32, n, 0, side->percentile, err));
    RF_TRY(write_rows(at, path_of(at, "robust_z"), RF_H5_F32, n, 0, side->robust_z, err));
    if (side->p_value != NULL)
        RF_TRY(write_calibrated(at, side, err));
    if (rf_side_kind(at->side) > 0 && graph_ids[0] != '\0') {
        const char *name = ids_attribute(&on, at);
        RF_TRY(rf_h5_write_attr_text(at->file, on.text, name, graph_ids, err));
    }
done:
    return st;
}

static rf_status write_kinds(rf_h5 *file, const rf_kinds *kinds, rf_err *err)
{
    char list[RF_KINDS_MOST * RF_KIND_NAME] = "";
    for (int k = 0; k < kinds->n; k++) {
        strcat(list, k > 0 ? "," : "");
        strcat(list, kinds->name[k]);
    }
    return kinds->n > 0 ? rf_h5_write_attr_text(file, "/", RF_KINDS_ATTRIBUTE, list, err) : RF_OK;
}

rf_status rf_scores_begin(rf_h5 **out, const char *path, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_h5_create_beside(&file, path, err));
    rf_h5_use_threads(file, pool);
    RF_TRY(rf_h5_write_format(file, FORMAT, VERSION, err));
    *out = file;
    file = NULL;
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_scores_lend_rows(rf_h5 *file, const rf_kinds *kinds, rf_side s, const rf_score_side *side,
                              rf_err *err)
{
    return file == NULL ? RF_OK : write_errors(&(place){file, kinds, s}, side, err);
}

rf_status rf_scores_lend_part(rf_h5 *file, const rf_kinds *kinds, rf_side s, rf_part_id part,
                              const float *nats, int64_t n, rf_err *err)
{
    const place at = {file, kinds, s};
    return file == NULL ? RF_OK : write_rows(&at, path_of_part(&at, (int)part), RF_H5_F32, n, 0, nats, err);
}

rf_status rf_scores_end(const rf_scores *scores, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t frozen = scores->frozen;
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
    RF_TRY(write_kinds(file, &scores->kinds, err));
    for (rf_side s = 0; s < RF_SIDES; s++) {
        path_text on;
        const char *name = ids_attribute(&on, &(place){file, &scores->kinds, s});
        if (scores->graph_ids[s][0] != '\0')
            RF_TRY(rf_h5_write_attr_text(file, "/", name, scores->graph_ids[s], err));
    }
    for (rf_side s = 0; s < rf_sides(&scores->kinds); s++)
        RF_TRY(write_side(&(place){file, &scores->kinds, s}, &scores->side[s], scores->graph_ids[s], err));
    RF_TRY(rf_h5_commit(file, err));
done:
    return st;
}

rf_status rf_scores_save(const rf_scores *scores, const char *path, rf_pool *pool, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    RF_TRY(rf_scores_begin(&file, path, pool, err));
    RF_TRY(rf_scores_end(scores, file, err));
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

static rf_status columns_of(const place *at, const char *name, int most, int *columns, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t rows, found;
    const path_text of = path_of(at, name);
    RF_TRY(shape_of(at->file, of.text, &rows, &found, err));
    if (found > most)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %lld columns, more than the %d that this version reads",
                rf_h5_path(at->file), of.text, (long long)found, most);
    *columns = (int)found;
done:
    return st;
}

static rf_status read_rows(const place *at, const char *name, rf_h5_type type, int64_t n, int64_t columns,
                           void *data, rf_err *err)
{
    int64_t dims[2] = {n, columns};
    return rf_h5_read(at->file, path_of(at, name).text, type, columns > 0 ? 2 : 1, dims, data, err);
}

static rf_status check_nats(const place *at, path_text of, const float *nats, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; nats != NULL && i < n; i++) {
        if (!isfinite(nats[i]))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s is not finite at row %lld; run `ringfence score` again",
                    rf_h5_path(at->file), of.text, (long long)i);
    }
done:
    return st;
}

static rf_status check_values(const place *at, const rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(at->file);
    for (int64_t i = 0; i < side->n; i++) {
        if (!isfinite(side->score[i]) || !isfinite(side->x_error[i]) ||
            (side->ce != NULL && !isfinite(side->ce[i])))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s, x_error or ce is not finite at row %lld; run `ringfence score` again", path,
                    path_of(at, "score").text, (long long)i);
        if (!(side->percentile[i] >= 0 && side->percentile[i] <= 1))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s is %g at row %lld, outside [0, 1]; run `ringfence score` again",
                    path, path_of(at, "percentile").text, (double)side->percentile[i], (long long)i);
    }
    for (int p = 0; p < RF_PARTS; p++)
        RF_TRY(check_nats(at, path_of_part(at, p), side->part[p], side->n, err));
    for (int k = 0; k < rf_kinds_n(at->kinds); k++)
        RF_TRY(check_nats(at, path_of_kind(at, k), side->of_kind[k], side->n, err));
    for (int64_t i = 0; i < side->n * side->n_reasons; i++) {
        if (!(side->reason_share[i] >= 0 && side->reason_share[i] <= 1))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s is %g at row %lld, outside [0, 1]; run `ringfence score` again",
                    path, path_of(at, "reason_share").text, (double)side->reason_share[i],
                    (long long)(i / side->n_reasons));
    }
done:
    return st;
}

static rf_status read_bulk(const place *at, rf_bulk *bulk, rf_err *err)
{
    rf_status st = RF_OK;
    path_text of = path_of(at, "p_value");
    RF_TRY(rf_h5_read_attr_double(at->file, of.text, "bulk_start", &bulk->start, err));
    RF_TRY(rf_h5_read_attr_double(at->file, of.text, "bulk_share", &bulk->share, err));
    RF_TRY(rf_h5_read_attr_double(at->file, of.text, "bulk_scale", &bulk->scale, err));
    if (!isfinite(bulk->start) || !(bulk->share >= 0 && bulk->share <= 1) || !(bulk->scale >= 0))
        RF_FAIL(
            err, RF_E_FORMAT,
            "%s: bulk_start, bulk_share and bulk_scale of %s are %g, %g and %g; run `ringfence score` again",
            rf_h5_path(at->file), of.text, bulk->start, bulk->share, bulk->scale);
done:
    return st;
}

static rf_status read_calibrated(const place *at, rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(side->p_value, side->n, err);
    RF_NEW(side->fdr, side->n, err);
    RF_TRY(read_rows(at, "p_value", RF_H5_F32, side->n, 0, side->p_value, err));
    RF_TRY(read_rows(at, "fdr", RF_H5_F32, side->n, 0, side->fdr, err));
    RF_TRY(read_bulk(at, &side->bulk, err));
    for (int64_t i = 0; i < side->n; i++) {
        if (!(side->p_value[i] >= 0 && side->p_value[i] <= 1 && side->fdr[i] >= 0 && side->fdr[i] <= 1))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s is %g and fdr is %g at row %lld, outside [0, 1]; run `ringfence score` again",
                    rf_h5_path(at->file), path_of(at, "p_value").text, (double)side->p_value[i],
                    (double)side->fdr[i], (long long)i);
    }
done:
    return st;
}

/* Nats of a part, a voice or a kind, where the file has them. */
static rf_status read_nats(float **out, const place *at, path_text of, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_h5_exists(at->file, of.text))
        return RF_OK;
    RF_NEW(*out, n, err);
    RF_TRY(rf_h5_read(at->file, of.text, RF_H5_F32, 1, &n, *out, err));
done:
    return st;
}

static rf_status read_surprise(const place *at, rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    if (rf_h5_exists(at->file, path_of(at, "p_value").text))
        RF_TRY(read_calibrated(at, side, err));
    for (int p = 0; p < RF_PARTS; p++)
        RF_TRY(read_nats(&side->part[p], at, path_of_part(at, p), side->n, err));
    for (int k = 0; at->side == RF_USER && k < rf_kinds_n(at->kinds); k++)
        RF_TRY(read_nats(&side->of_kind[k], at, path_of_kind(at, k), side->n, err));
done:
    return st;
}

static rf_status read_side(const place *at, rf_score_side *side, rf_err *err)
{
    rf_status st = RF_OK;
    const bool is_edges = rf_side_role(at->side) == RF_EDGE;
    const path_text score = path_of(at, "score");
    int64_t n, one;
    int reasons, latent = 0;

    if (!rf_h5_exists(at->file, score.text))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is missing; run `ringfence score` again", rf_h5_path(at->file),
                score.text);
    RF_TRY(shape_of(at->file, score.text, &n, &one, err));
    RF_TRY(columns_of(at, "reason_feature", RF_MAX_REASONS, &reasons, err));
    if (!is_edges)
        RF_TRY(columns_of(at, "z", UINT16_MAX, &latent, err));
    RF_TRY(rf_score_side_init(side, n, reasons, latent, is_edges, err));
    RF_TRY(read_rows(at, "x_error", REAL_TYPE, n, 0, side->x_error, err));
    RF_TRY(read_rows(at, "score", REAL_TYPE, n, 0, side->score, err));
    RF_TRY(read_rows(at, "percentile", RF_H5_F32, n, 0, side->percentile, err));
    if (is_edges)
        RF_TRY(read_rows(at, "ce", REAL_TYPE, n, 0, side->ce, err));
    if (rf_h5_exists(at->file, path_of(at, "robust_z").text))
        RF_TRY(read_rows(at, "robust_z", RF_H5_F32, n, 0, side->robust_z, err));
    if (latent > 0)
        RF_TRY(read_rows(at, "z", REAL_TYPE, n, latent, side->z, err));
    if (reasons > 0) {
        RF_TRY(read_rows(at, "reason_feature", RF_H5_U16, n, reasons, side->reason_feature, err));
        RF_TRY(read_rows(at, "reason_expected", RF_H5_F32, n, reasons, side->reason_expected, err));
        RF_TRY(read_rows(at, "reason_share", RF_H5_F32, n, reasons, side->reason_share, err));
    }
    RF_TRY(read_surprise(at, side, err));
    RF_TRY(check_values(at, side, err));
done:
    return st;
}

/* Copies a text attribute that may be absent; a longer one than fits is refused. */
static rf_status read_text(rf_h5 *file, const char *on, const char *name, char *out, size_t cap, rf_err *err)
{
    rf_status st = RF_OK;
    char *text = NULL;
    out[0] = '\0';
    if (!rf_h5_exists(file, on) || !rf_h5_has_attr(file, on, name))
        goto done;
    RF_TRY(rf_h5_read_attr_text(file, on, name, &text, err));
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
    RF_TRY(read_text(file, "/", "run_id", scores->run_id, sizeof scores->run_id, err));
    RF_TRY(read_text(file, "/", "calibration", scores->calibration, sizeof scores->calibration, err));
    RF_TRY(read_text(file, "/", "model_id", scores->model_id, sizeof scores->model_id, err));
    RF_TRY(read_text(file, "/", "graph_edges", scores->graph_edges, sizeof scores->graph_edges, err));
    RF_TRY(
        read_text(file, "/", "graph_features", scores->graph_features, sizeof scores->graph_features, err));
    RF_TRY(rf_graph_kinds(&scores->kinds, file, err));
    for (rf_side s = 0; s < rf_sides(&scores->kinds); s++) {
        path_text on;
        const char *name = ids_attribute(&on, &(place){file, &scores->kinds, s});
        RF_TRY(read_text(file, on.text, name, scores->graph_ids[s], sizeof scores->graph_ids[s], err));
    }
    RF_TRY(read_text(file, "/", "agg", agg, sizeof agg, err));
    RF_TRY(read_text(file, "/", "method", method, sizeof method,
                     err)); /* files of before there were two: none */
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
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        const char *ids = graph->side[s].id_fingerprint, *scored = scores->graph_ids[s];
        const int kind = rf_side_kind(s);
        if (ids[0] != '\0' && scored[0] != '\0' && strcmp(ids, scored) != 0)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: scores of a graph with other %s%s%s (%s, this one is %s); score this graph first",
                    path, whose[rf_side_role(s)], kind > 0 ? " of kind " : "",
                    kind > 0 ? rf_kind_name(&graph->kinds, kind) : "", scored, ids);
    }
done:
    return st;
}

static rf_status check_kinds(const char *path, const rf_scores *scores, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    if (!rf_kinds_equal(&scores->kinds, &graph->kinds))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: scores of a graph with other kinds of entity (%d, the first %s; this one has %d, the "
                "first %s); score this graph first",
                path, rf_kinds_n(&scores->kinds), rf_kind_name(&scores->kinds, 0), rf_kinds_n(&graph->kinds),
                rf_kind_name(&graph->kinds, 0));
done:
    return st;
}

/* As many rows, and no columns that it does not have. */
static rf_status check_shapes(const place *at, const rf_score_side *side, const rf_graph_side *of,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(at->file);
    if (side->n != of->n)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: %s has %lld rows, but the graph has %lld: these are another graph's scores", path,
                path_of(at, "").text, (long long)side->n, (long long)of->n);
    for (int64_t i = 0; i < side->n * side->n_reasons; i++) {
        if (side->reason_feature[i] >= of->d)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s names column %d, but the graph has %d: these are another graph's scores", path,
                    path_of(at, "reason_feature").text, side->reason_feature[i], of->d);
    }
done:
    return st;
}

static rf_status check_graph(rf_h5 *file, const rf_scores *scores, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(file);
    char edges[17], features[17];
    bool has_features = true;
    RF_TRY(check_kinds(path, scores, graph, err));
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        const rf_graph_side *of = &graph->side[s];
        RF_TRY(check_shapes(&(place){file, &scores->kinds, s}, &scores->side[s], of, err));
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
    for (rf_side s = 0; s < rf_sides(&scores->kinds); s++)
        RF_TRY(read_side(&(place){file, &scores->kinds, s}, &scores->side[s], err));
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
    path_text on;
    const char *name = ids_attribute(&on, &(place){file, &graph->kinds, side});
    return graph->side[side].id_fingerprint[0] != '\0' && !rf_h5_has_attr(file, on.text, name);
}

bool rf_scores_lack_fingerprints(rf_h5 *file, const rf_graph *graph)
{
    bool any = false;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        any = any || lacks_fingerprint(file, graph, s);
    return any;
}

rf_status rf_scores_add_fingerprints(rf_h5 *file, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        path_text on;
        const char *name = ids_attribute(&on, &(place){file, &graph->kinds, s});
        if (lacks_fingerprint(file, graph, s))
            RF_TRY(rf_h5_write_attr_text(file, on.text, name, graph->side[s].id_fingerprint, err));
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
    calibration.kinds = root.kinds;
    for (rf_side s = 0; s < rf_sides(&root.kinds); s++) {
        const place at = {file, &root.kinds, s};
        const path_text of = path_of(&at, "p_value");
        if (!rf_h5_exists(file, of.text))
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s is missing: only scores by surprise have a calibration for others", path,
                    of.text);
        RF_TRY(read_bulk(&at, &calibration.bulk[s], err));
    }
    memcpy(calibration.run_id, root.calibration[0] != '\0' ? root.calibration : root.run_id,
           sizeof calibration.run_id);
    *out = calibration;
done:
    rf_h5_close(&file);
    return st;
}
