/* extract_ring.c - a selection: the suspicious neighbourhood of the worst user, small enough to draw.
 *
 * A subject's mass is its surprise: the e-folds of its rank; the lower three quarters have none. The
 * selection goes from the worst user to the entities of its worst edges, to the users that stand out and
 * share such edges with them, to the entities that those share, and once more to users. Rows are tried in
 * ascending order and only more mass wins, so the choice is the same everywhere. It does not find whole
 * rings; clustering does.
 */
#include "members_int.h"

#include <math.h>

#include "rf_mem.h"

#define TENTH 0.9163 /* surprise of the 90th percentile: ln 2.5 */
#define FOCUS 0.05   /* of the best candidate's mass: less is left out */

static double surprise(const rf_score_side *side, int64_t row)
{
    double tail = 1 - (double)side->percentile[row] + 1 / (double)side->n;
    double folds = -log(4 * tail);
    return folds > 0 ? folds : 0;
}

typedef struct ring_step { /* from the members of one side to those beside them */
    rf_side from, to;      /* RF_ENTITY: those of all kinds */
    int64_t most;
    int shared;   /* by at least this many members, over edges of the top tenth */
    double least; /* mass of an edge: the worst user's are taken even if none stands out */
} ring_step;

typedef struct others { /* what each node of a side has in common with the members */
    double *mass;       /* [n] */
    int32_t *shared;    /* [n] */
} others;

/* Of parallel edges the highest counts. */
static void weigh(others *of, const rf_members *members, rf_candidate node, double least)
{
    int64_t degree = rf_members_degree(members, node);
    for (int64_t k = 0; k < degree;) {
        rf_candidate other = rf_members_neighbour(members, node, k), next = other;
        double most = least;
        while (next.side == other.side && next.row == other.row) {
            rf_candidate edge = rf_members_edge(members, node, k);
            most = fmax(most, surprise(&members->scores->side[edge.side], edge.row));
            if (++k == degree)
                break;
            next = rf_members_neighbour(members, node, k);
        }
        of[other.side].mass[other.row] += most;
        of[other.side].shared[other.row] += most > TENTH;
    }
}

/* The step's best: users must stand out themselves. */
static rf_status keep_best(rf_candidates *list, const others *of, const rf_members *members,
                           const ring_step *step, rf_err *err)
{
    rf_status st = RF_OK;
    rf_real *key = NULL;
    double best = 0;
    for (rf_side s = 0; s < rf_sides(&members->graph->kinds); s++) {
        const rf_score_side *scores = &members->scores->side[s];
        for (int64_t i = 0; of[s].mass != NULL && i < scores->n; i++) {
            if (s == RF_USER)
                of[s].mass[i] *= surprise(scores, i);
            if (members->role[s][i] > RF_ROLE_CUT || of[s].shared[i] < step->shared)
                of[s].mass[i] = 0;
            best = fmax(best, of[s].mass[i]);
        }
    }
    for (rf_side s = 0; s < rf_sides(&members->graph->kinds); s++) {
        for (int64_t i = 0; of[s].mass != NULL && i < members->scores->side[s].n; i++) {
            if (of[s].mass[i] > 0 && of[s].mass[i] >= FOCUS * best)
                RF_TRY(rf_candidates_add(list, s, i, err));
        }
    }
    RF_NEW(key, list->n, err);
    for (int64_t i = 0; i < list->n; i++)
        key[i] = -(rf_real)of[list->at[i].side].mass[list->at[i].row];
    RF_TRY(rf_candidates_keep(list, key, step->most, err));
done:
    rf_mem_free(key);
    return st;
}

static rf_status add_beside(rf_members *members, const ring_step *step, rf_err *err)
{
    rf_status st = RF_OK;
    rf_candidates list = {0};
    others of[RF_SIDES_MOST] = {{0}};
    const int sides = rf_sides(&members->graph->kinds);
    for (rf_side s = 0; s < sides; s++) {
        if (rf_side_role(s) != step->to)
            continue;
        RF_ZERO(of[s].mass, members->scores->side[s].n, err);
        RF_ZERO(of[s].shared, members->scores->side[s].n, err);
    }
    for (rf_side s = 0; s < sides; s++) {
        for (int64_t i = 0; rf_side_role(s) == step->from && i < members->graph->side[s].n; i++) {
            if (members->role[s][i] > RF_ROLE_CUT)
                weigh(of, members, (rf_candidate){.side = s, .row = (uint32_t)i}, step->least);
        }
    }
    RF_TRY(keep_best(&list, of, members, step, err));
    rf_members_set(members, &list, RF_ROLE_NEIGHBOUR);
    members->n += list.n;
done:
    for (rf_side s = 0; s < sides; s++) {
        rf_mem_free(of[s].mass);
        rf_mem_free(of[s].shared);
    }
    rf_mem_free(list.at);
    return st;
}

rf_status rf_members_add_ring(rf_members *members, rf_err *err)
{
    static const ring_step steps[] = {
        {.from = RF_USER, .to = RF_ENTITY, .most = 6, .least = 1e-9},
        {.from = RF_ENTITY, .to = RF_USER, .most = 12},
        {.from = RF_USER, .to = RF_ENTITY, .most = 9, .shared = 2},
        {.from = RF_ENTITY, .to = RF_USER, .most = 12},
    };
    rf_status st = RF_OK;
    const rf_score_side *users = &members->scores->side[RF_USER];
    int64_t worst = -1;
    for (int64_t i = 0; i < users->n; i++) {
        rf_candidate user = {.side = RF_USER, .row = (uint32_t)i};
        if (rf_members_degree(members, user) > 0 && (worst < 0 || users->score[i] > users->score[worst]))
            worst = i;
    }
    if (worst < 0)
        goto done;
    members->role[RF_USER][worst] = RF_ROLE_SUBJECT;
    members->n = members->subjects[RF_USER] = 1;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        RF_TRY(add_beside(members, &steps[i], err));
done:
    return st;
}
