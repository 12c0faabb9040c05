/* labels.c - the truth about a frozen window, for evaluation only: labels and fraud types of edges and nodes.
 *
 * y is 1 where more than label_share of the labelled events are labelled 1; the fraud type of an edge or node
 * is the most frequent one among its events, the first bytewise where several are. Neither is ever a feature.
 */
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"
#include "sort_int.h"
#include "window_int.h"

typedef struct label_sums {
    int64_t known, labelled;
} label_sums;

static uint8_t decide(label_sums sums, double share)
{
    return sums.known > 0 && (double)sums.labelled > share * (double)sums.known;
}

/* Rows of all edges become those of the edges that are kept. */
static void keep_rows(void *rows, size_t size, const rf_window_view *view)
{
    char *at = rows;
    for (int64_t i = 0; view->kept_edge != NULL && i < view->kept->n_e; i++)
        memmove(at + (size_t)i * size, at + view->kept_edge[i] * size, size);
}

static rf_status set_labels(rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    const double share = view->options->label_share;
    label_sums *nodes[] = {NULL, NULL}; /* of users, of entities */
    if (view->known == 0)
        return RF_OK;
    RF_NEW(view->side[RF_EDGE].y, view->adj.n_e, err);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        RF_NEW(view->side[s].y, view->side[s].n, err);
        RF_ZERO(nodes[s], view->side[s].n, err);
    }
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        label_sums edge = {0};
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
            rf_cell_head head =
                rf_cell_head_get(&view->relation->store, view->cell[c].head, view->cell[c].count);
            edge.known += head.known;
            edge.labelled += head.labelled;
        }
        for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
            label_sums *node = &nodes[s][rf_adj_row_of_edge(&view->adj, s)[e]];
            node->known += edge.known;
            node->labelled += edge.labelled;
        }
        view->side[RF_EDGE].y[e] = decide(edge, share);
    }
    keep_rows(view->side[RF_EDGE].y, sizeof *view->side[RF_EDGE].y, view);
    for (rf_side s = RF_USER; s <= RF_ENTITY; s++) {
        for (int64_t i = 0; i < view->side[s].n; i++)
            view->side[s].y[i] = decide(nodes[s][i], share);
    }
done:
    rf_mem_free(nodes[RF_USER]);
    rf_mem_free(nodes[RF_ENTITY]);
    return st;
}

/* ---- fraud types ---- */

typedef struct typed_events { /* number of events of this type on one edge */
    uint32_t edge, type, events;
} typed_events;

typedef struct typed_list {
    typed_events *items;
    size_t n, cap;
} typed_list;

static rf_status list_types(typed_list *list, const rf_window_view *view, int code, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
            rf_category_count few[RF_CELL_EVENTS];
            const rf_category_count *types;
            if (!rf_cell_head_get(&view->relation->store, view->cell[c].head, view->cell[c].count).typed)
                continue;
            int64_t n = rf_view_categories(view, c, code, few, &types);
            RF_RESERVE(list->items, list->cap, list->n + (size_t)n, err);
            for (int64_t i = 0; i < n; i++)
                list->items[list->n++] = (typed_events){(uint32_t)e, types[i].category + 1, types[i].events};
        }
    }
done:
    return st;
}

/* n rows; row_of_edge: NULL for the edges themselves. */
static rf_status set_types(rf_view_side *side, int64_t n, const uint32_t *row_of_edge, const typed_list *list,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_sort_key *keys = NULL;
    RF_ZERO(side->fraud, n, err);
    RF_NEW(keys, list->n, err);
    for (size_t i = 0; i < list->n; i++) {
        uint32_t edge = list->items[i].edge, row = row_of_edge == NULL ? edge : row_of_edge[edge];
        keys[i] = (rf_sort_key){.key = (uint64_t)row << 32 | list->items[i].type, .value = (uint32_t)i};
    }
    rf_sort_keys(keys, list->n, NULL, NULL);
    int64_t best = 0, events = 0;
    for (size_t i = 0; i < list->n; i++) {
        uint64_t before = i == 0 ? UINT64_MAX : keys[i - 1].key;
        if (keys[i].key != before)
            events = 0;
        if (keys[i].key >> 32 != before >> 32)
            best = 0;
        events += list->items[keys[i].value].events;
        if (events > best) { /* strictly: of equal ones the first stays */
            best = events;
            side->fraud[keys[i].key >> 32] = (uint16_t)keys[i].key;
        }
    }
done:
    rf_mem_free(keys);
    return st;
}

static rf_status set_fraud_types(rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    typed_list list = {0};
    int code = view->relation->store.codec.n_codes - 1;
    uint32_t n = rf_view_category_count(view, code);
    const char **names = NULL;
    if (n == 0)
        return RF_OK;
    if (n >= UINT16_MAX)
        RF_FAIL(err, RF_E_INVALID, "fields.fraud_type names %u different types: is it the right field?", n);
    if (!view->typed)
        return RF_OK;
    RF_TRY(list_types(&list, view, code, err));
    if (list.n == 0)
        goto done;
    RF_NEW(names, n + 1, err);
    names[0] = "";
    for (uint32_t i = 0; i < n; i++)
        names[i + 1] = rf_view_category_text(view, code, i);
    view->fraud_names = names;
    view->n_fraud_names = (int64_t)n + 1;
    for (rf_side s = 0; s < RF_SIDES; s++)
        RF_TRY(set_types(&view->side[s], s == RF_EDGE ? view->adj.n_e : view->side[s].n,
                         rf_adj_row_of_edge(&view->adj, s), &list, err));
    keep_rows(view->side[RF_EDGE].fraud, sizeof *view->side[RF_EDGE].fraud, view);
done:
    rf_mem_free(list.items);
    return st;
}

rf_status rf_view_labels(rf_window_view *view, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(set_labels(view, err));
    RF_TRY(set_fraud_types(view, err));
done:
    return st;
}
