/* export_legend.c - the colours that occur in an extract and what they say: tags, the most frequent first,
 * then the untagged, the highest first. */
#include "extract_int.h"

#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

static rf_status count_look(rf_legend *legend, rf_look look, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < legend->n; i++) {
        if (strcmp(legend->at[i].look.name, look.name) == 0) {
            legend->at[i].n++;
            return RF_OK;
        }
    }
    RF_TRY(
        rf_mem_reserve((void **)&legend->at, &legend->cap, (size_t)legend->n + 1, sizeof *legend->at, err));
    legend->at[legend->n++] = (rf_legend_entry){.look = look, .n = 1};
done:
    return st;
}

/* Names of untagged looks: "user" before "entity"; within a kind "user, top 0.1 %" < "user, top 1 %" <
 * "user, top 10 %" as texts, "user" last. */
static int by_height(const rf_look *a, const rf_look *b)
{
    bool a_user = a->name[0] == 'u', b_user = b->name[0] == 'u';
    bool a_low = strchr(a->name, ',') == NULL, b_low = strchr(b->name, ',') == NULL;
    if (a_user != b_user)
        return a_user ? -1 : 1;
    if (a_low != b_low)
        return a_low ? 1 : -1;
    return strcmp(a->name, b->name);
}

static int by_weight(const void *left, const void *right)
{
    const rf_legend_entry *a = left, *b = right;
    if (a->look.is_tag != b->look.is_tag)
        return a->look.is_tag ? -1 : 1;
    if (!a->look.is_tag)
        return by_height(&a->look, &b->look);
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return strcmp(a->look.name, b->look.name);
}

static void sort_legend(rf_legend *legend)
{
    if (legend->n > 0)
        qsort(legend->at, (size_t)legend->n, sizeof *legend->at, by_weight);
}

rf_status rf_extract_legend(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        RF_TRY(count_look(&extract->node_legend, rf_node_look(extract, &extract->nodes[i]), err));
    for (int64_t i = 0; i < extract->counts.edges; i++)
        RF_TRY(count_look(&extract->edge_legend, rf_edge_look(extract, &extract->edges[i]), err));
    sort_legend(&extract->node_legend);
    sort_legend(&extract->edge_legend);
done:
    return st; /* the caller frees them */
}
