/* ring_pick.c - the suspicious neighbourhood of the worst user, small enough to draw.
 *
 * How far a subject stands out counts in e-folds of its rank (surprise); the lower three quarters count
 * nothing. From the worst user to the entities of its worst edges; to the users that stand out and share such
 * edges with them; to the entities that those share; and once more to users. Rows are tried in ascending
 * order and only more mass wins, so the choice is the same everywhere. Finding whole rings is clustering, not
 * this.
 */
#include "ring_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define START_ENTITIES 6
#define TENTH 0.9163 /* surprise of the 90th percentile: ln 2.5 */
#define FOCUS 0.05   /* of the best candidate's mass: less is left out */

static double surprise(const rf_score_side *side, int64_t row)
{
    double tail = 1 - (double)side->percentile[row] + 1 / (double)side->n;
    double folds = -log(4 * tail);
    return folds > 0 ? folds : 0;
}

/* ---- the best few of many ---- */

typedef struct best_list { /* rows of most mass, most first */
    uint32_t *rows;
    double mass[RF_RING_USERS];
    int n, room;
} best_list;

static void best_list_offer(best_list *best, uint32_t row, double mass)
{
    if (best->room == 0 || !(mass > 0) || (best->n == best->room && !(mass > best->mass[best->n - 1])))
        return;
    int at = best->n < best->room ? best->n++ : best->room - 1;
    for (; at > 0 && mass > best->mass[at - 1]; at--) {
        best->mass[at] = best->mass[at - 1];
        best->rows[at] = best->rows[at - 1];
    }
    best->mass[at] = mass;
    best->rows[at] = row;
}

/* How many to keep: those that have not too little against the best. */
static int in_focus(const best_list *best)
{
    int n = 0;
    while (n < best->n && best->mass[n] >= FOCUS * best->mass[0])
        n++;
    return n;
}

static int find(const uint32_t *rows, int n, uint32_t row)
{
    for (int i = 0; i < n; i++) {
        if (rows[i] == row)
            return i;
    }
    return -1;
}

/* ---- steps ---- */

typedef struct ring_picker {
    const rf_graph *graph;
    const rf_scores *scores;
    rf_ring *ring;
    double *user_mass, *entity_mass; /* [n_u] [n_v] */
    uint8_t *entity_shared;          /* [n_v] chosen users on it, up to 2 */
} ring_picker;

/* The highest user that has edges. */
static bool pick_worst_user(ring_picker *picker)
{
    const rf_score_side *users = &picker->scores->side[RF_USER];
    const int64_t *ptr = picker->graph->adj.u_ptr;
    int64_t worst = -1;
    for (int64_t i = 0; i < users->n; i++) {
        if (ptr[i] < ptr[i + 1] && (worst < 0 || users->score[i] > users->score[worst]))
            worst = i;
    }
    if (worst < 0)
        return false;
    picker->ring->users[0] = (uint32_t)worst;
    picker->ring->n_users = 1;
    return true;
}

static void start_entities(ring_picker *picker)
{
    rf_ring *ring = picker->ring;
    const rf_adj *adj = &picker->graph->adj;
    uint32_t user = ring->users[0];
    best_list best = {.rows = ring->entities, .room = START_ENTITIES};
    for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1];) {
        uint32_t entity = adj->e_v[i];
        double most = 1e-9; /* the worst user's edges are taken even if none stands out */
        for (; i < adj->u_ptr[user + 1] && adj->e_v[i] == entity; i++)
            most = fmax(most, surprise(&picker->scores->side[RF_EDGE], i));
        best_list_offer(&best, entity, most);
    }
    ring->n_entities = in_focus(&best);
}

/* Users by own surprise times that of their edges with the chosen entities; the worst user stays first. */
static void pick_users(ring_picker *picker)
{
    rf_ring *ring = picker->ring;
    const rf_adj *adj = &picker->graph->adj;
    memset(picker->user_mass, 0, (size_t)adj->n_u * sizeof *picker->user_mass);
    for (int i = 0; i < ring->n_entities; i++) {
        for (int64_t k = adj->v_ptr[ring->entities[i]]; k < adj->v_ptr[ring->entities[i] + 1]; k++) {
            uint32_t edge = adj->v_edge[k];
            picker->user_mass[adj->e_u[edge]] += surprise(&picker->scores->side[RF_EDGE], edge);
        }
    }
    best_list best = {.rows = ring->users + 1, .room = RF_RING_USERS - 1};
    for (int64_t i = 0; i < adj->n_u; i++) {
        if (picker->user_mass[i] > 0 && i != (int64_t)ring->users[0])
            best_list_offer(&best, (uint32_t)i,
                            picker->user_mass[i] * surprise(&picker->scores->side[RF_USER], i));
    }
    ring->n_users = 1 + in_focus(&best);
}

/* An entity is shared by those who meet it in a way that stands out. */
static void weigh_entities_of(ring_picker *picker, uint32_t user)
{
    const rf_adj *adj = &picker->graph->adj;
    for (int64_t i = adj->u_ptr[user]; i < adj->u_ptr[user + 1];) {
        uint32_t entity = adj->e_v[i];
        double most = 0;
        for (; i < adj->u_ptr[user + 1] && adj->e_v[i] == entity; i++)
            most = fmax(most, surprise(&picker->scores->side[RF_EDGE], i));
        picker->entity_mass[entity] += most;
        if (most > TENTH && picker->entity_shared[entity] < 2)
            picker->entity_shared[entity]++;
    }
}

/* Entities that at least two of the users share, by the surprise of those edges. */
static void add_entities(ring_picker *picker)
{
    rf_ring *ring = picker->ring;
    int had = ring->n_entities;
    for (int i = 0; i < ring->n_users; i++)
        weigh_entities_of(picker, ring->users[i]);
    best_list best = {.rows = ring->entities + had, .room = RF_RING_ENTITIES - had};
    for (int64_t v = 0; v < picker->graph->adj.n_v; v++) {
        if (picker->entity_shared[v] >= 2 && find(ring->entities, had, (uint32_t)v) < 0)
            best_list_offer(&best, (uint32_t)v, picker->entity_mass[v]);
    }
    ring->n_entities += in_focus(&best);
}

/* ---- links ---- */

/* One link a pair: parallel edges are counted, the highest stands for them. */
static void collect_links(ring_picker *picker)
{
    rf_ring *ring = picker->ring;
    const rf_adj *adj = &picker->graph->adj;
    const rf_real *score = picker->scores->side[RF_EDGE].score;
    for (int u = 0; u < ring->n_users; u++) {
        rf_ring_link *last = NULL;
        for (int64_t i = adj->u_ptr[ring->users[u]]; i < adj->u_ptr[ring->users[u] + 1]; i++) {
            int v = find(ring->entities, ring->n_entities, adj->e_v[i]);
            if (v < 0)
                continue;
            if (last == NULL || last->entity != v) {
                last = &ring->links[ring->n_links++];
                *last = (rf_ring_link){.user = u, .entity = v, .edge = i};
            }
            last->parallel++;
            if (score[i] > score[last->edge])
                last->edge = i;
        }
    }
}

/* Entities that lost all their users in the last step would hang in the air. */
static void drop_unlinked_entities(rf_ring *ring)
{
    int kept = 0;
    for (int v = 0; v < ring->n_entities; v++) {
        bool linked = false;
        for (int l = 0; l < ring->n_links; l++)
            linked = linked || ring->links[l].entity == v;
        if (!linked)
            continue;
        for (int l = 0; l < ring->n_links; l++) {
            if (ring->links[l].entity == v)
                ring->links[l].entity = kept;
        }
        ring->entities[kept++] = ring->entities[v];
    }
    ring->n_entities = kept;
}

rf_status rf_ring_pick(rf_ring *ring, const rf_graph *graph, const rf_scores *scores, rf_err *err)
{
    rf_status st = RF_OK;
    ring_picker picker = {.graph = graph, .scores = scores, .ring = ring};
    *ring = (rf_ring){0};
    picker.user_mass = rf_mem_zero((size_t)graph->adj.n_u, sizeof *picker.user_mass, err);
    picker.entity_mass = rf_mem_zero((size_t)graph->adj.n_v, sizeof *picker.entity_mass, err);
    picker.entity_shared = rf_mem_zero((size_t)graph->adj.n_v, 1, err);
    if (picker.user_mass == NULL || picker.entity_mass == NULL || picker.entity_shared == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    if (!pick_worst_user(&picker))
        goto done;
    start_entities(&picker);
    pick_users(&picker);
    add_entities(&picker);
    pick_users(&picker);
    collect_links(&picker);
    drop_unlinked_entities(ring);
    rf_ring_arrange(ring);
done:
    rf_mem_free(picker.user_mass);
    rf_mem_free(picker.entity_mass);
    rf_mem_free(picker.entity_shared);
    return st;
}

/* ---- order ---- */

/* Positions of one side by the mean position of the partners (a few rounds untangle most crossings). */
static void order_side(int *place, int n, const rf_ring *ring, const int *partner_place, bool is_users)
{
    double mean[RF_RING_USERS] = {0};
    int order[RF_RING_USERS];
    for (int i = 0; i < n; i++) {
        int links = 0;
        for (int l = 0; l < ring->n_links; l++) {
            const rf_ring_link *link = &ring->links[l];
            if ((is_users ? link->user : link->entity) != i)
                continue;
            mean[i] += partner_place[is_users ? link->entity : link->user];
            links++;
        }
        mean[i] = links > 0 ? mean[i] / links : place[i];
        order[i] = i;
    }
    for (int i = 1; i < n; i++) {
        int moved = order[i], at = i;
        for (; at > 0 && mean[order[at - 1]] > mean[moved]; at--)
            order[at] = order[at - 1];
        order[at] = moved;
    }
    for (int i = 0; i < n; i++)
        place[order[i]] = i;
}

void rf_ring_arrange(rf_ring *ring)
{
    for (int i = 0; i < ring->n_users; i++)
        ring->user_place[i] = i;
    for (int i = 0; i < ring->n_entities; i++)
        ring->entity_place[i] = i;
    for (int round = 0; round < 8; round++) {
        order_side(ring->entity_place, ring->n_entities, ring, ring->user_place, false);
        order_side(ring->user_place, ring->n_users, ring, ring->entity_place, true);
    }
}
