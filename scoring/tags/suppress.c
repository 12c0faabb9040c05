/* suppress.c - which of the graph's subjects the suppression lists silence now. */
#include "suppress_int.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_text.h"

/* ---- the lists ---- */

static rf_status read_lists(rf_suppressions *suppressions, const char *pattern, rf_err *err)
{
    rf_status st = RF_OK;
    glob_t found;
    int result = glob(pattern, 0, NULL, &found);
    if (result == GLOB_NOSPACE)
        RF_FAIL(err, RF_E_NOMEM, "out of memory while looking for %s", pattern);
    if (result != 0)
        RF_FAIL(err, RF_E_IO,
                "%s: no such suppression list; take it out of suppress.lists if nothing is suppressed",
                pattern);
    for (size_t i = 0; i < found.gl_pathc && st >= 0; i++)
        st = rf_suppress_read(suppressions, found.gl_pathv[i], err);
    globfree(&found);
done:
    return st;
}

/* ---- their subjects ---- */

typedef struct wanted { /* an entry that holds, to be looked up by its id */
    const char *id;
    int64_t place;
} wanted;

static int by_id(const void *a, const void *b)
{
    const wanted *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static int64_t first_of(const wanted *list, int64_t n, const char *id)
{
    int64_t from = 0, to = n;
    while (from < to) {
        int64_t middle = from + (to - from) / 2;
        if (strcmp(list[middle].id, id) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from < n && strcmp(list[from].id, id) == 0 ? from : -1;
}

/* Whether "|promo_abuse|collusion|" has the type of `len` bytes. */
static bool has_type(const char *types, const char *type, size_t len)
{
    for (const char *at = types + 1, *end; (end = strchr(at, '|')) != NULL; at = end + 1) {
        if ((size_t)(end - at) == len && memcmp(at, type, len) == 0)
            return true;
    }
    return false;
}

/* Entries of one subject add up: one of all types silences, else their types are taken together, each once.
 */
static rf_status add_up(rf_suppressions *suppressions, int64_t *holds, int64_t place, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_suppression *entry = &suppressions->at[place];
    rf_text both = {0};
    if (*holds < 0 || suppressions->at[*holds].types == NULL || entry->types == NULL) {
        if (*holds < 0 || suppressions->at[*holds].types != NULL)
            *holds = place;
        return RF_OK;
    }
    rf_suppression *first = &suppressions->at[*holds];
    RF_TRY(rf_text_printf(&both, err, "%s", first->types));
    for (const char *at = entry->types + 1, *end; (end = strchr(at, '|')) != NULL; at = end + 1) {
        if (!has_type(both.ptr, at, (size_t)(end - at)))
            RF_TRY(rf_text_printf(&both, err, "%.*s|", (int)(end - at), at));
    }
    if (both.len > strlen(first->types)) {
        first->types = rf_keep_text(&suppressions->keep->keep, both.ptr, both.len, err);
        st = first->types == NULL ? RF_E_NOMEM : RF_OK;
    }
done:
    rf_text_clear(&both);
    return st;
}

static rf_status find_side(rf_suppressions *suppressions, rf_side side, const rf_graph_side *graph,
                           int64_t **of, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = 0;
    wanted *list = NULL;
    *of = NULL;
    RF_NEW(list, suppressions->n, err);
    RF_NEW(*of, graph->n, err);
    for (int64_t i = 0; i < suppressions->n; i++) {
        if (suppressions->at[i].side == side)
            list[n++] = (wanted){suppressions->at[i].id, i};
    }
    if (n > 0)
        qsort(list, (size_t)n, sizeof *list, by_id);
    for (int64_t row = 0; row < graph->n; row++) {
        char number[32];
        const char *id = rf_graph_id(graph, row, number);
        (*of)[row] = -1;
        int64_t first = n > 0 ? first_of(list, n, id) : -1;
        for (int64_t i = first; i >= 0 && i < n && strcmp(list[i].id, id) == 0; i++) {
            suppressions->at[list[i].place].row = row;
            if (!suppressions->at[list[i].place].expired)
                RF_TRY(add_up(suppressions, &(*of)[row], list[i].place, err));
        }
    }
done:
    rf_mem_free(list);
    return st;
}

/* The side of an entry's kind. A list may speak of kinds that other configurations have; but a name that is
 * nearly one of this graph's is a slip, and would leave somebody unsuppressed. */
static rf_status find_kind(rf_suppression *entry, const rf_kinds *kinds, rf_err *err)
{
    rf_status st = RF_OK;
    const char *names[RF_KINDS_MOST + 1] = {NULL};
    if (entry->kind == NULL)
        return RF_OK;
    const int kind = rf_kinds_find(kinds, entry->kind);
    entry->side = kind >= 0 ? rf_entity_side(kind) : RF_NO_SIDE;
    for (int k = 0; k < kinds->n; k++)
        names[k] = kinds->name[k];
    const char *near = kind < 0 ? rf_nearest(entry->kind, names) : NULL;
    if (near != NULL)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: the graph has no kind of entity %s; did you mean %s?", entry->file,
                entry->line, entry->kind, near);
done:
    return st;
}

rf_status rf_suppress_find(rf_suppressions *suppressions, const rf_graph *graph, int64_t now_us, rf_err *err)
{
    rf_status st = RF_OK;
    for (int64_t i = 0; i < suppressions->n; i++) {
        suppressions->at[i].expired = suppressions->at[i].expires_us <= now_us;
        RF_TRY(find_kind(&suppressions->at[i], &graph->kinds, err));
    }
    for (rf_side side = 0; side < rf_sides(&graph->kinds); side++) {
        if (rf_side_role(side) != RF_EDGE)
            RF_TRY(find_side(suppressions, side, &graph->side[side], &suppressions->of[side], err));
    }
done:
    return st;
}

rf_status rf_suppressions_load(rf_suppressions **out, const char *const *paths, int n_paths,
                               const rf_graph *graph, int64_t now_us, rf_err *err)
{
    rf_status st = RF_OK;
    rf_suppressions *suppressions = NULL;
    RF_ZERO(suppressions, 1, err);
    RF_ZERO(suppressions->keep, 1, err);
    for (int i = 0; i < n_paths; i++)
        RF_TRY(read_lists(suppressions, paths[i], err));
    RF_TRY(rf_suppress_find(suppressions, graph, now_us, err));
    *out = suppressions;
    suppressions = NULL;
done:
    rf_suppressions_free(suppressions);
    return st;
}

void rf_suppressions_free(rf_suppressions *suppressions)
{
    if (suppressions == NULL)
        return;
    if (suppressions->keep != NULL)
        rf_keep_clear(&suppressions->keep->keep);
    rf_mem_free(suppressions->keep);
    for (rf_side side = 0; side < RF_SIDES_MOST; side++)
        rf_mem_free(suppressions->of[side]);
    rf_mem_free(suppressions->at);
    rf_mem_free(suppressions);
}

/* ---- asking ---- */

static const rf_suppression *holding(const rf_suppressions *suppressions, rf_side side, int64_t row)
{
    int64_t place = suppressions->of[side][row];
    return place < 0 ? NULL : &suppressions->at[place];
}

/* Up to two entries: an edge has two ends. */
static int all_holding(const rf_suppression *out[2], const rf_suppressions *suppressions,
                       const rf_graph *graph, rf_side side, int64_t row)
{
    int n = 0;
    const rf_suppression *of[2] = {NULL};
    if (suppressions == NULL)
        return 0;
    if (rf_side_role(side) == RF_EDGE) {
        const int kind = rf_side_kind(side);
        const rf_adj *adj = rf_graph_adj(graph, kind);
        of[0] = holding(suppressions, RF_USER, adj->e_u[row]);
        of[1] = holding(suppressions, rf_entity_side(kind), adj->e_v[row]);
    } else
        of[0] = holding(suppressions, side, row);
    for (int i = 0; i < 2; i++) {
        if (of[i] != NULL)
            out[n++] = of[i];
    }
    return n;
}

const rf_suppression *rf_suppressed(const rf_suppressions *suppressions, const rf_graph *graph, rf_side side,
                                    int64_t row)
{
    const rf_suppression *entries[2];
    int n = all_holding(entries, suppressions, graph, side, row);
    if (n == 2 && entries[0]->types != NULL && entries[1]->types == NULL)
        return entries[1];
    return n == 0 ? NULL : entries[0];
}

bool rf_suppression_takes(const rf_suppressions *suppressions, const rf_graph *graph, rf_side side,
                          int64_t row, const char *type)
{
    const rf_suppression *entries[2];
    int n = all_holding(entries, suppressions, graph, side, row);
    for (int i = 0; i < n; i++) {
        if (entries[i]->types == NULL || has_type(entries[i]->types, type, strlen(type)))
            return true;
    }
    return false;
}

bool rf_suppression_silences(const rf_suppressions *suppressions, const rf_graph *graph, const rf_tags *tags,
                             rf_side side, int64_t row)
{
    const rf_suppression *entry = rf_suppressed(suppressions, graph, side, row);
    if (entry == NULL || entry->types == NULL)
        return entry != NULL;
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    for (int64_t i = 0; i < n; i++) {
        if (!rf_suppression_takes(suppressions, graph, side, row, rf_tag_type(tags, &tag[i])))
            return false;
    }
    return n > 0;
}
