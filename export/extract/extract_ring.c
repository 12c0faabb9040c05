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
    rf_side from, to;
    int64_t most;
    int shared;   /* by at least this many members, over edges of the top tenth */
    double least; /* mass of an edge: the worst user's are taken even if none stands out */
} ring_step;

static rf_status add_beside(rf_members *members, const ring_step *step, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_score_side *edges = &members->scores->side[RF_EDGE], *others = &members->scores->side[step->to];
    rf_candidates list = {0};
    double *mass = NULL, best = 0;
    rf_real *key = NULL;
    int32_t *shared = NULL;
    RF_ZERO(mass, others->n, err);
    RF_ZERO(shared, others->n, err);
    RF_NEW(key, others->n, err);

    /* what each of the others has in common with the members; of parallel edges the highest counts */
    for (int64_t i = 0; i < members->graph->side[step->from].n; i++) {
        rf_candidate node = {.side = step->from, .row = (uint32_t)i};
        int64_t degree = members->role[step->from][i] > RF_ROLE_CUT ? rf_members_degree(members, node) : 0;
        for (int64_t k = 0; k < degree;) {
            uint32_t other = rf_members_neighbour(members, node, k).row;
            double most = step->least;
            for (; k < degree && rf_members_neighbour(members, node, k).row == other; k++)
                most = fmax(most, surprise(edges, rf_members_edge(members, node, k)));
            mass[other] += most;
            shared[other] += most > TENTH;
        }
    }

    /* the best of them; users must stand out themselves */
    for (int64_t i = 0; i < others->n; i++) {
        if (step->to == RF_USER)
            mass[i] *= surprise(others, i);
        if (members->role[step->to][i] > RF_ROLE_CUT || shared[i] < step->shared)
            mass[i] = 0;
        best = fmax(best, mass[i]);
    }
    for (int64_t i = 0; i < others->n; i++) {
        if (!(mass[i] > 0) || mass[i] < FOCUS * best)
            continue;
        key[list.n] = -(rf_real)mass[i];
        RF_TRY(rf_candidates_add(&list, step->to, i, err));
    }
    RF_TRY(rf_candidates_keep(&list, key, step->most, err));
    rf_members_set(members, &list, RF_ROLE_NEIGHBOUR);
    members->n += list.n;
done:
    rf_mem_free(list.at);
    rf_mem_free(key);
    rf_mem_free(shared);
    rf_mem_free(mass);
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
