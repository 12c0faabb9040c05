/* erase_cells.c - takes users and entities out of the state: their cells, and their ids where they are values
 * of a category.
 *
 * What is left of one kind of entity is what a build without their events would hold: every sum belongs to
 * one cell. With several kinds this holds where a user is erased. Where an entity is, the events stay with
 * the entities of other kinds that they named, unless nothing of the main kind is left of their user. The
 * hashes of event ids stay, so that a late repeat of an erased event is still known as one.
 */
#include "bigraph_int.h"
#include "rf_erased.h"
#include "rf_mem.h"

/* 1 for each number of `map` that is a subject's; *n counts them. */
static rf_status mark_ids(uint8_t **out, int64_t *n, const rf_idmap *map, rf_side side,
                          const rf_subjects *subjects, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(*out, rf_idmap_count(map), err);
    for (size_t i = 0; i < subjects->n; i++) {
        const rf_data_subject *subject = &subjects->at[i];
        uint32_t id = subject->side != side ? RF_NO_ID : rf_idmap_find(map, subject->id.ptr, subject->id.len);
        if (id == RF_NO_ID)
            continue;
        (*out)[id] = 1;
        ++*n;
    }
done:
    return st;
}

/* Cells of a marked user, or of an entity that is a subject. */
static rf_status drop_cells(rf_bigraph *graph, int kind, const uint8_t *users, const rf_subjects *subjects,
                            rf_erased *erased, rf_err *err)
{
    rf_status st = RF_OK;
    rf_relation *relation = &graph->relation[kind];
    rf_store *store = &relation->store;
    uint8_t *entities = NULL, *dropped = NULL;
    int64_t cells = 0;
    RF_TRY(mark_ids(&entities, &erased->entities, relation->entities, RF_ENTITY, subjects, err));
    RF_ZERO(dropped, store->n_cells, err);
    for (size_t c = 0; c < store->n_cells; c++) {
        const rf_cell *cell = &store->cells[c];
        dropped[c] = users[cell->u] != 0 || entities[cell->v] != 0;
        cells += dropped[c];
        if (dropped[c] && (kind == 0 || users[cell->u] == 0)) /* a marked user's were counted */
            erased->events += cell->count;
    }
    if (cells > 0)
        RF_TRY(rf_store_keep(store, 0, dropped, NULL, err));
    erased->cells += cells;
done:
    rf_mem_free(entities);
    rf_mem_free(dropped);
    return st;
}

/* Marks those who have no cell of the main kind, too: nothing is left that would make them users. */
static void mark_idle(uint8_t *users, const rf_store *store, uint32_t n)
{
    enum { ACTIVE = 2 };
    for (size_t c = 0; c < store->n_cells; c++)
        users[store->cells[c].u] |= ACTIVE;
    for (uint32_t u = 0; u < n; u++)
        users[u] = users[u] != ACTIVE;
}

static rf_status drop_subjects(rf_bigraph *graph, const rf_subjects *subjects, rf_erased *erased, rf_err *err)
{
    rf_status st = RF_OK;
    uint8_t *users = NULL;
    RF_TRY(mark_ids(&users, &erased->users, graph->users, RF_USER, subjects, err));
    RF_TRY(drop_cells(graph, 0, users, subjects, erased, err));
    mark_idle(users, rf_main_store(graph), rf_idmap_count(graph->users));
    for (int k = 1; k < graph->n_kinds; k++)
        RF_TRY(drop_cells(graph, k, users, subjects, erased, err));
done:
    rf_mem_free(users);
    return st;
}

/* ---- ids among the categories ---- */

static bool is_taken(const void *map, const rf_text *name)
{
    return rf_idmap_find(map, name->ptr, name->len) != RF_NO_ID;
}

/* The same texts under the same numbers, but for the subjects'. */
static rf_status rename_in(rf_idmap **map, const rf_subjects *subjects, int64_t *renamed, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *fresh = NULL;
    rf_text name = {0};
    uint32_t n = rf_idmap_count(*map), id;
    bool any = false;
    for (size_t i = 0; i < subjects->n && !any; i++)
        any = rf_idmap_find(*map, subjects->at[i].id.ptr, subjects->at[i].id.len) != RF_NO_ID;
    if (!any)
        return RF_OK;
    RF_TRY(rf_idmap_new(&fresh, err));
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        const char *text = rf_idmap_text(*map, i, &len);
        const rf_data_subject *subject = rf_subjects_find(subjects, RF_NO_SIDE, text, len);
        if (subject != NULL) {
            rf_text_reset(&name);
            RF_TRY(rf_subject_rename_free(&name, subject, is_taken, *map, err));
            text = name.ptr;
            len = name.len;
            ++*renamed;
        }
        RF_TRY(rf_idmap_intern(fresh, text, len, &id, NULL, err));
    }
    rf_idmap_free(*map);
    *map = fresh;
    fresh = NULL;
done:
    rf_idmap_free(fresh);
    rf_text_clear(&name);
    return st;
}

rf_status rf_bigraph_erase(rf_bigraph *graph, const rf_subjects *subjects, bool keep_categories,
                           rf_erased *erased, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(drop_subjects(graph, subjects, erased, err));
    for (int i = 0; i < graph->n_categories && !keep_categories; i++)
        RF_TRY(rename_in(&graph->category[graph->category_codes[i]], subjects, &erased->categories, err));
done:
    return st;
}
