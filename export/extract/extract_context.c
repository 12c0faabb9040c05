/* extract_context.c - ordinary subjects beside the chosen ones, so that a reader can compare a ring with what
 * is usual.
 *
 * Ordinary means a percentile below 0.9, as nine in ten have. First come neighbours that are in the extract
 * anyway, then others that met the same entities (or users), then any node with edges, together with the
 * first few that it met. A hash of the row draws them: the choice is the same everywhere, and free of bias.
 */
#include "members_int.h"

#include "rf_mem.h"
#include "rf_rng.h"

#define ORDINARY 0.9F
#define COMPANIONS 3 /* whom an ordinary node from elsewhere brings along */

static void take(rf_members *members, rf_candidate node)
{
    members->role[node.side][node.row] = RF_ROLE_CONTEXT;
    members->n++;
}

static bool has_member_beside(const rf_members *members, rf_candidate node)
{
    int64_t degree = rf_members_degree(members, node);
    for (int64_t k = 0; k < degree; k++) {
        rf_candidate other = rf_members_neighbour(members, node, k);
        if (members->role[other.side][other.row] > RF_ROLE_CUT)
            return true;
    }
    return false;
}

/* Ordinary nodes of this side that are not in: those beside a member, or any with edges; at most `most`, by
 * the hash of their rows. */
static rf_status draw_ordinary(rf_candidates *list, const rf_members *members, rf_side side, bool nearby,
                               int64_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *key = NULL;
    list->n = 0;
    for (int64_t i = 0; i < members->graph->side[side].n; i++) {
        rf_candidate node = {.side = side, .row = (uint32_t)i};
        if (members->role[side][i] > RF_ROLE_CUT || !(members->scores->side[side].percentile[i] < ORDINARY))
            continue;
        if (nearby ? has_member_beside(members, node) : rf_members_degree(members, node) > 0)
            RF_TRY(rf_candidates_add(list, side, i, err));
    }
    RF_NEW(key, list->n, err);
    for (int64_t i = 0; i < list->n; i++)
        key[i] = (rf_real)(rf_mix64(list->at[i].row) >> 40); /* 24 bits: exact in a float */
    RF_TRY(rf_candidates_keep(list, key, most, err));
done:
    rf_mem_free(key);
    return st;
}

static void take_companions(rf_members *members, rf_candidate node)
{
    int64_t degree = rf_members_degree(members, node);
    for (int64_t k = 0, taken = 0; k < degree && taken < COMPANIONS && members->n < members->most; k++) {
        rf_candidate other = rf_members_neighbour(members, node, k);
        if (members->role[other.side][other.row] > RF_ROLE_CUT)
            continue;
        take(members, other);
        taken++;
    }
}

static rf_status add_of_side(rf_members *members, rf_side side, int64_t wanted, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates list = {0};
    for (int64_t i = 0; !members->some_were_cut && i < members->graph->side[side].n; i++)
        wanted -= members->role[side][i] == RF_ROLE_NEIGHBOUR &&
                  members->scores->side[side].percentile[i] < ORDINARY;
    for (int nearby = 1; nearby >= 0 && wanted > 0; nearby--) {
        RF_TRY(draw_ordinary(&list, members, side, nearby == 1, wanted, err));
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
    for (rf_side side = 0; side < rf_sides(&members->graph->kinds); side++) {
        if (members->subjects[side] > 0)
            RF_TRY(add_of_side(members, side, most, err));
    }
done:
    return st;
}
