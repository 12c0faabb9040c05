/* state_read.c - /state back into an empty graph.
 *
 * Reading trusts nothing: each number is checked before it is used as an index or added up, so that a damaged
 * file is refused by the name of the dataset. state_write.c wrote it; snapshot.c decides what to do with it.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "rf_mem.h"
#include "rows_int.h"
#include "state_int.h"

typedef struct reader {
    rf_h5 *file;
    rf_bigraph *graph;
    uint32_t n_users;
    uint32_t end_slot; /* of RF_TIME_MAX */
    int kind;          /* that is being read */
    rf_relation *relation;
    rf_store *store;
    uint32_t n_entities, n_category[RF_MAX_CODES]; /* by the code of its codec */
} reader;

#define DAMAGED(r, name, what)                                                                               \
    RF_FAIL(err, RF_E_FORMAT, RF_STATE_DAMAGED, rf_h5_path((r)->file), (name), (what))

/* ---- header ---- */

static rf_status check_identity(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    rf_texts saved = {0};
    char was[80], is[80];
    const char *mine = r->graph->options.identity == NULL ? "" : r->graph->options.identity;
    if (!rf_h5_exists(r->file, "/state/identity"))
        DAMAGED(r, "/state/identity", "is missing");
    RF_TRY(rf_h5_read_texts(r->file, "/state/identity", &saved, err));
    if (saved.n != 1)
        DAMAGED(r, "/state/identity", "is not one text");
    if (strcmp(rf_texts_get(&saved, 0), mine) != 0) {
        const char *theirs = rf_texts_get(&saved, 0);
        size_t line = 0; /* the first that differs, cut to what fits a message */
        for (size_t i = 0; theirs[i] != '\0' && theirs[i] == mine[i]; i++)
            line = theirs[i] == '\n' ? i + 1 : line;
        snprintf(was, sizeof was, "%.*s", (int)strcspn(theirs + line, "\n"), theirs + line);
        snprintf(is, sizeof is, "%.*s", (int)strcspn(mine + line, "\n"), mine + line);
        RF_FAIL(err, RF_E_FORMAT,
                "%s was built with other settings (there: \"%s\"; now: \"%s\"): go back to them, or start "
                "again with "
                "--rebuild",
                rf_h5_path(r->file), was, is);
    }
done:
    rf_texts_clear(&saved);
    return st;
}

static bool within_time(int64_t time_us)
{
    return time_us >= RF_TIME_MIN && time_us < RF_TIME_MAX;
}

static rf_status read_header(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = r->graph;
    int64_t version, slot_us, codes, counts[RF_STATE_COUNTS];
    RF_TRY(rf_h5_read_attr_int(r->file, "/state", "version", &version, 1, err));
    if (version < RF_STATE_VERSION || version > RF_STATE_VERSION_SQUARES)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: its /state has version %" PRId64 ", this ringfence reads %d to %d: use --rebuild",
                rf_h5_path(r->file), version, RF_STATE_VERSION, RF_STATE_VERSION_SQUARES);
    RF_TRY(check_identity(r, err));
    RF_TRY(rf_h5_read_attr_int(r->file, "/state", "slot_us", &slot_us, 1, err));
    RF_TRY(rf_h5_read_attr_int(r->file, "/state", "codes", &codes, 1, err));
    if (slot_us != graph->slot_us || codes != graph->options.schema->n_attrs + 1)
        RF_FAIL(
            err, RF_E_FORMAT,
            "%s was built with another graph.bucket, zone or list of attributes: start again with --rebuild",
            rf_h5_path(r->file));
    RF_TRY(rf_h5_read_attr_int(r->file, "/state", "kept_from_us", &graph->kept_from_us, 1, err));
    RF_TRY(rf_h5_read_attr_int(r->file, "/state", "newest_us", &graph->newest_us, 1, err));
    int64_t kept = graph->kept_from_us;
    if (graph->newest_us != RF_AS_OF_LATEST && !within_time(graph->newest_us))
        DAMAGED(r, "/state newest_us", "out of range");
    graph->end_us = graph->newest_us;
    if (rf_h5_has_attr(r->file, "/state", "end_us"))
        RF_TRY(rf_h5_read_attr_int(r->file, "/state", "end_us", &graph->end_us, 1, err));
    if (graph->end_us != RF_AS_OF_LATEST && (!within_time(graph->end_us) || graph->end_us > graph->newest_us))
        DAMAGED(r, "/state end_us", "out of range");
    graph->was_end_us = graph->end_us;
    if (kept != INT64_MIN && (kept > RF_TIME_MAX || kept < RF_TIME_MIN - 4 * (RF_TIME_MAX - RF_TIME_MIN)))
        DAMAGED(r, "/state kept_from_us", "out of range");
    RF_TRY(rf_h5_read_attr_int(r->file, "/state", "counts", counts, RF_STATE_COUNTS, err));
    for (int i = 0; i < RF_STATE_COUNTS; i++) {
        if (counts[i] < 0 || counts[i] > INT64_MAX / 2)
            DAMAGED(r, "/state counts", "out of range");
    }
    graph->counts = (rf_counts){.read = counts[0],
                                .accepted = counts[1],
                                .rejected = counts[2],
                                .duplicate = counts[3],
                                .late = counts[4],
                                .expired = counts[5]};
    if (rf_h5_has_attr(r->file, "/state", "filtered"))
        RF_TRY(rf_h5_read_attr_int(r->file, "/state", "filtered", &graph->counts.filtered, 1, err));
    if (graph->counts.filtered < 0 || graph->counts.filtered > INT64_MAX / 2)
        DAMAGED(r, "/state filtered", "out of range");
    graph->late_before_us = INT64_MIN;
    if (rf_h5_has_attr(r->file, "/state", "late_before_us"))
        RF_TRY(rf_h5_read_attr_int(r->file, "/state", "late_before_us", &graph->late_before_us, 1, err));
done:
    return st;
}

/* Files of earlier versions have no slots; what they counted stays as it is. */
static rf_status read_read_slots(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = r->graph;
    int64_t(*rows)[3] = NULL, n = 0;
    if (!rf_h5_exists(r->file, "/state/read_slots")) {
        graph->earlier = graph->counts;
        return RF_OK;
    }
    RF_TRY(rf_rows_read((void **)&rows, &n, r->file, "/state/read_slots", RF_H5_I64, 3, err));
    for (int64_t i = 0; i < n; i++) {
        if (rows[i][0] < 0 || rows[i][0] >= (int64_t)r->end_slot || rows[i][1] < 0 || rows[i][2] < 0 ||
            rows[i][1] > INT64_MAX / 4 / n || rows[i][2] > INT64_MAX / 4 / n)
            DAMAGED(r, "/state/read_slots", "a row is out of range");
        if (rows[i][1] > 0)
            RF_TRY(rf_timeline_count(&graph->fresh, (uint32_t)rows[i][0], rows[i][1], err));
        if (rows[i][2] > 0)
            RF_TRY(rf_timeline_count(&graph->repeats, (uint32_t)rows[i][0], rows[i][2], err));
    }
done:
    rf_mem_free(rows);
    return st;
}

/* ---- ids ---- */

static rf_status read_ids(const reader *r, rf_idmap *map, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    int64_t n = 0;
    RF_TRY(rf_rows_read((void **)&bytes, &n, r->file, name, RF_H5_U8, 0, err));
    if (n > 0 && bytes[n - 1] != '\0')
        DAMAGED(r, name, "does not end where a text ends");
    for (int64_t i = 0; i < n;) {
        uint32_t id;
        int is_new;
        size_t len = strlen(bytes + i);
        RF_TRY(rf_idmap_intern(map, bytes + i, len, &id, &is_new, err));
        if (!is_new)
            DAMAGED(r, name, "a text occurs twice");
        i += (int64_t)len + 1;
    }
done:
    rf_mem_free(bytes);
    return st;
}

/* Those of all kinds. */
static rf_status read_shared_ids(reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = r->graph;
    char name[40];
    RF_TRY(read_ids(r, graph->users, "/state/users", err));
    r->n_users = rf_idmap_count(graph->users);
    for (int i = 0; i < graph->n_categories; i++) {
        int code = graph->category_codes[i];
        RF_TRY(read_ids(r, graph->category[code], rf_state_category_name(name, code), err));
    }
done:
    return st;
}

/* ---- cells ---- */

static const char *path_of(char out[RF_STATE_PATH], const reader *r, const char *name)
{
    return rf_state_path(out, &r->graph->kinds, r->kind, name);
}

/* *n_items rows of `columns` go to *block, *cap_items being its room as well (they grow later). */
static rf_status read_block(const reader *r, void **block, size_t *n_items, size_t *cap_items,
                            const char *name, rf_h5_type type, int64_t columns, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = 0;
    RF_TRY(rf_rows_read(block, &n, r->file, name, type, columns, err));
    if (n >= UINT32_MAX && columns > 0)
        DAMAGED(r, name, "has too many rows");
    *n_items = *cap_items = (size_t)n;
done:
    return st;
}

/* Exactly `count` readable records with values in range, the last one ending the chain. */
static bool chain_fine(const reader *r, const rf_cell *cell)
{
    const rf_store *store = r->store;
    const rf_codec *codec = &store->codec;
    uint32_t unit = cell->head;
    for (uint32_t i = 0; i < cell->count; i++) {
        rf_record record;
        if (!rf_record_get(&record, codec, store->log, store->n_log, unit))
            return false;
        int64_t value, time_us = rf_slot_us(codec, cell->slot) + record.offset;
        for (int k = 0; k < codec->n_codes; k++) {
            if (!rf_code_value(&value, codec, k, record.code[k], time_us) ||
                (rf_codec_type(codec, k) == RF_ATTR_CATEGORY && record.code[k] > r->n_category[k]))
                return false;
        }
        if ((record.link == RF_LINK_END) != (i + 1 == cell->count))
            return false;
        unit = record.next;
    }
    return true;
}

/* At most n times that of the largest number. */
static bool squares_fine(const rf_attr_sums *s)
{
    const rf_u128 largest = (rf_u128)RF_FIXED_MAX * (rf_u128)RF_FIXED_MAX;
    rf_u128 n = (rf_u128)s->n, low = n * (uint64_t)largest, high = n * (largest >> 64) + (low >> 64);
    rf_u128 own_high = (rf_u128)s->sum_sq_high << 64 | s->sum_sq >> 64;
    return own_high < high || (own_high == high && (uint64_t)s->sum_sq <= (uint64_t)low);
}

static bool full_fine(const reader *r, const rf_full_cell *full, const rf_attr_sums *sums, uint32_t count)
{
    const rf_codec *codec = &r->store->codec;
    if (full->first > full->last || full->last >= codec->slot_us || full->known > count ||
        full->labelled > full->known)
        return false;
    for (int i = 0; i < codec->n_codes; i++) {
        const rf_attr_sums *s = &sums[i];
        rf_i128 most = (rf_i128)s->n * RF_FIXED_MAX;
        if (s->n < 0 || s->n > count || s->sum > most || s->sum < -most || !squares_fine(s))
            return false;
        if (s->min < -RF_FIXED_MAX || s->max > RF_FIXED_MAX || s->min > s->max || s->latest < s->min ||
            s->latest > s->max || (s->latest_us != 0 && !within_time(s->latest_us)))
            return false;
        if (s->sin_sum > s->n * 1000000000 || s->sin_sum < -s->n * 1000000000 ||
            s->cos_sum > s->n * 1000000000 || s->cos_sum < -s->n * 1000000000)
            return false;
    }
    return true;
}

static rf_i128 join(int64_t low, int64_t high)
{
    return (rf_i128)high * ((rf_i128)1 << 64) + (rf_i128)(uint64_t)low;
}

/* What sums of squares have above 128 bits; where none has anything, it is not written. */
static rf_status read_squares(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    uint64_t *high = NULL;
    int64_t n = 0;
    rf_store *store = r->store;
    char name[RF_STATE_PATH];
    if (!rf_h5_exists(r->file, path_of(name, r, RF_STATE_SQUARES)))
        return RF_OK;
    RF_TRY(rf_rows_read((void **)&high, &n, r->file, name, RF_H5_U64, 0, err));
    if ((size_t)n != store->n_full * (size_t)store->codec.n_codes)
        DAMAGED(r, name, "does not fit full/cells");
    for (int64_t i = 0; i < n; i++)
        store->sums[i].sum_sq_high = high[i];
done:
    rf_mem_free(high);
    return st;
}

static rf_status read_sums(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t *rows = NULL, n = 0;
    rf_store *store = r->store;
    size_t want = store->n_full * (size_t)store->codec.n_codes;
    char name[RF_STATE_PATH];
    RF_TRY(rf_rows_read((void **)&rows, &n, r->file, path_of(name, r, "full/sums"), RF_H5_I64,
                        RF_STATE_SUM_COLUMNS, err));
    if ((size_t)n != want)
        DAMAGED(r, name, "does not fit full/cells");
    RF_NEW(store->sums, want, err);
    store->cap_sums = want;
    for (size_t i = 0; i < want; i++) {
        const int64_t *in = &rows[i * RF_STATE_SUM_COLUMNS];
        store->sums[i] = (rf_attr_sums){.n = in[0],
                                        .sum = join(in[1], in[2]),
                                        .sum_sq = (rf_u128)join(in[3], in[4]),
                                        .min = in[5],
                                        .max = in[6],
                                        .latest = in[7],
                                        .latest_us = in[8],
                                        .sin_sum = in[9],
                                        .cos_sum = in[10]};
    }
    RF_TRY(read_squares(r, err));
done:
    rf_mem_free(rows);
    return st;
}

static rf_status read_owned(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    rf_owned_category *rows = NULL;
    int64_t n = 0;
    rf_store *store = r->store;
    uint32_t codes = (uint32_t)store->codec.n_codes;
    char name[RF_STATE_PATH];
    RF_TRY(rf_rows_read((void **)&rows, &n, r->file, path_of(name, r, "full/categories"), RF_H5_U32, 3, err));
    for (int64_t i = 0; i < n; i++) {
        const rf_owned_category *owned = &rows[i];
        uint32_t code = owned->owner % codes;
        if (owned->owner / codes >= store->n_full || owned->category >= r->n_category[code] ||
            owned->events == 0 || owned->events > store->sums[owned->owner].n)
            DAMAGED(r, name, "a row is out of range");
        size_t before = store->n_owned;
        RF_TRY(rf_store_count_category(store, owned->owner, owned->category, owned->events, err));
        if (store->n_owned == before)
            DAMAGED(r, name, "a row occurs twice");
    }
done:
    rf_mem_free(rows);
    return st;
}

static bool cell_fine(const reader *r, const rf_cell *cell, uint8_t *taken)
{
    const rf_store *store = r->store;
    if (cell->u >= r->n_users || cell->v >= r->n_entities || cell->slot >= r->end_slot || cell->count == 0)
        return false;
    if (store->codec.ids && cell->count != 1)
        return false;
    if (cell->count <= RF_CELL_EVENTS)
        return chain_fine(r, cell);
    if (cell->head >= store->n_full || __atomic_fetch_add(&taken[cell->head], 1, __ATOMIC_RELAXED) != 0)
        return false;
    return full_fine(r, &store->full[cell->head],
                     &store->sums[(size_t)cell->head * (size_t)store->codec.n_codes], cell->count);
}

#define CELLS_A_TASK 16384

typedef struct checking {
    const reader *r;
    uint8_t *taken; /* [n_full] how many cells have these sums */
    atomic_bool damaged;
} checking;

static void check_cells(void *context, int64_t index, int worker)
{
    checking *c = context;
    const rf_store *store = c->r->store;
    const size_t from = (size_t)index * CELLS_A_TASK, n = store->n_cells;
    const size_t to = n - from < CELLS_A_TASK ? n : from + CELLS_A_TASK;
    (void)worker;
    for (size_t i = from; i < to && !c->damaged; i++) {
        if (!cell_fine(c->r, &store->cells[i], c->taken))
            c->damaged = true;
    }
}

static rf_status read_cells(const reader *r, rf_err *err)
{
    rf_status st = RF_OK;
    rf_store *store = r->store;
    uint8_t *taken = NULL;
    size_t unused;
    char name[RF_STATE_PATH];
    RF_TRY(read_block(r, (void **)&store->cells, &store->n_cells, &store->cap_cells,
                      path_of(name, r, "cells"), RF_H5_U32, 5, err));
    RF_TRY(read_block(r, (void **)&store->full, &store->n_full, &store->cap_full,
                      path_of(name, r, "full/cells"), RF_H5_U32, 4, err));
    if (store->n_full > UINT32_MAX / RF_MAX_CODES)
        DAMAGED(r, name, "has too many rows");
    RF_TRY(read_block(r, (void **)&store->log, &store->n_log, &store->cap_log, path_of(name, r, "records"),
                      RF_H5_U8, 0, err));
    unused = store->n_log % RF_RECORD_UNIT;
    if (unused != 0 || store->n_log / RF_RECORD_UNIT > UINT32_MAX)
        DAMAGED(r, name, "has no whole number of records");
    RF_TRY(read_sums(r, err));
    RF_TRY(read_owned(r, err));
    RF_ZERO(taken, store->n_full, err);
    checking check = {.r = r, .taken = taken};
    rf_pool_run(r->graph->pool, ((int64_t)store->n_cells + CELLS_A_TASK - 1) / CELLS_A_TASK, check_cells,
                &check);
    if (check.damaged)
        DAMAGED(r, path_of(name, r, "cells"), "a cell or one of its records is out of range");
done:
    rf_mem_free(taken);
    return st;
}

static rf_status read_kind(reader *r, int kind, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *graph = r->graph;
    char name[RF_STATE_PATH];
    r->kind = kind;
    r->relation = &graph->relation[kind];
    r->store = &r->relation->store;
    RF_TRY(read_ids(r, r->relation->entities, path_of(name, r, "entities"), err));
    r->n_entities = rf_idmap_count(r->relation->entities);
    for (int i = 0; i < r->store->codec.n_codes; i++) {
        const rf_idmap *map = graph->category[r->relation->code_of[i]];
        r->n_category[i] = map == NULL ? 0 : rf_idmap_count(map);
    }
    RF_TRY(read_cells(r, err));
    r->relation->cells_checked = r->store->n_cells;
done:
    return st;
}

rf_status rf_state_read(rf_bigraph *graph, rf_positions *positions, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    reader r = {.file = file, .graph = graph, .end_slot = rf_bigraph_slot(graph, RF_TIME_MAX)};
    rf_dedup *dedup = &graph->dedup;
    size_t cap;
    RF_TRY(read_header(&r, err));
    RF_TRY(read_read_slots(&r, err));
    RF_TRY(read_shared_ids(&r, err));
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(read_kind(&r, k, err));
    RF_TRY(read_block(&r, (void **)&dedup->entries, &dedup->n, &cap, "/state/event_ids", RF_H5_U32, 4, err));
    for (size_t i = 0; i < dedup->n; i++) {
        if (dedup->entries[i].slot >= r.end_slot)
            DAMAGED(&r, "/state/event_ids", "a slot is out of range");
    }
    RF_TRY(rf_dedup_open(dedup, err));
    RF_TRY(rf_state_read_positions(positions, file, err));
done:
    return st;
}
