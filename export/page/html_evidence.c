/* html_evidence.c - why a subject has its score, as structure that the page draws: the parts of its
 * score, the features that the model did not expect, and the edges and neighbours that contribute most. */
#include "html_int.h"

#include "rf_why.h"

#define NODE_REASONS 5
#define EDGE_REASONS 3 /* there are many edges */
#define EDGE_SENTENCES 0.95F

/* ---- finding what is shown ---- */

int64_t rf_page_find_node(const rf_extract *extract, rf_side side, uint32_t row)
{
    int64_t low = 0, high = extract->counts.nodes; /* side by side, in ascending rows */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        const rf_extract_node *node = &extract->nodes[middle];
        if (node->side < side || (node->side == side && node->row < row))
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < extract->counts.nodes && extract->nodes[low].side == side && extract->nodes[low].row == row;
    return found ? low : -1;
}

int64_t rf_page_find_edge(const rf_extract *extract, rf_side side, uint32_t row)
{
    int64_t low = 0, high = extract->counts.edges; /* kind by kind, in ascending rows */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        const rf_extract_edge *edge = &extract->edges[middle];
        if (edge->side < side || (edge->side == side && edge->row < row))
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < extract->counts.edges && extract->edges[low].side == side && extract->edges[low].row == row;
    return found ? low : -1;
}

/* ---- features by number ---- */

void rf_page_features(rf_page *page, const rf_extract *extract)
{
    char buffer[32], name[RF_PAGE_SIDE];
    rf_json_key(page->js.json, "features");
    rf_json_map_open(page->js.json);
    for (rf_side side = 0; side < rf_sides(&extract->graph->kinds); side++) {
        rf_json_key(page->js.json, rf_page_side(name, &extract->graph->kinds, side));
        rf_json_array_open(page->js.json);
        for (int i = 0; i < extract->graph->side[side].d; i++)
            rf_json_draft_string(&page->js, rf_graph_raw_name(&extract->graph->side[side], i, buffer));
        rf_json_array_close(page->js.json);
    }
    rf_json_map_close(page->js.json);
}

/* ---- the evidence ---- */

/* [feature, observed, expected, share, ...], worst first */
static void put_reasons(rf_page *page, const rf_explanation *why, int most)
{
    rf_json_array_open(page->js.json);
    for (int i = 0; i < why->n_features && i < most; i++) {
        rf_json_int(page->js.json, why->features[i].column);
        rf_page_short(page, why->features[i].observed);
        rf_page_short(page, why->features[i].expected);
        rf_page_short(page, why->features[i].share);
    }
    rf_json_array_close(page->js.json);
}

/* [neighbour: its node's number, or its id where it is not shown; edge's number or -1; share, score,
 * percentile, ...], the largest contribution first. Those without a share are left to the page, which knows
 * the edges that are shown. */
static void put_contributions(rf_page *page, const rf_extract *extract, const rf_subject *subject,
                              const rf_explanation *why)
{
    rf_json *json = page->js.json;
    rf_json_array_open(json);
    for (int i = 0; i < why->n_edges; i++) {
        const rf_explain_edge *edge = &why->edges[i];
        rf_side others = subject->side == RF_USER ? rf_entity_side(edge->kind) : RF_USER;
        char number[32];
        if (!(edge->share > 0))
            continue;
        int64_t node = rf_page_find_node(extract, others, edge->neighbour);
        if (node >= 0)
            rf_json_int(json, node);
        else
            rf_json_draft_string(&page->js,
                                 rf_graph_id(&extract->graph->side[others], edge->neighbour, number));
        rf_json_int(json, rf_page_find_edge(extract, rf_edge_side(edge->kind), edge->edge));
        rf_page_short(page, edge->share);
        rf_page_short(page, edge->score);
        rf_page_short(page, edge->percentile);
    }
    rf_json_array_close(json);
}

void rf_page_evidence(rf_page *page, const rf_extract *extract, const rf_subject *subject)
{
    rf_json *json = page->js.json;
    rf_explanation why;
    const bool is_edge = rf_side_role(subject->side) == RF_EDGE;
    rf_explain(&why, extract->graph, extract->scores, subject->side, subject->row);
    /* [own features, features of its edges, structure]; of an edge structure alone, its features are the rest
     */
    if (!is_edge) {
        rf_json_array_open(json);
        rf_page_short(page, why.own_share);
        rf_page_short(page, why.edge_share);
    }
    rf_page_short(page, why.structure_share);
    if (!is_edge)
        rf_json_array_close(json);
    /* only edges that stand out have a sentence; the others have their reasons */
    bool is_tagged =
        subject->tags != NULL && subject->tags->ptr[subject->row] < subject->tags->ptr[subject->row + 1];
    if (!is_edge || is_tagged || subject->scores->percentile[subject->row] >= EDGE_SENTENCES)
        rf_json_draft_string(&page->js, why.sentence);
    else
        rf_json_null(json);
    put_reasons(page, &why, is_edge ? EDGE_REASONS : NODE_REASONS);
    if (!is_edge)
        put_contributions(page, extract, subject, &why);
}
