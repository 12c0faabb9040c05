/* renumber.c - the canonical numbers of users, entities and categories: their ids in the order of their
 * bytes, those left out that no cell uses.
 *
 * Users and categories are numbered once for all kinds, entities kind by kind.
 */
#include "bigraph_int.h"
#include "rf_mem.h"

/* None where there are no ids: who reads cells need not look for any. */
static rf_status new_marks(rf_renumber_ids *ids, const rf_idmap *map, rf_err *err)
{
    rf_status st = RF_OK;
    if (map != NULL && rf_idmap_count(map) > 0)
        RF_ZERO(ids->to, rf_idmap_count(map), err);
done:
    return st;
}

/* In place of the marks. */
static rf_status number_used(rf_renumber_ids *ids, const rf_idmap *map, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t n = map == NULL ? 0 : rf_idmap_count(map);
    if (map == NULL)
        return RF_OK;
    RF_NEW(ids->order, n, err);
    RF_TRY(rf_idmap_sort(map, ids->order, err));
    for (uint32_t i = 0; i < n; i++) {
        uint32_t old = ids->order[i];
        bool used = ids->to[old] != 0;
        ids->to[old] = used ? ids->n : RF_NO_ID;
        if (used)
            ids->order[ids->n++] = old;
    }
done:
    return st;
}

rf_status rf_bigraph_renumber(rf_renumber *renumber, const rf_bigraph *graph, uint32_t floor_slot,
                              rf_err *err)
{
    rf_status st = RF_OK;
    rf_renumber out = {0};
    const int n_codes = graph->options.schema->n_attrs + 1;
    RF_TRY(new_marks(&out.user, graph->users, err));
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(new_marks(&out.entity[k], graph->relation[k].entities, err));
    for (int i = 0; i < n_codes; i++)
        RF_TRY(new_marks(&out.category[i], graph->category[i], err));
    for (int k = 0; k < graph->n_kinds; k++) {
        rf_store_numbers marks = rf_renumber_of_kind(&out, &graph->relation[k], k);
        RF_TRY(rf_store_mark(&marks, &graph->relation[k].store, floor_slot, graph->pool, err));
    }
    RF_TRY(number_used(&out.user, graph->users, err));
    for (int k = 0; k < graph->n_kinds; k++)
        RF_TRY(number_used(&out.entity[k], graph->relation[k].entities, err));
    for (int i = 0; i < n_codes; i++)
        RF_TRY(number_used(&out.category[i], graph->category[i], err));
    *renumber = out;
    out = (rf_renumber){0};
done:
    rf_renumber_clear(&out);
    return st;
}

rf_store_numbers rf_renumber_of_kind(const rf_renumber *renumber, const rf_relation *relation, int kind)
{
    rf_store_numbers numbers = {
        .user = renumber->user.to, .entity = renumber->entity[kind].to, .n_users = renumber->user.n};
    for (int i = 0; i < relation->store.codec.n_codes; i++)
        numbers.category[i] = renumber->category[relation->code_of[i]].to;
    return numbers;
}

static void clear_ids(rf_renumber_ids *ids)
{
    rf_mem_free(ids->to);
    rf_mem_free(ids->order);
    *ids = (rf_renumber_ids){0};
}

void rf_renumber_clear(rf_renumber *renumber)
{
    clear_ids(&renumber->user);
    for (int k = 0; k < RF_KINDS_MOST; k++)
        clear_ids(&renumber->entity[k]);
    for (int i = 0; i < RF_MAX_CODES; i++)
        clear_ids(&renumber->category[i]);
}
