/* extract_hubs.c - how many users a hub has, and which hubs the users of an extract met. The graph has no
 * edges that would say so; its file does.
 */
#include "extract_columns_int.h"

#include <stdlib.h>

#include "rf_hubs.h"
#include "rf_mem.h"

#define SAID 5 /* hubs of a user that are named */

typedef struct gathering { /* of one kind */
    rf_extract *extract;
    int kind;
    int64_t at; /* users of the extract before it were seen */
} gathering;

/* Pairs come in the order of their users, as the extract's nodes do. */
static rf_status take_pair(void *to, uint32_t u, uint32_t v, rf_err *err)
{
    rf_status st = RF_OK;
    gathering *g = to;
    rf_extract *extract = g->extract;
    const rf_extract_node *nodes = extract->nodes;
    while (g->at < extract->counts.nodes && nodes[g->at].side == RF_USER && nodes[g->at].row < u)
        g->at++;
    if (g->at == extract->counts.nodes || nodes[g->at].side != RF_USER || nodes[g->at].row != u)
        return RF_OK;
    RF_RESERVE(extract->met_hubs, extract->cap_met_hubs, (size_t)extract->n_met_hubs + 1, err);
    extract->met_hubs[extract->n_met_hubs++] = (rf_met_hub){.user = u, .kind = g->kind, .hub = v};
done:
    return st;
}

static int by_user(const void *a, const void *b)
{
    const rf_met_hub *x = a, *y = b;
    if (x->user != y->user)
        return x->user < y->user ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind - y->kind;
    return (x->hub > y->hub) - (x->hub < y->hub);
}

rf_status rf_extract_hubs(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    rf_h5 *file = extract->options->graph_file;
    for (int k = 0; k < rf_kinds_n(&graph->kinds) && file != NULL; k++) {
        const rf_graph_side *side = &graph->side[rf_entity_side(k)];
        gathering g = {.extract = extract, .kind = k};
        if (side->hub == NULL)
            continue;
        RF_TRY(rf_hubs_count(&extract->hub_users[k], file, &graph->kinds, k, graph->side[RF_USER].n,
                             side->hub, side->n, err));
        RF_TRY(rf_hubs_each(file, &graph->kinds, k, graph->side[RF_USER].n, side->hub, side->n, take_pair, &g,
                            err));
    }
    if (extract->n_met_hubs > 0)
        qsort(extract->met_hubs, (size_t)extract->n_met_hubs, sizeof *extract->met_hubs, by_user);
done:
    return st;
}

void rf_extract_hubs_clear(rf_extract *extract)
{
    for (int k = 0; k < RF_KINDS_MOST; k++)
        rf_mem_free(extract->hub_users[k]);
    rf_mem_free(extract->met_hubs);
}

/* ---- columns ---- */

RF_READER(read_hub_users)
{
    const int kind = subject->side == RF_USER ? -1 : rf_side_kind(subject->side);
    const uint32_t *users = kind < 0 ? NULL : extract->hub_users[kind];
    RF_READER_UNUSED;
    *out = (rf_value){.there = users != NULL && users[subject->row] > 0,
                      .whole = users != NULL ? users[subject->row] : 0};
    return RF_OK;
}

/* The number of the user's first hub, or where it would be. */
static int64_t first_of(const rf_extract *extract, int64_t user)
{
    int64_t low = 0, high = extract->n_met_hubs;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (extract->met_hubs[middle].user < user)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

RF_READER(read_hubs)
{
    rf_status st = RF_OK;
    const int64_t first = subject->side == RF_USER ? first_of(extract, subject->row) : extract->n_met_hubs;
    int64_t n = 0;
    RF_READER_UNUSED;
    while (first + n < extract->n_met_hubs && extract->met_hubs[first + n].user == subject->row)
        n++;
    if (n == 0)
        return rf_give_text(out, NULL);
    scratch->text.len = 0;
    for (int64_t i = 0; i < n && i < SAID; i++) {
        const rf_met_hub *met = &extract->met_hubs[first + i];
        char number[32];
        RF_TRY(rf_text_printf(&scratch->text, err, "%s%s %s (%u %s)", i > 0 ? "; " : "",
                              rf_kind_name(&extract->graph->kinds, met->kind),
                              rf_graph_id(&extract->graph->side[rf_entity_side(met->kind)], met->hub, number),
                              extract->hub_users[met->kind][met->hub],
                              extract->hub_users[met->kind][met->hub] == 1 ? "user" : "users"));
    }
    if (n > SAID)
        RF_TRY(rf_text_printf(&scratch->text, err, "; and %lld more", (long long)(n - SAID)));
    st = rf_give_text(out, scratch->text.ptr);
done:
    return st;
}

rf_status rf_columns_add_hubs(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    bool any = false;
    for (int k = 0; k < rf_kinds_n(&extract->graph->kinds); k++)
        any = any || extract->hub_users[k] != NULL;
    if (!any)
        return RF_OK;
    RF_ADD_COLUMN("hub_users", "how many users share it, if it is a hub", RF_COLUMN_WHOLE, read_hub_users);
    RF_ADD_COLUMN("hubs", "the hubs that it met; the graph has no edges to them", RF_COLUMN_TEXT, read_hubs);
done:
    return st;
}
