/* export_context.c - ordinary subjects beside the chosen ones: a ring tells nothing to who has not seen what
 * is usual.
 *
 * Ordinary is what nine in ten are: a percentile below 0.9. First come neighbours that are there anyway, then
 * others that met the same entities (or users), then anyone with edges, who brings along the first few that
 * he met. Who is taken is a matter of chance, decided by a hash of the row: the same everywhere, and no
 * better or worse than another.
 */
#include "extract_int.h"

#include "rf_mem.h"
#include "rf_rng.h"

#define ORDINARY 0.9F
#define COMPANIONS 3 /* whom an ordinary node from elsewhere brings along */

static bool is_ordinary(const rf_members *members, rf_candidate node)
{
    const rf_score_side *side =
        node.is_entity ? &members->scores->side[RF_ENTITY] : &members->scores->side[RF_USER];
    return side->percentile[node.row] < ORDINARY;
}

/* At most `most` of the list, by the hash of their rows. */
static rf_status draw(rf_candidates *list, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *key = rf_mem_new((size_t)list->n, sizeof *key, err);
    if (key == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < list->n; i++)
        key[i] = (rf_real)(rf_mix64(list->at[i].row) >> 40); /* 24 bits: exact in a float */
    st = rf_candidates_keep(list, key, most, err);
    rf_mem_free(key);
    return st;
}

static void take(rf_members *members, rf_candidate node)
{
    members->role[node.is_entity][node.row] = RF_ROLE_CONTEXT;
    members->n++;
}

static int64_t ordinary_neighbours(const rf_members *members, bool is_entity)
{
    int64_t n = is_entity ? members->graph->side[RF_ENTITY].n : members->graph->side[RF_USER].n, found = 0;
    for (int64_t i = 0; i < n; i++) {
        rf_candidate node = {.row = (uint32_t)i, .is_entity = is_entity};
        found += members->role[is_entity][i] == RF_ROLE_NEIGHBOUR && is_ordinary(members, node);
    }
    return found;
}

static bool has_member_beside(const rf_members *members, rf_candidate node)
{
    int64_t degree = rf_members_degree(members, node);
    for (int64_t k = 0; k < degree; k++) {
        if (members->role[!node.is_entity][rf_members_neighbour(members, node, k)] > RF_ROLE_CUT)
            return true;
    }
    return false;
}

/* Ordinary nodes of this kind that are not in: those beside a member, or any with edges. */
static rf_status find_ordinary(rf_candidates *list, const rf_members *members, bool is_entity, bool nearby,
                               rf_err *err)
{
    rf_status st = RF_OK;
    int64_t n = is_entity ? members->graph->side[RF_ENTITY].n : members->graph->side[RF_USER].n;
    for (int64_t i = 0; i < n; i++) {
        rf_candidate node = {.row = (uint32_t)i, .is_entity = is_entity};
        if (members->role[is_entity][i] > RF_ROLE_CUT || !is_ordinary(members, node))
            continue;
        if (nearby ? has_member_beside(members, node) : rf_members_degree(members, node) > 0)
            RF_TRY(rf_candidates_add(list, node.row, is_entity, err));
    }
done:
    return st;
}

static void take_companions(rf_members *members, rf_candidate node)
{
    int64_t degree = rf_members_degree(members, node);
    for (int64_t k = 0, taken = 0; k < degree && taken < COMPANIONS && members->n < members->most; k++) {
        rf_candidate other = {.row = rf_members_neighbour(members, node, k), .is_entity = !node.is_entity};
        if (members->role[other.is_entity][other.row] > RF_ROLE_CUT)
            continue;
        take(members, other);
        taken++;
    }
}

static rf_status add_of_kind(rf_members *members, bool is_entity, int64_t wanted, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates list = {0};
    if (!members->some_were_cut)
        wanted -= ordinary_neighbours(members, is_entity);
    for (int nearby = 1; nearby >= 0 && wanted > 0; nearby--) {
        list.n = 0;
        RF_TRY(find_ordinary(&list, members, is_entity, nearby == 1, err));
        RF_TRY(draw(&list, wanted, err));
        for (int64_t i = 0; i < list.n && members->n < members->most; i++, wanted--) {
            take(members, list.at[i]);
            if (nearby == 0)
                take_companions(members, list.at[i]);
        }
    }
done:
    rf_mem_free(list.at);
    return st;
}

rf_status rf_members_add_context(rf_members *members, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    for (int kind = 0; kind < 2; kind++) {
        if (members->subjects[kind] > 0)
            RF_TRY(add_of_kind(members, kind == 1, most, err));
    }
done:
    return st;
}
