/* fuzz_suppress.c - arbitrary bytes as a suppression list; what is understood must find its subjects and
 * answer for every one of a small graph. A refusal says why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"
#include "suppress_int.h"

#define NOW INT64_C(1767225600000000) /* 2026 */

static rf_graph graph; /* users u0 to u2, entities m0 and m1 */
static int64_t user_at[4] = {0, 3, 6, 9}, entity_at[3] = {0, 3, 6};
static char user_ids[] = "u0\0u1\0u2\0", entity_ids[] = "m0\0m1\0";

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void make_world(void)
{
    static const uint32_t u[4] = {0, 0, 1, 2}, v[4] = {0, 1, 0, 1};
    if (graph.side[RF_USER].n > 0)
        return;
    graph.side[RF_USER] = (rf_graph_side){.n = 3, .id = {3, user_at, user_ids}};
    graph.side[RF_ENTITY] = (rf_graph_side){.n = 2, .id = {2, entity_at, entity_ids}};
    graph.side[RF_EDGE] = (rf_graph_side){.n = 4};
    must(rf_adj_init(&graph.adj, 3, 2, 4, u, v, NULL) == RF_OK);
}

static void check_entry(const rf_suppression *entry)
{
    must(entry->reason[0] != '\0' && entry->author[0] != '\0' && entry->line > 0);
    must(entry->side == RF_USER || entry->side == RF_ENTITY);
    must(entry->row < 0 || strcmp(entry->id, entry->side == RF_USER
                                                 ? rf_texts_get(&graph.side[RF_USER].id, entry->row)
                                                 : rf_texts_get(&graph.side[RF_ENTITY].id, entry->row)) == 0);
    must(entry->types == NULL || (entry->types[0] == '|' && entry->types[strlen(entry->types) - 1] == '|'));
}

static void ask(const rf_suppressions *s, rf_side side, int64_t n)
{
    for (int64_t row = 0; row < n; row++) {
        const rf_suppression *entry = rf_suppressed(s, &graph, side, row);
        must(entry == NULL || !entry->expired);
        must(rf_suppression_silences(s, &graph, NULL, side, row) == (entry != NULL && entry->types == NULL));
        must(entry != NULL || !rf_suppression_takes(s, &graph, side, row, "promo_abuse"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_status st = RF_OK;
    rf_err failure = {0}, *err = &failure;
    rf_yaml_node *root = NULL;
    rf_suppressions *s = rf_mem_zero(1, sizeof *s, NULL);
    make_world();
    must(s != NULL);
    s->keep = rf_mem_zero(1, sizeof *s->keep, NULL);
    must(s->keep != NULL);
    RF_TRY(rf_yaml_read(&root, &s->keep->keep, "fuzz.yaml", (const char *)data, size, RF_YAML_NODES, err));
    RF_TRY(rf_suppress_take(s, root, "fuzz.yaml", err));
    RF_TRY(rf_suppress_find(s, &graph, NOW, err));
    for (int64_t i = 0; i < s->n; i++)
        check_entry(&s->at[i]);
    ask(s, RF_USER, 3);
    ask(s, RF_ENTITY, 2);
    ask(s, RF_EDGE, 4);
done:
    must(st >= 0 || failure.msg[0] != '\0');
    rf_suppressions_free(s);
    return 0;
}
