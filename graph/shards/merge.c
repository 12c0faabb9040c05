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
    rf_status st = RF_OK;
    RF_NEW(*out, n, err);
    memset(*out, 0xFF, n * sizeof **out);
done:
    return st;
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

/* ---- cells ---- */

static rf_status join_records(rf_joiner *j, const rf_kind_joiner *kind, const rf_cell *cell, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record records[RF_CELL_EVENTS];
    rf_store *into = &kind->into->store;
    rf_arrival *arrival = &j->arrival;
    int n = rf_cell_records(records, &kind->from->store, cell->head, cell->count);
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < into->codec.n_codes; c++) {
            uint64_t *code = &records[i].code[c];
            int at = kind->into->code_of[c];
            uint32_t number;
            if (j->category_to[at] == NULL || *code == 0)
                continue;
            RF_TRY(translate(&number, j->category_to[at], j->into->category[at], j->from->category[at],
                             (uint32_t)(*code - 1), err));
            *code = (uint64_t)number + 1;
        }
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

static rf_status join_cell(rf_joiner *j, rf_kind_joiner *kind, const rf_cell *cell, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *from = &kind->from->store;
    rf_store *into = &kind->into->store;
    size_t codes = (size_t)from->codec.n_codes;
    RF_TRY(translate(&j->arrival.u, j->user_to, j->into->users, j->from->users, cell->u, err));
    RF_TRY(
        translate(&j->arrival.v, kind->entity_to, kind->into->entities, kind->from->entities, cell->v, err));
    j->arrival.slot = cell->slot;
    j->arrival.hash = rf_cell_hash(j->arrival.u, j->arrival.v, cell->slot);
    RF_TRY(rf_store_reserve(into, 1, err));
    if (cell->count > RF_CELL_EVENTS)
        RF_TRY(rf_store_join_full(into, &j->arrival, cell->count, &from->full[cell->head],
                                  &from->sums[cell->head * codes], &kind->full_to[cell->head], err));
    else
        RF_TRY(join_records(j, kind, cell, err));
done:
    return st;
}

/* *taken: how many. */
static rf_status join_cells(rf_joiner *j, rf_kind_joiner *kind, int64_t *taken, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *from = &kind->from->store;
    for (size_t c = 0; c < from->n_cells; c++) {
        if (c + LOOK_AHEAD < from->n_cells) { /* helps if its user and entity are known by then */
            const rf_cell *later = &from->cells[c + LOOK_AHEAD];
            rf_store_prefetch(&kind->into->store,
                              rf_cell_hash(j->user_to[later->u], kind->entity_to[later->v], later->slot));
        }
        if (from->cells[c].slot < j->floor_slot || kind->dropped[c])
            continue;
        RF_TRY(join_cell(j, kind, &from->cells[c], err));
        ++*taken;
    }
done:
    return st;
}

/* How often full cells saw each category. */
static rf_status join_owned(rf_joiner *j, const rf_kind_joiner *kind, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_store *from = &kind->from->store;
    uint32_t codes = (uint32_t)from->codec.n_codes, category;
    for (size_t i = 0; i < from->cap_owned; i++) {
        const rf_owned_category *owned = &from->owned[i];
        uint32_t code = owned->owner % codes, to;
        if (owned->events == 0 || (to = kind->full_to[owned->owner / codes]) == RF_NO_ID)
            continue;
        int at = kind->into->code_of[code];
        RF_TRY(translate(&category, j->category_to[at], j->into->category[at], j->from->category[at],
                         owned->category, err));
        RF_TRY(rf_store_count_category(&kind->into->store, to * codes + code, category, owned->events, err));
    }
done:
    return st;
}

static rf_status join_kinds(rf_joiner *j, rf_err *err)
{
    rf_status st = RF_OK;
    for (int k = 0; k < j->into->n_kinds; k++) {
        const size_t before = j->kind[k].into->store.n_cells;
        int64_t taken = 0;
        RF_TRY(join_cells(j, &j->kind[k], &taken, err));
        RF_TRY(join_owned(j, &j->kind[k], err));
        if (k > 0)
            continue;
        j->counts->cells = taken;
        j->counts->shared_cells = taken - (int64_t)(j->kind[k].into->store.n_cells - before);
    }
done:
    return st;
}

/* ---- positions in the inputs ---- */

/* Items move from `from`. Of standard inputs with different contents the first stays. by_content: the same
 * content under two names is refused, because no ids of events show what both have. */
static rf_status join_positions(rf_positions *into, rf_positions *from, bool by_content, const char *path,
                                rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_INPUT_NAME];
    rf_input_position *items = rf_mem_grow(into->items, into->n + from->n, sizeof *items, err);
    if (items == NULL)
        return RF_E_NOMEM;
    into->items = items;
    for (size_t i = 0; i < from->n; i++) {
        rf_input_position *item = &from->items[i];
        bool keep = true;
        for (size_t k = 0; k < into->n && keep; k++) {
            const rf_input_position *other = &into->items[k];
            keep = other->partition != item->partition || strcmp(other->name, item->name) != 0;
            if (!keep && rf_input_same(other, item))
                RF_FAIL(err, RF_E_INVALID,
                        "%s: holds %s, and so does an earlier file: its events would count twice; "
                        "remove one of the files from the command",
                        path, rf_input_name(name, item));
            if (keep && by_content && item->content != 0 && item->content == other->content &&
                item->offset == other->offset && item->records > 0)
                RF_FAIL(
                    err, RF_E_INVALID,
                    "%s: holds %s, whose content an earlier file holds as %s: its events would count twice; "
                    "remove one of the files from the command",
                    path, rf_input_name(name, item), other->name);
        }
        if (keep) {
            into->items[into->n++] = *item;
            *item = (rf_input_position){0};
        }
    }
    if (from->dead_letter_bytes >
        into->dead_letter_bytes) /* a file is never cut shorter than either knew it */
        into->dead_letter_bytes = from->dead_letter_bytes;
done:
    return st;
}

/* ---- what was read ---- */

static rf_status join_timeline(rf_timeline *into, const rf_timeline *from, rf_err *err)
{
    rf_status st = RF_OK;
    size_t places = from->bits == 0 ? 0 : (size_t)1 << from->bits;
    for (size_t i = 0; i < places; i++) {
        if (from->places[i].slot != RF_NO_SLOT)
            RF_TRY(rf_timeline_count(into, from->places[i].slot, from->places[i].events, err));
    }
done:
    return st;
}

static rf_status join_timelines(rf_bigraph *into, const rf_bigraph *from, rf_err *err)
{
    rf_status st = RF_OK;
    rf_counts *earlier = &into->earlier;
    RF_TRY(join_timeline(&into->fresh, &from->fresh, err));
    RF_TRY(join_timeline(&into->repeats, &from->repeats, err));
    earlier->accepted += from->earlier.accepted;
    earlier->duplicate += from->earlier.duplicate;
    earlier->waiting += from->earlier.waiting;
    earlier->expired += from->earlier.expired;
done:
    return st;
}

/* ---- the whole ---- */

static rf_status number_all(rf_joiner *j, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_bigraph *from = j->from;
    RF_TRY(new_numbers(&j->user_to, rf_idmap_count(from->users), err));
    for (int i = 0; i < from->n_categories; i++) {
        int code = from->category_codes[i];
        RF_TRY(new_numbers(&j->category_to[code], rf_idmap_count(from->category[code]), err));
    }
    for (int k = 0; k < from->n_kinds; k++) {
        rf_kind_joiner *kind = &j->kind[k];
        kind->into = &j->into->relation[k];
        kind->from = &from->relation[k];
        RF_TRY(new_numbers(&kind->entity_to, rf_idmap_count(kind->from->entities), err));
        RF_TRY(new_numbers(&kind->full_to, kind->from->store.n_full, err));
        RF_ZERO(kind->dropped, kind->from->store.n_cells, err);
    }
done:
    return st;
}

static void clear_numbers(rf_joiner *j)
{
    rf_mem_free(j->user_to);
    for (int i = 0; i < RF_MAX_CODES; i++)
        rf_mem_free(j->category_to[i]);
    for (int k = 0; k < RF_KINDS_MOST; k++) {
        rf_mem_free(j->kind[k].entity_to);
        rf_mem_free(j->kind[k].full_to);
        rf_mem_free(j->kind[k].dropped);
    }
}

static rf_status join_state(rf_joiner *j, const char *path, bool keep_repeats, rf_err *err)
{
    rf_status st = RF_OK;
    rf_bigraph *into = j->into;
    const rf_bigraph *from = j->from;
    const rf_dedup *ids = &from->dedup;
    RF_TRY(number_all(j, err));
    if (from->newest_us > into->newest_us)
        into->newest_us = from->newest_us;
    if (from->end_us > into->end_us)
        into->end_us = from->end_us;
    if (from->kept_from_us > into->kept_from_us)
        into->kept_from_us = from->kept_from_us;
    RF_TRY(rf_bigraph_check_window(into, path, err));
    j->floor_slot = rf_bigraph_floor_slot(into);
    RF_TRY(rf_merge_repeats(j, path, keep_repeats, err));
    RF_TRY(join_kinds(j, err));
    RF_TRY(rf_dedup_reserve(&into->dedup, ids->n, err));
    for (size_t i = 0; ids->bits > 0 && i < (size_t)1 << ids->bits; i++) {
        const rf_dedup_entry *entry = &ids->entries[i];
        if (entry->slot != RF_NO_SLOT && entry->slot >= j->floor_slot)
            RF_TRY(rf_dedup_join(&into->dedup, entry, j->floor_slot, err));
    }
    into->counts.read += from->counts.read;
    into->counts.accepted += from->counts.accepted;
    into->counts.rejected += from->counts.rejected;
    into->counts.filtered += from->counts.filtered;
    into->counts.duplicate += from->counts.duplicate;
    into->counts.late += from->counts.late;
    into->counts.waiting += from->counts.waiting;
    into->counts.expired += from->counts.expired;
    RF_TRY(join_timelines(into, from, err));
done:
    return st;
}

rf_status rf_bigraph_merge(rf_bigraph *into, rf_h5 *file, bool keep_repeats, rf_positions *positions,
                           rf_merge_counts *counts, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = rf_h5_path(file);
    rf_bigraph *other = NULL;
    rf_positions others = {0};
    rf_joiner *j = NULL;
    bool is_shard;
    *counts = (rf_merge_counts){0};
    RF_ZERO(j, 1, err); /* large: it holds an arrival */
    RF_TRY(rf_bigraph_check_unspent(into, err));
    RF_TRY(rf_bigraph_flush(into, err));
    RF_TRY(rf_merge_check(&is_shard, file, err));
    RF_TRY(rf_bigraph_new(&other, &into->options, err));
    RF_TRY(rf_state_read(other, &others, file, err));
    RF_TRY(join_positions(positions, &others, !keep_repeats && other->dedup.n == 0, path, err));
    j->into = into;
    j->from = other;
    j->counts = counts;
    RF_TRY(join_state(j, path, keep_repeats, err));
    if (other->fresh.n > 0) /* the counts of complete graphs begin again */
        into->joined_repeats += counts->same;
done:
    rf_positions_clear(&others);
    rf_bigraph_free(other);
    if (j != NULL)
        clear_numbers(j);
    rf_mem_free(j);
    return st;
}
