/* graph.c - reads graph.h5 for training, scoring and export: ours, and those that other programs wrote.
 *
 * Any layout and number type that HDF5 converts is accepted; the guarantees of the format (shapes, edges
 * sorted and in range, finite features) are checked once, here, so that later code need not. It does not read
 * /state.
 */
#include "rf_graph.h"
#include "ids_int.h"
#include "ranges_int.h"
#include "rf_mem.h"
#include "rf_time.h"
#include "rows_int.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_EVENTS (INT64_C(1) << 53)
#define REAL_TYPE (RF_REAL_IS_DOUBLE ? RF_H5_F64 : RF_H5_F32)

typedef struct loader {
    rf_h5 *file;
    const rf_kinds *kinds;
    rf_side side;
    unsigned parts;
} loader;

static const char *object(char out[RF_SIDE_PATH], const loader *l, const char *name)
{
    return rf_side_path(out, l->kinds, l->side, name);
}

static bool has(const loader *l, const char *name)
{
    char full[RF_SIDE_PATH];
    return rf_h5_exists(l->file, object(full, l, name));
}

static rf_status check_rows(const loader *l, const char *name, int64_t have, int64_t want, rf_err *err)
{
    rf_status st = RF_OK;
    char full[RF_SIDE_PATH];
    if (have != want)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has %" PRId64 " entries, but there are %" PRId64 " rows or columns",
                rf_h5_path(l->file), object(full, l, name), have, want);
done:
    return st;
}

static rf_status refuse_value(const rf_graph_side *side, const loader *l, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < side->n * side->d; i++) {
        if (!isfinite((float)side->x[i]))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s[%" PRId64 ", %d] is not finite", rf_h5_path(l->file), name,
                    i / side->d, (int)(i % side->d));
    }
done:
    return st;
}

/* All are finite; the range of each column. */
static rf_status look_at_values(rf_graph_side *side, const loader *l, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    bool finite;
    RF_NEW(side->low, side->d, err);
    RF_NEW(side->high, side->d, err);
    RF_TRY(rf_column_ranges(side->low, side->high, &finite, side->x, side->n, side->d, rf_h5_threads(l->file),
                            err));
    if (!finite)
        RF_TRY(refuse_value(side, l, name, err));
done:
    return st;
}

/* Rows and columns of the features. */
static rf_status measure_features(int64_t dims[4], const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    int rank;
    if (!has(l, "x"))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is missing: this is not a graph, or it was left unfinished",
                rf_h5_path(l->file), object(name, l, "x"));
    RF_TRY(rf_h5_shape(l->file, object(name, l, "x"), &rank, dims, err));
    if (rank != 2 || dims[1] > 65535)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s must have two dimensions and at most 65535 columns",
                rf_h5_path(l->file), name);
    RF_TRY(rf_rows_plausible(l->file, name, dims, rank, 4, err));
done:
    return st;
}

static rf_status load_features(rf_graph_side *side, const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    int64_t dims[4];
    RF_TRY(measure_features(dims, l, err));
    side->n = dims[0];
    side->d = (int)dims[1];
    if ((l->parts & RF_GRAPH_FEATURES) == 0)
        goto done;
    RF_TRY(rf_h5_map(&side->mapped, l->file, object(name, l, "x"), REAL_TYPE, dims[0] * dims[1], err));
    side->x = side->mapped.data;
    if (side->x == NULL) {
        RF_NEW(side->x, dims[0] * dims[1], err);
        RF_TRY(rf_h5_read(l->file, name, REAL_TYPE, 2, dims, side->x, err));
    }
    RF_TRY(look_at_values(side, l, name, err));
done:
    return st;
}

/* A column of n numbers, if the file has it. */
static rf_status load_column(void **out, const loader *l, const char *what, rf_h5_type type, int64_t n,
                             rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    int64_t rows = 0;
    if (!has(l, what))
        return RF_OK;
    RF_TRY(rf_rows_read(out, &rows, l->file, object(name, l, what), type, 0, err));
    RF_TRY(check_rows(l, what, rows, n, err));
done:
    return st;
}

static rf_status load_texts(rf_texts *out, const loader *l, const char *what, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    int rank;
    int64_t dims[4];
    if (!has(l, what))
        return RF_OK;
    RF_TRY(rf_h5_shape(l->file, object(name, l, what), &rank, dims, err));
    RF_TRY(check_rows(l, what, rank == 1 ? dims[0] : -1, n, err));
    RF_TRY(rf_rows_plausible(l->file, name, dims, rank, 1, err));
    RF_TRY(rf_h5_read_texts(l->file, name, out, err));
done:
    return st;
}

static rf_status load_columns(rf_graph_side *side, const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    char group[RF_SIDE_PATH];
    object(group, l, "");
    RF_TRY(load_texts(&side->feature_names, l, "feature_names", side->d, err));
    RF_TRY(load_column((void **)&side->mean, l, "mean", RF_H5_F32, side->d, err));
    RF_TRY(load_column((void **)&side->scale, l, "scale", RF_H5_F32, side->d, err));
    RF_TRY(load_column((void **)&side->transform, l, "transform", RF_H5_U8, side->d, err));
    for (int j = 0; j < side->d; j++) {
        if ((side->mean != NULL && !isfinite(side->mean[j])) ||
            (side->scale != NULL && !isfinite(side->scale[j])))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s/mean or %s/scale of column %d is not finite",
                    rf_h5_path(l->file), group, group, j);
        if (side->transform != NULL && side->transform[j] > RF_TAME_LOG1P)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s/transform of column %d is %d, which this version does not know",
                    rf_h5_path(l->file), group, j, side->transform[j]);
    }
done:
    return st;
}

/* Columns that were constant: a name is of use only with its value. */
static rf_status load_dropped(rf_graph_side *side, const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    int rank;
    int64_t dims[4];
    if (!has(l, "dropped") || !has(l, "dropped_value"))
        return RF_OK;
    RF_TRY(rf_h5_shape(l->file, object(name, l, "dropped"), &rank, dims, err));
    RF_TRY(load_texts(&side->dropped, l, "dropped", rank == 1 ? dims[0] : 0, err));
    RF_TRY(load_column((void **)&side->dropped_value, l, "dropped_value", RF_H5_F32, side->dropped.n, err));
    for (int64_t j = 0; j < side->dropped.n; j++) {
        if (isinf(side->dropped_value[j]))
            RF_FAIL(err, RF_E_FORMAT, "%s: %s[%" PRId64 "] is not finite", rf_h5_path(l->file),
                    object(name, l, "dropped_value"), j);
    }
done:
    return st;
}

static rf_status load_labels(rf_graph_side *side, const loader *l, int64_t n_types, rf_err *err)
{
    rf_status st = RF_OK;
    char group[RF_SIDE_PATH];
    object(group, l, "");
    RF_TRY(load_column((void **)&side->y, l, "y", RF_H5_U8, side->n, err));
    if (n_types > 0)
        RF_TRY(load_column((void **)&side->fraud_type, l, "fraud_type", RF_H5_U16, side->n, err));
    for (int64_t i = 0; i < side->n; i++) {
        if (side->y != NULL && side->y[i] > 1)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s/y[%" PRId64 "] is %d: labels are 0 or 1", rf_h5_path(l->file),
                    group, i, side->y[i]);
        if (side->fraud_type != NULL && side->fraud_type[i] >= n_types)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s/fraud_type[%" PRId64 "] is %d, but there are %" PRId64 " types",
                    rf_h5_path(l->file), group, i, side->fraud_type[i], n_types);
    }
done:
    return st;
}

static const char *id_at(void *context, int64_t i)
{
    return rf_texts_get(context, i);
}

/* The ids, or at least their fingerprint. Files of before, and of other programs, do not have it: the ids are
 * read for it then. */
static rf_status load_ids(rf_graph_side *side, const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts ids = {0};
    char *found = NULL;
    char group[RF_SIDE_PATH];
    bool wanted = (l->parts & (rf_side_role(l->side) == RF_EDGE ? RF_GRAPH_EDGE_IDS : RF_GRAPH_IDS)) != 0;
    object(group, l, "");
    if (!has(l, "id"))
        goto done;
    if (!wanted && rf_h5_has_attr(l->file, group, RF_IDS_ATTRIBUTE)) {
        RF_TRY(rf_h5_read_attr_text(l->file, group, RF_IDS_ATTRIBUTE, &found, err));
        snprintf(side->id_fingerprint, sizeof side->id_fingerprint, "%s", found);
        goto done;
    }
    RF_TRY(load_texts(&ids, l, "id", side->n, err));
    rf_ids_fingerprint(side->id_fingerprint, ids.n, id_at, &ids);
    if (wanted) {
        side->id = ids;
        ids = (rf_texts){0};
    }
done:
    rf_mem_free(found);
    rf_texts_clear(&ids);
    return st;
}

/* Numbers of events and times as a build writes them; sums of such counts are exact in a double. */
static rf_status check_activity(const rf_graph_side *side, const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(l->file);
    char group[RF_SIDE_PATH];
    int64_t events = 0;
    object(group, l, "");
    for (int64_t i = 0; side->count != NULL && i < side->n; i++) {
        if (side->count[i] < 0 || side->count[i] > MOST_EVENTS - events)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s/count[%lld] is %lld, which is no number of events", path, group,
                    (long long)i, (long long)side->count[i]);
        events += side->count[i];
    }
    for (int64_t i = 0; side->first_us != NULL && i < side->n; i++) {
        const int64_t first_us = side->first_us[i], last_us = side->last_us[i];
        if (first_us < RF_TIME_MIN || last_us >= RF_TIME_MAX || first_us > last_us)
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: %s/first_time[%lld] is %lld and last_time %lld: not two times, one after the other, "
                    "from 1900 to 2099",
                    path, group, (long long)i, (long long)first_us, (long long)last_us);
    }
done:
    return st;
}

static rf_status load_side(rf_graph_side *side, const loader *l, int64_t n_types, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(load_features(side, l, err));
    RF_TRY(load_columns(side, l, err));
    RF_TRY(load_dropped(side, l, err));
    RF_TRY(load_ids(side, l, err));
    if ((l->parts & RF_GRAPH_LABELS) != 0)
        RF_TRY(load_labels(side, l, n_types, err));
    if ((l->parts & RF_GRAPH_ACTIVITY) == 0)
        goto done;
    RF_TRY(load_column((void **)&side->count, l, "count", RF_H5_I64, side->n, err));
    if (has(l, "first_time") && has(l, "last_time")) { /* of use only together */
        RF_TRY(load_column((void **)&side->first_us, l, "first_time", RF_H5_I64, side->n, err));
        RF_TRY(load_column((void **)&side->last_us, l, "last_time", RF_H5_I64, side->n, err));
    }
    RF_TRY(check_activity(side, l, err));
done:
    return st;
}

static rf_status load_hubs(rf_graph_side *side, const loader *l, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_SIDE_PATH];
    RF_TRY(load_column((void **)&side->hub, l, "hub", RF_H5_U8, side->n, err));
    for (int64_t i = 0; side->hub != NULL && i < side->n; i++) {
        if (side->hub[i] > 1)
            RF_FAIL(err, RF_E_FORMAT, "%s: %s[%" PRId64 "] is %d, not 0 or 1", rf_h5_path(l->file),
                    object(name, l, "hub"), i, side->hub[i]);
    }
done:
    return st;
}

static rf_status load_edges(rf_adj *adj, const rf_graph *graph, int kind, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *e_u = NULL, *e_v = NULL;
    const rf_side edges = rf_edge_side(kind), entities = rf_entity_side(kind);
    const loader l = {.file = file, .kinds = &graph->kinds, .side = edges};
    char u[RF_SIDE_PATH], v[RF_SIDE_PATH];
    rf_err why = {0};
    if (!has(&l, "u") || !has(&l, "v"))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s or %s is missing: this is not a graph", rf_h5_path(file),
                object(u, &l, "u"), object(v, &l, "v"));
    RF_TRY(load_column((void **)&e_u, &l, "u", RF_H5_U32, graph->side[edges].n, err));
    RF_TRY(load_column((void **)&e_v, &l, "v", RF_H5_U32, graph->side[edges].n, err));
    st = rf_adj_adopt(adj, graph->side[RF_USER].n, graph->side[entities].n, graph->side[edges].n, e_u, e_v,
                      &why);
    e_u = e_v = NULL;
    if (st < 0 && kind == 0)
        RF_FAIL(err, st, "%s: %s", rf_h5_path(file), why.msg);
    if (st < 0)
        RF_FAIL(err, st, "%s: %s: %s", rf_h5_path(file), object(u, &l, ""), why.msg);
done:
    rf_mem_free(e_u);
    rf_mem_free(e_v);
    return st;
}

rf_status rf_graph_kinds(rf_kinds *out, rf_h5 *file, rf_err *err)
{
    return rf_graph_kinds_of(out, file, "/", err);
}

rf_status rf_graph_kinds_of(rf_kinds *out, rf_h5 *file, const char *group, rf_err *err)
{
    rf_status st = RF_OK;
    char *list = NULL;
    *out = (rf_kinds){0};
    if (!rf_h5_has_attr(file, group, RF_KINDS_ATTRIBUTE))
        return RF_OK;
    RF_TRY(rf_h5_read_attr_text(file, group, RF_KINDS_ATTRIBUTE, &list, err));
    if (!rf_kinds_parse(out, list))
        RF_FAIL(err, RF_E_FORMAT,
                "%s: the attribute " RF_KINDS_ATTRIBUTE " does not list at most %d different kinds",
                rf_h5_path(file), RF_KINDS_MOST);
done:
    rf_mem_free(list);
    return st;
}

rf_status rf_graph_read(rf_graph **out, rf_h5 *file, unsigned parts, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph *graph = NULL;
    RF_ZERO(graph, 1, err);
    RF_TRY(rf_h5_check_format(file, "ringfence-graph", 1, "/e/u", err));
    RF_TRY(rf_graph_kinds(&graph->kinds, file, err));
    if (rf_h5_has_attr(file, "/", "window_from") && rf_h5_has_attr(file, "/", "window_to")) {
        RF_TRY(rf_h5_read_attr_int(file, "/", "window_from", &graph->window_from_us, 1, err));
        RF_TRY(rf_h5_read_attr_int(file, "/", "window_to", &graph->window_to_us, 1, err));
    }
    if ((parts & RF_GRAPH_LABELS) != 0 && rf_h5_exists(file, "/fraud_types"))
        RF_TRY(rf_h5_read_texts(file, "/fraud_types", &graph->fraud_types, err));
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        const loader l = {file, &graph->kinds, s, parts};
        RF_TRY(load_side(&graph->side[s], &l, graph->fraud_types.n, err));
        if (rf_side_role(s) == RF_ENTITY)
            RF_TRY(load_hubs(&graph->side[s], &l, err));
    }
    for (int k = 0; k < rf_kinds_n(&graph->kinds); k++)
        RF_TRY(load_edges(k == 0 ? &graph->adj : &graph->other_adj[k - 1], graph, k, file, err));
    rf_graph_forget_epoch(graph);
    *out = graph;
    graph = NULL;
done:
    rf_graph_free(graph);
    return st;
}

rf_status rf_graph_load(rf_graph **out, const char *path, unsigned parts, rf_err *err)
{
    rf_h5 *file = NULL;
    rf_status st = rf_h5_open(&file, path, err);
    if (st >= 0)
        st = rf_graph_read(out, file, parts, err);
    rf_h5_close(&file);
    return st;
}

rf_status rf_graph_measure(rf_graph_size *out, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graph_size size = {0};
    RF_TRY(rf_h5_check_format(file, "ringfence-graph", 1, "/e/u", err));
    RF_TRY(rf_graph_kinds(&size.kinds, file, err));
    for (rf_side s = 0; s < rf_sides(&size.kinds); s++) {
        const loader l = {file, &size.kinds, s, 0};
        int64_t dims[4];
        RF_TRY(measure_features(dims, &l, err));
        size.n[s] = dims[0];
        size.d[s] = (int)dims[1];
    }
    *out = size;
done:
    return st;
}

void rf_graph_free(rf_graph *graph)
{
    if (graph == NULL)
        return;
    for (rf_side s = 0; s < RF_SIDES_MOST; s++) {
        rf_graph_side *side = &graph->side[s];
        if (side->mapped.start == NULL)
            rf_mem_free(side->x);
        rf_h5_unmap(&side->mapped);
        rf_mem_free(side->narrow);
        rf_mem_free(side->low);
        rf_mem_free(side->high);
        rf_texts_clear(&side->id);
        rf_texts_clear(&side->feature_names);
        rf_mem_free(side->mean);
        rf_mem_free(side->scale);
        rf_mem_free(side->transform);
        rf_texts_clear(&side->dropped);
        rf_mem_free(side->dropped_value);
        rf_mem_free(side->y);
        rf_mem_free(side->fraud_type);
        rf_mem_free(side->hub);
        rf_mem_free(side->count);
        rf_mem_free(side->first_us);
        rf_mem_free(side->last_us);
    }
    rf_texts_clear(&graph->fraud_types);
    rf_adj_clear(&graph->adj);
    for (int k = 1; k < RF_KINDS_MOST; k++)
        rf_adj_clear(&graph->other_adj[k - 1]);
    rf_mem_free(graph);
}

rf_graph rf_graph_of_kind(const rf_graph *graph, int kind)
{
    rf_graph view = {.adj = *rf_graph_adj(graph, kind),
                     .fraud_types = graph->fraud_types,
                     .window_from_us = graph->window_from_us,
                     .window_to_us = graph->window_to_us};
    view.side[RF_USER] = graph->side[RF_USER];
    view.side[RF_ENTITY] = graph->side[rf_entity_side(kind)];
    view.side[RF_EDGE] = graph->side[rf_edge_side(kind)];
    if (kind < graph->kinds.n) {
        view.kinds.n = 1;
        memcpy(view.kinds.name[0], graph->kinds.name[kind], RF_KIND_NAME);
    }
    return view;
}

/* ---- raw units ---- */

double rf_graph_raw(const rf_graph_side *side, int column, double x)
{
    if (side->scale != NULL)
        x *= (double)side->scale[column];
    if (side->mean != NULL)
        x += (double)side->mean[column];
    if (side->transform != NULL && side->transform[column] == RF_TAME_LOG1P)
        x = copysign(expm1(fabs(x)), x);
    return x;
}

const char *rf_graph_raw_name(const rf_graph_side *side, int column, char buffer[32])
{
    const char *name = rf_texts_get(&side->feature_names, column);
    if (name == NULL) {
        snprintf(buffer, 32, "x%d", column);
        return buffer;
    }
    bool tamed = side->transform != NULL && side->transform[column] == RF_TAME_LOG1P;
    return tamed && strncmp(name, "log1p_", 6) == 0 ? name + 6 : name;
}

const char *rf_graph_id(const rf_graph_side *side, int64_t row, char buffer[32])
{
    const char *id = rf_texts_get(&side->id, row);
    if (id != NULL)
        return id;
    snprintf(buffer, 32, "%" PRId64, row);
    return buffer;
}

/* ---- values in raw units: standardising in float costs a value its last bits, so that what was 0 comes
 * back as 1.6e-10. The raw value is rounded to the decimal place that those bits still reach. ---- */

#define FLOAT_STEP 0x1p-23 /* relative distance of neighbouring floats */

double rf_raw_value(const rf_graph_side *side, int column, double x)
{
    double raw = rf_graph_raw(side, column, x);
    if (side->mean == NULL || side->scale == NULL || !(side->scale[column] > 0))
        return raw;
    double scale = (double)side->scale[column], mean = (double)side->mean[column];
    double lost = FLOAT_STEP * (fabs(x) + fabs(mean) / scale); /* of x */
    double reach = fabs(rf_graph_raw(side, column, x + lost) - raw);
    if (!(reach > 0) || !isfinite(reach))
        return raw;
    double place = pow(10, ceil(log10(reach)));
    double rounded = place > 0 ? round(raw / place) * place : raw;
    return rounded == 0 ? 0 : rounded; /* no minus before a zero */
}

double rf_raw_expected(const rf_graph_side *side, int column, double x)
{
    if (side->low != NULL && x < (double)side->low[column])
        x = (double)side->low[column];
    else if (side->high != NULL && x > (double)side->high[column])
        x = (double)side->high[column];
    return rf_raw_value(side, column, x);
}

double rf_raw_observed(const rf_graph_side *side, int64_t row, int column)
{
    double x = (double)side->x[row * side->d + column];
    return x == 0 && signbit(x) ? (double)NAN : rf_raw_value(side, column, x);
}
