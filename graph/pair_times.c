/* pair_times.c - finds the cells of chosen pairs in the state of graph.h5, without reading the others.
 *
 * The state numbers users and entities by their sorted ids, and sorts cells by user, entity and slot. So the
 * edges' own order leads through the file once, forwards. Nothing is believed: an edge of which the cells in
 * the window do not add up to its number of events has no times.
 */
#include "rf_pair_times.h"

#include <stdio.h>
#include <string.h>

#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_time.h"
#include "rows_int.h"

#define CELL_COLUMNS 5 /* user, entity, slot, events, head */
#define BLOCK 4096     /* cells that are read together */
#define WANTED (RF_NO_ID - 1)
#define NAME 80

/* A dataset of the state: that of a kind lies in a group of its own, but for the first. */
static const char *state_name(char out[NAME], const rf_graph *graph, int kind, const char *what)
{
    if (kind == 0)
        snprintf(out, NAME, "/state/%s", what);
    else
        snprintf(out, NAME, "/state/kinds/%s/%s", rf_kind_name(&graph->kinds, kind), what);
    return out;
}

/* ---- whose cells ---- */

/* out[row]: the state's number of each row that the edges lead to, RF_NO_ID where it has none. */
static rf_status number_side(uint32_t **out, const rf_graph_side *side, const uint32_t *row_of,
                             const uint32_t *edges, int64_t n, rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    char *texts = NULL;
    int64_t bytes = 0, at = 0;
    uint32_t number = 0, *numbers = NULL;
    RF_NEW(numbers, side->n, err);
    memset(numbers, 0xFF, (size_t)side->n * sizeof *numbers);
    for (int64_t i = 0; i < n; i++)
        numbers[row_of[edges[i]]] = WANTED;
    RF_TRY(rf_rows_read((void **)&texts, &bytes, file, name, RF_H5_U8, 0, err));
    if (bytes > 0 && texts[bytes - 1] != '\0')
        RF_FAIL(err, RF_E_FORMAT, "%s: %s does not end where a text ends: the file is damaged",
                rf_h5_path(file), name);
    for (int64_t row = 0; row < side->n; row++) {
        if (numbers[row] != WANTED)
            continue;
        const char *id = rf_texts_get(&side->id, row);
        int order = -1;
        while (at < bytes && (order = strcmp(texts + at, id)) < 0) {
            at += (int64_t)strlen(texts + at) + 1;
            number++;
        }
        numbers[row] = at < bytes && order == 0 ? number : RF_NO_ID;
    }
    *out = numbers;
    numbers = NULL;
done:
    rf_mem_free(texts);
    rf_mem_free(numbers);
    return st;
}

/* ---- cells ---- */

typedef struct cells {
    rf_h5 *file;
    const char *name;
    int64_t n;
    int64_t from, held; /* the rows in memory */
    uint32_t *rows;     /* [BLOCK, CELL_COLUMNS] */
} cells;

static rf_status cell_at(const uint32_t **out, cells *c, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    if (i < c->from || i >= c->from + c->held) {
        c->from = i - i % BLOCK;
        c->held = c->n - c->from < BLOCK ? c->n - c->from : BLOCK;
        RF_TRY(rf_h5_read_rows(c->file, c->name, RF_H5_U32, c->from, c->held, c->rows, err));
    }
    *out = c->rows + (i - c->from) * CELL_COLUMNS;
done:
    return st;
}

static uint64_t pair_of(const uint32_t *cell)
{
    return (uint64_t)cell[0] << 32 | cell[1];
}

/* *at goes forwards to the first cell that is not before this pair: in growing steps, then by halves. */
static rf_status seek(int64_t *at, cells *c, uint64_t pair, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t *cell;
    int64_t low = *at, high = *at, step = 1; /* all before low are before the pair */
    while (high < c->n) {
        RF_TRY(cell_at(&cell, c, high, err));
        if (pair_of(cell) >= pair)
            break;
        low = high + 1;
        high += step;
        step *= 2;
    }
    if (high > c->n)
        high = c->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        RF_TRY(cell_at(&cell, c, middle, err));
        if (pair_of(cell) < pair)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
done:
    return st;
}

/* ---- times ---- */

typedef struct reader {
    cells cells;
    int64_t at;    /* cell */
    size_t n, cap; /* times */
    const rf_graph *graph;
} reader;

static bool is_inside(const rf_graph *graph, int64_t at_us)
{
    bool unbounded = graph->window_from_us == 0 && graph->window_to_us == 0;
    return unbounded || (at_us >= graph->window_from_us && at_us < graph->window_to_us);
}

/* The times of a pair, if they are all of its `events`. */
static rf_status read_pair(rf_pair_times *out, reader *r, uint64_t pair, int64_t events, rf_err *err)
{
    rf_status st = RF_OK;
    const uint32_t *cell;
    size_t before = r->n;
    int64_t sum = 0;
    RF_TRY(seek(&r->at, &r->cells, pair, err));
    for (; r->at < r->cells.n; r->at++) {
        RF_TRY(cell_at(&cell, &r->cells, r->at, err));
        if (pair_of(cell) != pair)
            break;
        if (cell[2] > (RF_TIME_MAX - RF_TIME_MIN) / out->slot_us)
            continue; /* no time that an event may have */
        rf_pair_time one = {RF_TIME_MIN + (int64_t)cell[2] * out->slot_us, cell[3]};
        if (!is_inside(r->graph, one.at_us))
            continue;
        RF_RESERVE(out->at, r->cap, r->n + 1, err);
        out->at[r->n++] = one;
        sum += one.events;
    }
    if (sum != events)
        r->n = before;
done:
    return st;
}

/* Is there a state of pairs, and of this shape? */
static rf_status find_state(int64_t *slot_us, int64_t *n_cells, rf_h5 *file, const rf_graph *graph, int kind,
                            const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    char *granularity = NULL, users[NAME], entities[NAME];
    int rank;
    int64_t dims[4];
    *slot_us = 0;
    if (!rf_h5_has_attr(file, "/", "granularity") || !rf_h5_exists(file, name) ||
        !rf_h5_exists(file, state_name(users, graph, 0, "users")) ||
        !rf_h5_exists(file, state_name(entities, graph, kind, "entities")) ||
        !rf_h5_has_attr(file, "/state", "slot_us") || graph->side[rf_edge_side(kind)].count == NULL ||
        graph->side[rf_edge_side(kind)].first_us == NULL || graph->side[RF_USER].id.n == 0 ||
        graph->side[rf_entity_side(kind)].id.n == 0)
        goto done;
    RF_TRY(rf_h5_read_attr_text(file, "/", "granularity", &granularity, err));
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (strcmp(granularity, "pair") != 0 || rank != 2 || dims[1] != CELL_COLUMNS)
        goto done;
    *n_cells = dims[0];
    RF_TRY(rf_h5_read_attr_int(file, "/state", "slot_us", slot_us, 1, err));
    if (*slot_us < 0 || *slot_us > RF_HOUR_US)
        *slot_us = 0;
done:
    rf_mem_free(granularity);
    return st;
}

rf_status rf_pair_times_read(rf_pair_times *out, rf_h5 *file, const rf_graph *graph, int kind,
                             const uint32_t *edges, int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    char users[NAME], entities[NAME], name[NAME];
    const rf_adj *adj = rf_graph_adj(graph, kind);
    const rf_graph_side *side = &graph->side[rf_edge_side(kind)];
    uint32_t *user = NULL, *entity = NULL;
    reader r = {.cells = {.file = file, .name = state_name(name, graph, kind, "cells")}, .graph = graph};
    *out = (rf_pair_times){.n = n};
    RF_ZERO(out->ptr, n + 1, err);
    RF_TRY(find_state(&out->slot_us, &r.cells.n, file, graph, kind, name, err));
    if (out->slot_us == 0)
        goto done;
    RF_TRY(number_side(&user, &graph->side[RF_USER], adj->e_u, edges, n, file,
                       state_name(users, graph, 0, "users"), err));
    RF_TRY(number_side(&entity, &graph->side[rf_entity_side(kind)], adj->e_v, edges, n, file,
                       state_name(entities, graph, kind, "entities"), err));
    RF_NEW(r.cells.rows, BLOCK * CELL_COLUMNS, err);
    for (int64_t i = 0; i < n; i++) {
        uint32_t u = user[adj->e_u[edges[i]]], v = entity[adj->e_v[edges[i]]];
        out->ptr[i] = (int64_t)r.n;
        if (u != RF_NO_ID && v != RF_NO_ID)
            RF_TRY(read_pair(out, &r, (uint64_t)u << 32 | v, side->count[edges[i]], err));
    }
    out->ptr[n] = (int64_t)r.n;
done:
    rf_mem_free(user);
    rf_mem_free(entity);
    rf_mem_free(r.cells.rows);
    if (st < 0)
        rf_pair_times_clear(out);
    return st;
}

void rf_pair_times_clear(rf_pair_times *times)
{
    rf_mem_free(times->ptr);
    rf_mem_free(times->at);
    *times = (rf_pair_times){0};
}
