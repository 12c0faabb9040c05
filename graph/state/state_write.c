/* state_write.c - writes everything that a later build needs from memory to /state of a file.
 *
 * One layout serves both uses: a sorted graph gives canonical bytes (graph.h5), a growing one keeps the order
 * in which its events came (the checkpoint of a long build). state_read.c reads it; snapshot.c decides which
 * file, and when.
 */
#include <string.h>

#include "rf_mem.h"
#include "rows_int.h"
#include "state_int.h"

/* ---- ids ---- */

/* ids NULL: in order of arrival. */
static const char *text_at(const rf_idmap *map, const rf_renumber_ids *ids, uint32_t i, size_t *len)
{
    return rf_idmap_text(map, ids == NULL ? i : ids->order[i], len);
}

/* All texts one after the other, each with its closing NUL. */
static rf_status write_ids(rf_h5 *file, const char *name, const rf_idmap *map, const rf_renumber_ids *ids,
                           rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t n = ids == NULL ? rf_idmap_count(map) : ids->n;
    int64_t bytes = 0;
    rf_rows rows = {0};
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        text_at(map, ids, i, &len);
        bytes += (int64_t)len + 1;
    }
    RF_TRY(rf_rows_begin(&rows, file, name, RF_H5_U8, bytes, 0, err));
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        const char *text = text_at(map, ids, i, &len);
        for (size_t k = 0; k <= len; k++)
            RF_TRY(rf_rows_put(&rows, text + k, err));
    }
    RF_TRY(rf_rows_end(&rows, err));
done:
    rf_rows_clear(&rows);
    return st;
}

rf_status rf_state_write_dedup(rf_h5 *file, const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_dedup *dedup = &graph->dedup;
    uint32_t floor_slot = rf_bigraph_floor_slot(graph);
    size_t places = dedup->sorted ? dedup->n : dedup->bits == 0 ? 0 : (size_t)1 << dedup->bits;
    int64_t n = 0;
    rf_rows rows = {0};
    for (size_t i = 0; i < places; i++)
        n += dedup->entries[i].slot != RF_NO_SLOT && dedup->entries[i].slot >= floor_slot;
    RF_TRY(rf_rows_begin(&rows, file, "/state/event_ids", RF_H5_U32, n, 4, err));
    for (size_t i = 0; i < places; i++) {
        if (dedup->entries[i].slot != RF_NO_SLOT && dedup->entries[i].slot >= floor_slot)
            RF_TRY(rf_rows_put(&rows, &dedup->entries[i], err));
    }
    RF_TRY(rf_rows_end(&rows, err));
done:
    rf_rows_clear(&rows);
    return st;
}

/* ---- what is held of one kind ---- */

typedef struct kind_writer {
    rf_h5 *file;
    const rf_bigraph *graph;
    int kind;
    const rf_store *store; /* the kind's */
} kind_writer;

static const char *path_of(char out[RF_STATE_PATH], const kind_writer *w, const char *name)
{
    return rf_state_path(out, &w->graph->kinds, w->kind, name);
}

static size_t count_sums(const rf_store *store)
{
    return store->n_full * (size_t)store->codec.n_codes;
}

/* Does any sum of squares have something above 128 bits? */
static bool has_long_squares(const rf_store *store)
{
    uint64_t any = 0;
    for (size_t i = 0, n = count_sums(store); i < n; i++)
        any |= store->sums[i].sum_sq_high;
    return any != 0;
}

/* What sums of squares have above 128 bits, where any has something. */
static rf_status write_squares(const kind_writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rows rows = {0};
    char name[RF_STATE_PATH];
    const size_t n = count_sums(w->store);
    if (!has_long_squares(w->store))
        return RF_OK;
    RF_TRY(rf_rows_begin(&rows, w->file, path_of(name, w, RF_STATE_SQUARES), RF_H5_U64, (int64_t)n, 0, err));
    for (size_t i = 0; i < n; i++)
        RF_TRY(rf_rows_put(&rows, &w->store->sums[i].sum_sq_high, err));
    RF_TRY(rf_rows_end(&rows, err));
done:
    rf_rows_clear(&rows);
    return st;
}

static rf_status write_sums(const kind_writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rows rows = {0};
    char name[RF_STATE_PATH];
    const size_t n = count_sums(w->store);
    RF_TRY(rf_rows_begin(&rows, w->file, path_of(name, w, "full/sums"), RF_H5_I64, (int64_t)n,
                         RF_STATE_SUM_COLUMNS, err));
    for (size_t i = 0; i < n; i++) {
        const rf_attr_sums *sums = &w->store->sums[i];
        const int64_t row[RF_STATE_SUM_COLUMNS] = {sums->n,
                                                   (int64_t)(uint64_t)sums->sum,
                                                   (int64_t)(sums->sum >> 64),
                                                   (int64_t)(uint64_t)sums->sum_sq,
                                                   (int64_t)(sums->sum_sq >> 64),
                                                   sums->min,
                                                   sums->max,
                                                   sums->latest,
                                                   sums->latest_us,
                                                   sums->sin_sum,
                                                   sums->cos_sum};
        RF_TRY(rf_rows_put(&rows, row, err));
    }
    RF_TRY(rf_rows_end(&rows, err));
    RF_TRY(write_squares(w, err));
done:
    rf_rows_clear(&rows);
    return st;
}

static rf_status write_owned(const kind_writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    rf_rows rows = {0};
    char name[RF_STATE_PATH];
    const rf_store *store = w->store;
    size_t places = store->cap_owned > 0 ? store->cap_owned : store->n_owned; /* a table, or a sorted list */
    RF_TRY(rf_rows_begin(&rows, w->file, path_of(name, w, "full/categories"), RF_H5_U32,
                         (int64_t)store->n_owned, 3, err));
    for (size_t i = 0; i < places; i++) {
        if (store->owned[i].events != 0)
            RF_TRY(rf_rows_put(&rows, &store->owned[i], err));
    }
    RF_TRY(rf_rows_end(&rows, err));
done:
    rf_rows_clear(&rows);
    return st;
}

static rf_status write_cells(const kind_writer *w, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *store = w->store;
    int64_t cells[2] = {(int64_t)store->n_cells, 5}, full[2] = {(int64_t)store->n_full, 4};
    int64_t log[1] = {(int64_t)store->n_log};
    char name[RF_STATE_PATH];
    RF_TRY(rf_h5_write(w->file, path_of(name, w, "cells"), RF_H5_U32, 2, cells, store->cells, err));
    RF_TRY(rf_h5_write(w->file, path_of(name, w, "records"), RF_H5_U8, 1, log, store->log, err));
    RF_TRY(rf_h5_write(w->file, path_of(name, w, "full/cells"), RF_H5_U32, 2, full, store->full, err));
    RF_TRY(write_sums(w, err));
    RF_TRY(write_owned(w, err));
done:
    return st;
}

static rf_status write_entities(const kind_writer *w, rf_err *err)
{
    char name[RF_STATE_PATH];
    return write_ids(w->file, path_of(name, w, "entities"), w->graph->relation[w->kind].entities,
                     w->graph->sorted ? &w->graph->renumber.entity[w->kind] : NULL, err);
}

/* ---- what is of all ---- */

static rf_status write_header(rf_h5 *file, const rf_bigraph *graph, bool fresh_counts, rf_err *err)
{
    rf_status st = RF_OK;
    const char *identity = graph->options.identity == NULL ? "" : graph->options.identity;
    bool long_squares = false;
    for (int k = 0; k < graph->n_kinds; k++)
        long_squares = long_squares || has_long_squares(&graph->relation[k].store);
    int64_t version = long_squares ? RF_STATE_VERSION_SQUARES : RF_STATE_VERSION;
    int64_t codes = graph->options.schema->n_attrs + 1, kept_from = rf_bigraph_floor(graph);
    int64_t counts[RF_STATE_COUNTS] = {0};
    if (!fresh_counts)
        memcpy(counts,
               (int64_t[RF_STATE_COUNTS]){graph->counts.read, graph->counts.accepted, graph->counts.rejected,
                                          graph->counts.duplicate, graph->counts.late,
                                          graph->counts.waiting + graph->counts.expired},
               sizeof counts);
    if (!fresh_counts && graph->counts.filtered > 0)
        RF_TRY(rf_h5_write_attr_int(file, "/state", "filtered", &graph->counts.filtered, 1, err));
    if (!fresh_counts && graph->late_before_us != INT64_MIN)
        RF_TRY(rf_h5_write_attr_int(file, "/state", "late_before_us", &graph->late_before_us, 1, err));
    RF_TRY(rf_h5_write_texts(file, "/state/identity", &identity, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/state", "version", &version, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/state", "slot_us", &graph->slot_us, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/state", "codes", &codes, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/state", "kept_from_us", &kept_from, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/state", "newest_us", &graph->newest_us, 1, err));
    if (graph->options.jump_us != 0 && graph->end_us != graph->newest_us)
        RF_TRY(rf_h5_write_attr_int(file, "/state", "end_us", &graph->end_us, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/state", "counts", counts, RF_STATE_COUNTS, err));
done:
    return st;
}

static int64_t gather(int64_t (*rows)[3], int64_t n, const rf_timeline *timeline, int column)
{
    size_t places = timeline->bits == 0 ? 0 : (size_t)1 << timeline->bits;
    for (size_t i = 0; i < places; i++) {
        if (timeline->places[i].slot == RF_NO_SLOT)
            continue;
        rows[n][0] = timeline->places[i].slot;
        rows[n][1] = rows[n][2] = 0;
        rows[n++][column] = timeline->places[i].events;
    }
    return n;
}

/* What was read since the last completed build, by slot: a slot may have two rows. */
static rf_status write_read_slots(rf_h5 *file, const rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t(*rows)[3] = NULL;
    RF_NEW(rows, graph->fresh.n + graph->repeats.n, err);
    int64_t n = gather(rows, 0, &graph->fresh, 1);
    int64_t shape[2] = {gather(rows, n, &graph->repeats, 2), 3};
    RF_TRY(rf_h5_write(file, "/state/read_slots", RF_H5_I64, 2, shape, rows, err));
done:
    rf_mem_free(rows);
    return st;
}

rf_status rf_state_write(rf_h5 *file, const rf_bigraph *graph, const rf_positions *positions,
                         bool fresh_counts, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_renumber *r = graph->sorted ? &graph->renumber : NULL;
    const rf_positions none = {0};
    kind_writer kinds[RF_KINDS_MOST];
    char name[40];
    for (int k = 0; k < graph->n_kinds; k++)
        kinds[k] = (kind_writer){file, graph, k, &graph->relation[k].store};
    RF_TRY(write_header(file, graph, fresh_counts, err));
    RF_TRY(write_ids(file, "/state/users", graph->users, r == NULL ? NULL : &r->user, err));
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(write_entities(&kinds[k], err));
    for (int i = 0; i < graph->n_categories; i++) {
        int code = graph->category_codes[i];
        RF_TRY(write_ids(file, rf_state_category_name(name, code), graph->category[code],
                         r == NULL ? NULL : &r->category[code], err));
    }
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(write_cells(&kinds[k], err));
    if (!fresh_counts)
        RF_TRY(write_read_slots(file, graph, err));
    RF_TRY(rf_state_write_positions(file, positions == NULL ? &none : positions, err));
done:
    return st;
}
