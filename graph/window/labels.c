/* labels.c - the truth about a frozen window, for evaluation only: labels and fraud types of edges and nodes.
 *
 * y is 1 where more than label_share of the labelled events are labelled 1; the fraud type of an edge or node
 * is the most frequent one among its events, the first bytewise where several are. Neither is ever a feature.
 */
#include <string.h>

#include "bigraph_int.h"
#include "rf_mem.h"

typedef struct label_sums {
    int64_t known, labelled;
} label_sums;

static label_sums cell_labels(const rf_window_view *view, const rf_store *store, int64_t c)
{
    rf_cell_head head = rf_cell_head_get(store, view->store_index[c], view->count[c]);
    return (label_sums){head.known, head.labelled};
}

static uint8_t decide(label_sums sums, double share)
{
    return sums.known > 0 && (double)sums.labelled > share * (double)sums.known;
}

static void add(label_sums *to, label_sums sums)
{
    to->known += sums.known;
    to->labelled += sums.labelled;
}

/* u[n_u], v[n_v] and the edges' labels; returns how many events carry a label. */
static int64_t sum_labels(label_sums *u, label_sums *v, rf_window_view *view, const rf_store *store)
{
    int64_t known = 0;
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        label_sums edge = {0};
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++)
            add(&edge, cell_labels(view, store, c));
        view->e_y[e] = decide(edge, view->options->label_share);
        add(&u[view->adj.e_u[e]], edge);
        add(&v[view->adj.e_v[e]], edge);
        known += edge.known;
    }
    return known;
}

static void drop_labels(rf_window_view *view)
{
    rf_mem_free(view->u_y);
    rf_mem_free(view->v_y);
    rf_mem_free(view->e_y);
    view->u_y = view->v_y = view->e_y = NULL;
}

static rf_status set_labels(rf_window_view *view, const rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n_u = (size_t)view->adj.n_u, n_v = (size_t)view->adj.n_v;
    label_sums *u = rf_mem_zero(n_u, sizeof *u, err), *v = rf_mem_zero(n_v, sizeof *v, err);
    view->u_y = rf_mem_new(n_u, 1, err);
    view->v_y = rf_mem_new(n_v, 1, err);
    view->e_y = rf_mem_new((size_t)view->adj.n_e, 1, err);
    if (u == NULL || v == NULL || view->u_y == NULL || view->v_y == NULL || view->e_y == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    int64_t known = sum_labels(u, v, view, store);
    for (size_t i = 0; i < n_u; i++)
        view->u_y[i] = decide(u[i], view->options->label_share);
    for (size_t i = 0; i < n_v; i++)
        view->v_y[i] = decide(v[i], view->options->label_share);
    if (known == 0)
        drop_labels(view);
done:
    rf_mem_free(u);
    rf_mem_free(v);
    return st;
}

/* ---- fraud types ---- */

typedef struct typed_events { /* so many events of this type on one edge */
    uint32_t edge, type, events;
} typed_events;

typedef struct typed_list {
    typed_events *items;
    size_t n, cap;
} typed_list;

static rf_status list_types(typed_list *list, const rf_window_view *view, const rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t e = 0; e < view->adj.n_e; e++) {
        for (int64_t c = view->e_cell[e]; c < view->e_cell[e + 1]; c++) {
            rf_category_count few[RF_CELL_EVENTS];
            const rf_category_count *types;
            if (!rf_cell_head_get(store, view->store_index[c], view->count[c]).typed)
                continue;
            int64_t n = rf_view_categories(view, c, store->codec.n_codes - 1, few, &types);
            RF_TRY(rf_mem_reserve((void **)&list->items, &list->cap, list->n + (size_t)n, sizeof *list->items,
                                  err));
            for (int64_t i = 0; i < n; i++)
                list->items[list->n++] = (typed_events){(uint32_t)e, types[i].category + 1, types[i].events};
        }
    }
done:
    return st;
}

/* row_of_edge: NULL for the edges themselves. */
static rf_status set_types(uint16_t **out, int64_t rows, const uint32_t *row_of_edge, const typed_list *list,
                           rf_err *err)
{
    rf_status st = RF_OK;
    uint16_t *type = rf_mem_zero((size_t)rows, sizeof *type, err);
    rf_sort_key *keys = rf_mem_new(list->n, sizeof *keys, err);
    if (type == NULL || keys == NULL) {
        rf_mem_free(type);
        st = RF_E_NOMEM;
        goto done;
    }
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
            type[keys[i].key >> 32] = (uint16_t)keys[i].key;
        }
    }
    *out = type;
done:
    rf_mem_free(keys);
    return st;
}

static rf_status set_fraud_types(rf_window_view *view, const rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_adj *adj = &view->adj;
    typed_list list = {0};
    int code = store->codec.n_codes - 1;
    uint32_t n = rf_view_category_count(view, code);
    if (n == 0)
        return RF_OK;
    if (n >= UINT16_MAX)
        RF_FAIL(err, RF_E_INVALID, "fields.fraud_type names %u different types: is it the right field?", n);
    RF_TRY(list_types(&list, view, store, err));
    if (list.n == 0)
        goto done;
    const char **names = rf_mem_new((size_t)n + 1, sizeof *names, err);
    if (names == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    names[0] = "";
    for (uint32_t i = 0; i < n; i++)
        names[i + 1] = rf_view_category_text(view, code, i);
    view->fraud_names = names;
    view->n_fraud_names = (int64_t)n + 1;
    RF_TRY(set_types(&view->e_fraud, adj->n_e, NULL, &list, err));
    RF_TRY(set_types(&view->u_fraud, adj->n_u, adj->e_u, &list, err));
    RF_TRY(set_types(&view->v_fraud, adj->n_v, adj->e_v, &list, err));
done:
    rf_mem_free(list.items);
    return st;
}

rf_status rf_view_labels(rf_window_view *view, const rf_store *store, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(set_labels(view, store, err));
    RF_TRY(set_fraud_types(view, store, err));
done:
    return st;
}
