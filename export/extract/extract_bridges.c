/* extract_bridges.c - whom a cluster's members met: not the hundreds of customers of a popular shop among
 * them, but those that met at least two members, because they tie the members together, or lead to more of
 * them.
 */
#include "members_int.h"

#include "rf_mem.h"

#define LEAST_BRIDGES 20 /* there may be as many as members, and at least so many */

typedef struct bridge_count {
    int32_t *met[RF_SIDES_MOST]; /* [rows] members that it met, each once; edges: NULL */
    rf_candidates bridges;       /* that met two or more */
    int64_t partners;            /* that met one or more */
} bridge_count;

static rf_status count_partners(bridge_count *count, const rf_members *members, rf_candidate member,
                                rf_err *err)
{
    rf_status st = RF_OK;
    int64_t degree = rf_members_degree(members, member);
    rf_candidate last = {.side = RF_NO_SIDE};
    for (int64_t k = 0; k < degree; k++) {
        rf_candidate other = rf_members_neighbour(members, member, k);
        if (other.row == last.row && other.side == last.side) /* parallel edges lie together */
            continue;
        last = other;
        if (members->role[other.side][other.row] != RF_ROLE_NONE)
            continue;
        int32_t met = ++count->met[other.side][other.row];
        count->partners += met == 1;
        if (met == 2)
            RF_TRY(rf_candidates_add(&count->bridges, other.side, other.row, err));
    }
done:
    return st;
}

/* Those that met most members first, of equal ones the highest. */
static rf_status keep_strongest(bridge_count *count, const rf_members *members, int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates *bridges = &count->bridges;
    rf_real *key = NULL;
    RF_TRY(rf_candidates_keep_highest(bridges, members->scores, bridges->n, err));
    RF_NEW(key, bridges->n, err);
    for (int64_t i = 0; i < bridges->n; i++)
        key[i] = -(rf_real)count->met[bridges->at[i].side][bridges->at[i].row];
    RF_TRY(rf_candidates_keep(bridges, key, most, err));
done:
    rf_mem_free(key);
    return st;
}

rf_status rf_members_add_bridges(rf_members *members, const rf_candidates *cluster, int64_t room, rf_err *err)
{
    rf_status st = RF_OK;
    bridge_count count = {0};
    int64_t most = cluster->n > LEAST_BRIDGES ? cluster->n : LEAST_BRIDGES;
    for (rf_side side = 0; side < rf_sides(&members->graph->kinds); side++) {
        if (rf_side_has_nodes(side))
            RF_ZERO(count.met[side], members->graph->side[side].n, err);
    }
    for (int64_t i = 0; i < cluster->n; i++)
        RF_TRY(count_partners(&count, members, cluster->at[i], err));
    RF_TRY(keep_strongest(&count, members, most, err));
    if (count.bridges.n > room) {
        rf_members_set(members, &count.bridges, RF_ROLE_CUT);
        count.bridges.n = room > 0 ? room : 0;
    }
    rf_members_set(members, &count.bridges, RF_ROLE_NEIGHBOUR);
    members->n += count.bridges.n;
    members->some_were_cut = count.bridges.n < count.partners;
    members->partners_left = count.partners - count.bridges.n;
done:
    for (rf_side side = 0; side < RF_SIDES_MOST; side++)
        rf_mem_free(count.met[side]);
    rf_mem_free(count.bridges.at);
    return st;
}
