/* merge.c - adds the state of one file to a growing graph: numbers are remapped; cells, counts and ids are
 * joined.
 *
 * Everything that a cell keeps commutes, so it does not matter whether two processes saw half of a cell's
 * events each: packed records are added like events that arrive now, sums are added to sums. The other file's
 * state is read into a graph of its own first, one file at a time. merge_plan.c decides which files may be
 * joined, and in which order; merge_repeats.c handles events that both have.
 */
#include <string.h>

#include "bigraph_int.h"
#include "merge_int.h"
#include "rf_mem.h"

#define LOOK_AHEAD 8 /* cells */

/* ---- numbers of the one, numbers of the other ---- */

static rf_status new_numbers(uint32_t **out, size_t n, rf_err *err)
{
    *out = rf_mem_new(n, sizeof **out, err);
    if (*out == NULL)
        return RF_E_NOMEM;
    memset(*out, 0xFF, n * sizeof **out);
    return RF_OK;
}

static rf_status new_joiner(rf_joiner *j, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_bigraph *from = j->from;
    RF_TRY(new_numbers(&j->u_to, rf_idmap_count(from->u), err));
    RF_TRY(new_numbers(&j->v_to, rf_idmap_count(from->v), err));
    for (int i = 0; i < from->store.codec.n_codes; i++) {
        if (from->category[i] != NULL)
            RF_TRY(new_numbers(&j->category_to[i], rf_idmap_count(from->category[i]), err));
    }
    RF_TRY(new_numbers(&j->full_to, from->store.n_full, err));
    j->dropped = rf_mem_zero(from->store.n_cells, 1, err);
    if (j->dropped == NULL)
        st = RF_E_NOMEM;
done:
    return st;
}

static void clear_joiner(rf_joiner *j)
{
    rf_mem_free(j->u_to);
    rf_mem_free(j->v_to);
    for (int i = 0; i < RF_MAX_CODES; i++)
        rf_mem_free(j->category_to[i]);
    rf_mem_free(j->full_to);
    rf_mem_free(j->dropped);
}

/* A text gets its number in `into` when the first cell that stays needs it. */
static rf_status translate(uint32_t *number, uint32_t *to, rf_idmap *into, const rf_idmap *from, uint32_t old,
                           rf_err *err)
{
    rf_status st = RF_OK;
    size_t len;
    if (to[old] == RF_NO_ID) {
        const char *text = rf_idmap_text(from, old, &len);
        RF_TRY(rf_idmap_intern(into, text, len, &to[old], NULL, err));
    }
    *number = to[old];
done:
    return st;
}

static rf_status translate_codes(rf_joiner *j, uint64_t *code, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < j->from->store.codec.n_codes; i++) {
        uint32_t number;
        if (j->category_to[i] == NULL || code[i] == 0)
            continue;
        RF_TRY(translate(&number, j->category_to[i], j->into->category[i], j->from->category[i],
                         (uint32_t)(code[i] - 1), err));
        code[i] = (uint64_t)number + 1;
    }
done:
    return st;
}

/* ---- cells ---- */

static rf_status join_records(rf_joiner *j, const rf_cell *cell, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record records[RF_CELL_EVENTS];
    rf_store *into = &j->into->store;
    rf_arrival *arrival = &j->arrival;
    int n = rf_cell_records(records, &j->from->store, cell->head, cell->count);
    for (int i = 0; i < n; i++) {
        RF_TRY(translate_codes(j, records[i].code, err));
        arrival->offset = records[i].offset;
        arrival->label = records[i].label;
        arrival->typed = records[i].typed;
        arrival->body_len = rf_record_put_body(arrival->body, &into->codec, records[i].code, records[i].id,
                                               records[i].id_len);
        RF_TRY(rf_store_add(into, arrival, err));
    }
done:
    return st;
}

static rf_status join_cell(rf_joiner *j, const rf_cell *cell, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *from = &j->from->store;
    rf_store *into = &j->into->store;
    size_t before = into->n_cells, codes = (size_t)from->codec.n_codes;
    RF_TRY(translate(&j->arrival.u, j->u_to, j->into->u, j->from->u, cell->u, err));
    RF_TRY(translate(&j->arrival.v, j->v_to, j->into->v, j->from->v, cell->v, err));
    j->arrival.slot = cell->slot;
    j->arrival.hash = rf_cell_hash(j->arrival.u, j->arrival.v, cell->slot);
    RF_TRY(rf_store_reserve(into, 1, err));
    if (cell->count > RF_CELL_EVENTS)
        RF_TRY(rf_store_join_full(into, &j->arrival, cell->count, &from->full[cell->head],
                                  &from->sums[cell->head * codes], &j->full_to[cell->head], err));
    else
        RF_TRY(join_records(j, cell, err));
    j->counts->cells++;
    j->counts->shared_cells += into->n_cells == before;
done:
    return st;
}

/* Brings the index slot of a cell some way ahead near, if its user and entity are known by then. */
static void look_ahead(const rf_joiner *j, size_t c)
{
    const rf_store *from = &j->from->store;
    if (c >= from->n_cells)
        return;
    const rf_cell *cell = &from->cells[c];
    rf_store_prefetch(&j->into->store, rf_cell_hash(j->u_to[cell->u], j->v_to[cell->v], cell->slot));
}

static rf_status join_cells(rf_joiner *j, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *from = &j->from->store;
    for (size_t c = 0; c < from->n_cells; c++) {
        look_ahead(j, c + LOOK_AHEAD);
        if (from->cells[c].slot >= j->floor_slot && !j->dropped[c])
            RF_TRY(join_cell(j, &from->cells[c], err));
    }
done:
    return st;
}

/* How often full cells saw each category. */
static rf_status join_owned(rf_joiner *j, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *from = &j->from->store;
    uint32_t codes = (uint32_t)from->codec.n_codes, category;
    for (size_t i = 0; i < from->cap_owned; i++) {
        const rf_owned_category *owned = &from->owned[i];
        uint32_t code = owned->owner % codes;
        if (owned->events == 0 || j->full_to[owned->owner / codes] == RF_NO_ID)
            continue;
        RF_TRY(translate(&category, j->category_to[code], j->into->category[code], j->from->category[code],
                         owned->category, err));
        RF_TRY(rf_store_count_category(&j->into->store, j->full_to[owned->owner / codes] * codes + code,
                                       category, owned->events, err));
    }
done:
    return st;
}

/* ---- the rest of the state ---- */

static rf_status join_dedup(rf_joiner *j, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_dedup *from = &j->from->dedup;
    RF_TRY(rf_dedup_reserve(&j->into->dedup, from->n, err));
    for (size_t i = 0; from->bits > 0 && i < (size_t)1 << from->bits; i++) {
        const rf_dedup_entry *entry = &from->entries[i];
        if (entry->slot != RF_NO_SLOT && entry->slot >= j->floor_slot)
            RF_TRY(rf_dedup_join(&j->into->dedup, entry, j->floor_slot, err));
    }
done:
    return st;
}

static void join_times(rf_bigraph *into, const rf_bigraph *from)
{
    if (from->newest_us > into->newest_us)
        into->newest_us = from->newest_us;
    if (from->kept_from_us > into->kept_from_us)
        into->kept_from_us = from->kept_from_us;
}

static void join_counts(rf_counts *into, const rf_counts *from)
{
    into->read += from->read;
    into->accepted += from->accepted;
    into->rejected += from->rejected;
    into->duplicate += from->duplicate;
    into->late += from->late;
    into->outside_window += from->outside_window;
}

/* Standard input of other content is another input; the first stays, so that names are told apart. */
static bool is_other_stdin(const rf_input_position *a, const rf_input_position *b)
{
    return a->partition < 0 && strcmp(a->name, "stdin") == 0 && a->fingerprint != b->fingerprint;
}

static rf_status check_position(bool *keep, const rf_positions *into, const rf_input_position *item,
                                const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_INPUT_NAME];
    *keep = true;
    for (size_t i = 0; i < into->n && *keep; i++) {
        const rf_input_position *other = &into->items[i];
        if (other->partition != item->partition || strcmp(other->name, item->name) != 0)
            continue;
        *keep = false;
        if (!is_other_stdin(other, item))
            RF_FAIL(
                err, RF_E_INVALID,
                "%s: holds %s, and so does what was joined before: its events would count twice; leave one "
                "of them out",
                path, rf_input_name(name, item));
    }
done:
    return st;
}

/* Items move from `from`. */
static rf_status join_positions(rf_positions *into, rf_positions *from, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input_position *items = rf_mem_grow(into->items, into->n + from->n, sizeof *items, err);
    if (items == NULL)
        return RF_E_NOMEM;
    into->items = items;
    for (size_t i = 0; i < from->n; i++) {
        bool keep;
        RF_TRY(check_position(&keep, into, &from->items[i], path, err));
        if (keep) {
            into->items[into->n++] = from->items[i];
            from->items[i].name = NULL;
        }
    }
    if (from->dead_letter_bytes >
        into->dead_letter_bytes) /* a file is never cut shorter than either knew it */
        into->dead_letter_bytes = from->dead_letter_bytes;
done:
    return st;
}

/* ---- the whole ---- */

rf_status rf_merge_open(rf_h5 **out, bool *is_shard, const char *path, rf_err *err)
{
    static const char *const formats[] = {RF_GRAPH_FORMAT, RF_BUILDING_FORMAT, RF_SHARD_FORMAT};
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    char *found = NULL;
    int kind = 0;
    RF_TRY(rf_h5_open(&file, path, err));
    if (rf_h5_has_attr(file, "/", "format"))
        RF_TRY(rf_h5_read_attr_text(file, "/", "format", &found, err));
    while (kind < 3 && (found == NULL || strcmp(found, formats[kind]) != 0))
        kind++;
    if (kind == 3)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: is no shard or graph (its format is \"%.64s\"): only these can be joined", path,
                found == NULL ? "" : found);
    rf_h5_close(&file);
    RF_TRY(rf_state_open(&file, path, formats[kind], err));
    *is_shard = kind == 2;
    *out = file;
    file = NULL;
done:
    rf_mem_free(found);
    rf_h5_close(&file);
    return st;
}

static rf_status read_other(rf_bigraph **out, rf_positions *positions, const rf_bigraph *like,
                            const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_bigraph *other = NULL;
    bool is_shard;
    RF_TRY(rf_merge_open(&file, &is_shard, path, err));
    RF_TRY(rf_bigraph_new(&other, &like->options, err));
    RF_TRY(rf_state_read(other, positions, file, err));
    *out = other;
    other = NULL;
done:
    rf_bigraph_free(other);
    rf_h5_close(&file);
    return st;
}

static rf_status join(rf_joiner *j, const char *path, bool keep_repeats, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(new_joiner(j, err));
    join_times(j->into, j->from);
    RF_TRY(rf_bigraph_check_window(j->into, path, err));
    j->floor_slot = rf_bigraph_floor_slot(j->into);
    RF_TRY(rf_merge_repeats(j, path, keep_repeats, err));
    RF_TRY(join_cells(j, err));
    RF_TRY(join_owned(j, err));
    RF_TRY(join_dedup(j, err));
    join_counts(&j->into->counts, &j->from->counts);
done:
    return st;
}

rf_status rf_bigraph_merge(rf_bigraph *into, const char *path, bool keep_repeats, rf_positions *positions,
                           rf_merge_counts *counts, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *other = NULL;
    rf_positions others = {0};
    *counts = (rf_merge_counts){0};
    rf_joiner *j = rf_mem_zero(1, sizeof *j, err); /* large: it holds an arrival */
    if (j == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_bigraph_check_unspent(into, err));
    RF_TRY(rf_bigraph_flush(into, err));
    RF_TRY(read_other(&other, &others, into, path, err));
    RF_TRY(join_positions(positions, &others, path, err));
    j->into = into;
    j->from = other;
    j->counts = counts;
    RF_TRY(join(j, path, keep_repeats, err));
done:
    rf_positions_clear(&others);
    rf_bigraph_free(other);
    clear_joiner(j);
    rf_mem_free(j);
    return st;
}
