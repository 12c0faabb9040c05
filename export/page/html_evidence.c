/* html_evidence.c - why a subject stands where it stands, as structure that the page draws: the parts of its
 * score, the features that the model did not expect, and the edges and neighbours that contribute most. */
#include "html_int.h"

#include "rf_explain.h"

#define NODE_REASONS 5
#define EDGE_REASONS 3 /* there are many edges */
#define EDGE_SENTENCES 0.95F

/* ---- finding what is shown ---- */

int64_t rf_page_find_node(const rf_extract *extract, bool is_entity, uint32_t row)
{
    int64_t low = 0, high = extract->counts.nodes; /* users in ascending rows, then entities in theirs */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        const rf_extract_node *node = &extract->nodes[middle];
        if (node->is_entity < is_entity || (node->is_entity == is_entity && node->row < row))
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < extract->counts.nodes && extract->nodes[low].is_entity == is_entity &&
                 extract->nodes[low].row == row;
    return found ? low : -1;
}

int64_t rf_page_find_edge(const rf_extract *extract, uint32_t row)
{
    int64_t low = 0, high = extract->counts.edges; /* in ascending rows */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (extract->edges[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < extract->counts.edges && extract->edges[low].row == row ? low : -1;
}

/* ---- features by number ---- */

static void put_names(rf_page *page, const char *kind, const rf_graph_side *side)
{
    char buffer[32];
    rf_json_key(page->js.json, kind);
    rf_json_array_open(page->js.json);
    for (int i = 0; i < side->d; i++)
        rf_json_draft_string(&page->js, rf_graph_raw_name(side, i, buffer));
    rf_json_array_close(page->js.json);
}

void rf_page_features(rf_page *page, const rf_extract *extract)
{
    rf_json_key(page->js.json, "features");
    rf_json_map_open(page->js.json);
    put_names(page, "user", &extract->graph->side[RF_USER]);
    put_names(page, "entity", &extract->graph->side[RF_ENTITY]);
    put_names(page, "edge", &extract->graph->side[RF_EDGE]);
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
    bool of_entities = subject->kind == RF_USER;
    const rf_graph_side *others =
        of_entities ? &extract->graph->side[RF_ENTITY] : &extract->graph->side[RF_USER];
    rf_json_array_open(json);
    for (int i = 0; i < why->n_edges; i++) {
        const rf_explain_edge *edge = &why->edges[i];
        char number[32];
        if (!(edge->share > 0))
            continue;
        int64_t node = rf_page_find_node(extract, of_entities, edge->neighbour);
        if (node >= 0)
            rf_json_int(json, node);
        else
            rf_json_draft_string(&page->js, rf_graph_id(others, edge->neighbour, number));
        rf_json_int(json, rf_page_find_edge(extract, edge->edge));
        rf_page_short(page, edge->share);
        rf_page_short(page, edge->score);
        rf_page_short(page, edge->percentile);
    }
    rf_json_array_close(json);
}

/* Of the many edges only those that stand out; the others have their reasons. */
static bool is_worth_a_sentence(const rf_subject *subject)
{
    bool is_tagged =
        subject->tags != NULL && subject->tags->ptr[subject->row] < subject->tags->ptr[subject->row + 1];
    return subject->kind != RF_EDGE || is_tagged ||
           subject->scores->percentile[subject->row] >= EDGE_SENTENCES;
}

/* [own features, features of its edges, structure]; of an edge structure alone, its features are the rest */
static void put_parts(rf_page *page, const rf_explanation *why, rf_side kind)
{
    if (kind != RF_EDGE) {
        rf_json_array_open(page->js.json);
        rf_page_short(page, why->own_share);
        rf_page_short(page, why->edge_share);
    }
    rf_page_short(page, why->structure_share);
    if (kind != RF_EDGE)
        rf_json_array_close(page->js.json);
}

void rf_page_evidence(rf_page *page, const rf_extract *extract, const rf_subject *subject)
{
    rf_json *json = page->js.json;
    rf_explanation why;
    rf_explain(&why, extract->graph, extract->scores, subject->kind, subject->row);
    put_parts(page, &why, subject->kind);
    if (is_worth_a_sentence(subject))
        rf_json_draft_string(&page->js, why.sentence);
    else
        rf_json_null(json);
    put_reasons(page, &why, subject->kind == RF_EDGE ? EDGE_REASONS : NODE_REASONS);
    if (subject->kind != RF_EDGE)
        put_contributions(page, extract, subject, &why);
}
