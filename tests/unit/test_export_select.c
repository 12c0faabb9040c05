/* test_export_select.c - who is in an export: subjects, neighbours, ordinary ones, and what the caps leave
 * out. */
#include "extract_int.h"
#include "made_clusters.h"
#include "made_scores.h"
#include "made_tags.h"
#include "rf_check.h"

/* A graph of pairs (u, v), sorted; scores as given; percentiles by rank. */
typedef struct small {
    rf_graph *graph;
    rf_scores *scores;
    rf_findings findings; /* tags and clusters are the test's */
    rf_export_options options;
    rf_extract extract;
} small;

static void rank_side(rf_score_side *side)
{
    for (int64_t i = 0; i < side->n; i++) {
        int64_t below = 0;
        for (int64_t k = 0; k < side->n; k++)
            below += side->score[k] < side->score[i];
        side->percentile[i] = side->n > 1 ? (float)below / (float)(side->n - 1) : 0.5F;
    }
}

static small make_small(int64_t n_u, int64_t n_v, int64_t n_e, const uint32_t (*pairs)[2])
{
    small s = {.graph = made_graph((made_shape){n_u, n_v, n_e, 2, 2, 2, 3})};
    rf_err err = {0};
    uint32_t *u = malloc((size_t)n_e * sizeof *u + 1), *v = malloc((size_t)n_e * sizeof *v + 1);
    for (int64_t i = 0; i < n_e; i++) {
        u[i] = pairs[i][0];
        v[i] = pairs[i][1];
    }
    rf_adj_clear(&s.graph->adj);
    RF_CHECK_OK(err, rf_adj_init(&s.graph->adj, n_u, n_v, n_e, u, v, &err));
    free(u);
    free(v);
    s.scores = made_scores(s.graph);
    for (int64_t i = 0; i < n_u; i++)
        s.scores->side[RF_USER].score[i] = (rf_real)i; /* the last user is the worst */
    for (int64_t i = 0; i < n_v; i++)
        s.scores->side[RF_ENTITY].score[i] = (rf_real)i;
    for (int64_t i = 0; i < n_e; i++)
        s.scores->side[RF_EDGE].score[i] = (rf_real)((7 * i) % 11);
    rank_side(&s.scores->side[RF_USER]);
    rank_side(&s.scores->side[RF_ENTITY]);
    rank_side(&s.scores->side[RF_EDGE]);
    rf_export_options_default(&s.options);
    return s;
}

static rf_status select_again(small *s, rf_err *err)
{
    rf_mem_free(s->extract.nodes);
    rf_mem_free(s->extract.edges);
    s->findings.graph = s->graph;
    s->findings.scores = s->scores;
    s->extract = (rf_extract){
        .findings = &s->findings, .graph = s->graph, .scores = s->scores, .options = &s->options};
    rf_status st = rf_extract_select(&s->extract, err);
    if (st < 0) {
        rf_mem_free(s->extract.nodes);
        rf_mem_free(s->extract.edges);
        s->extract.nodes = NULL;
        s->extract.edges = NULL;
    }
    return st;
}

static void selects(small *s, const char *text)
{
    rf_err err = {0};
    RF_CHECK_OK(err, rf_selection_parse(&s->options.select, text, &err));
    RF_CHECK_OK(err, select_again(s, &err));
}

static void free_small(small *s)
{
    rf_mem_free(s->extract.nodes);
    rf_mem_free(s->extract.edges);
    rf_scores_free(s->scores);
    rf_graph_free(s->graph);
}

static rf_role role_of(const small *s, rf_side side, uint32_t row)
{
    for (int64_t i = 0; i < s->extract.counts.nodes; i++) {
        const rf_extract_node *node = &s->extract.nodes[i];
        if (node->side == side && node->row == row)
            return node->role;
    }
    return RF_ROLE_NONE;
}

/* Nobody else is within the default cap of a fifth: contexts are counted apart. */
static const uint32_t chain[][2] = {{0, 0}, {1, 0}, {1, 1}, {2, 1}, {2, 2}, {3, 2}, {3, 3}};

START_TEST(subjects_come_with_whom_they_met)
{
    small s = make_small(4, 4, 7, chain);
    s.options.max_nodes = 8;
    selects(&s, "top-users=1");
    ck_assert_int_eq(role_of(&s, RF_USER, 3), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 2), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 3), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 0), RF_ROLE_NONE);
    ck_assert_int_eq(s.extract.counts.subjects, 1);
    ck_assert_int_eq(s.extract.counts.neighbours, 2);
    ck_assert_int_eq(s.extract.counts.nodes_cut, 0);
    selects(&s, "top-entities=2");
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 3), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 2), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_USER, 3), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_USER, 2), RF_ROLE_NEIGHBOUR);
    free_small(&s);
}
END_TEST

START_TEST(around_a_user_goes_two_hops_or_as_many_as_asked)
{
    small s = make_small(4, 4, 7, chain);
    s.options.max_nodes = 9;
    selects(&s, "around=user-0");
    ck_assert_int_eq(role_of(&s, RF_USER, 0), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 0), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_USER, 1), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 1), RF_ROLE_NONE);
    s.options.hops = 4;
    selects(&s, "around=user-0");
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 1), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_USER, 2), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 2), RF_ROLE_NONE);
    free_small(&s);
}
END_TEST

START_TEST(a_percentile_of_zero_takes_everything_with_all_edges)
{
    small s = make_small(4, 4, 7, chain);
    selects(&s, "percentile=0");
    ck_assert_int_eq(s.extract.counts.nodes, 8);
    ck_assert_int_eq(s.extract.counts.subjects, 8);
    ck_assert_int_eq(s.extract.counts.edges, 7);
    for (int64_t i = 0; i < 7; i++) {
        rf_extract_edge edge = s.extract.edges[i];
        ck_assert_uint_eq(edge.row, i);
        ck_assert_uint_eq(s.extract.nodes[edge.from].row, chain[i][0]);
        ck_assert_uint_eq(s.extract.nodes[edge.to].row, chain[i][1]);
        ck_assert(s.extract.nodes[edge.to].side == RF_ENTITY && s.extract.nodes[edge.from].side == RF_USER);
    }
    selects(&s, "percentile=1");
    ck_assert_int_eq(s.extract.counts.subjects, 2);
    free_small(&s);
}
END_TEST

START_TEST(over_the_cap_the_lowest_percentiles_go_first_and_are_counted)
{
    static const uint32_t star[][2] = {{9, 0}, {9, 1}, {9, 2}, {9, 3}, {9, 4}, {9, 5}, {9, 6}, {9, 7}};
    small s = make_small(10, 8, 8, star);
    s.options.max_nodes = 5; /* no room for context: (5 - 1) / 5 */
    selects(&s, "top-users=1");
    ck_assert_int_eq(s.extract.counts.nodes, 5);
    ck_assert_int_eq(s.extract.counts.nodes_cut, 4);
    for (uint32_t v = 0; v < 8; v++)
        ck_assert_int_eq(role_of(&s, RF_ENTITY, v), v >= 4 ? RF_ROLE_NEIGHBOUR : RF_ROLE_NONE);
    s.options.max_nodes = 2;
    selects(&s, "top-users=4");
    ck_assert_int_eq(s.extract.counts.subjects, 2);
    ck_assert_int_eq(s.extract.counts.nodes_cut, 2 + 8);
    ck_assert_int_eq(role_of(&s, RF_USER, 9), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_USER, 8), RF_ROLE_SUBJECT);
    free_small(&s);
}
END_TEST

START_TEST(over_the_cap_every_node_keeps_its_highest_edge_first)
{
    /* scores by edge: 0 7 3 10 6 2 9; the best of u0..u3: 0, 1, 3, 6; of v0..v3: 1, 3, 4, 6 */
    small s = make_small(4, 4, 7, chain);
    static const uint32_t kept[] = {0, 1, 3, 4, 6};
    s.options.max_edges = 5;
    selects(&s, "percentile=0");
    ck_assert_int_eq(s.extract.counts.edges, 5);
    ck_assert_int_eq(s.extract.counts.edges_cut, 2);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(s.extract.edges[i].row, kept[i]);
    s.options.max_edges = 6; /* one more: the highest of the others is edge 2 */
    selects(&s, "percentile=0");
    ck_assert_uint_eq(s.extract.edges[2].row, 2);
    s.options.max_edges = 0;
    selects(&s, "percentile=0");
    ck_assert_int_eq(s.extract.counts.edges, 0);
    ck_assert_int_eq(s.extract.counts.edges_cut, 7);
    free_small(&s);
}
END_TEST

/* ---- ordinary ones ---- */

enum { CROWD = 200 };

/* Users 0 .. CROWD-1 meet entity 0; the last user alone meets entity 1. */
static small make_crowd(uint32_t entity_of_last)
{
    static uint32_t pairs[CROWD + 1][2];
    for (uint32_t i = 0; i <= CROWD; i++) {
        pairs[i][0] = i;
        pairs[i][1] = i < CROWD ? 0 : entity_of_last;
    }
    return make_small(CROWD + 1, 2, CROWD + 1, (const uint32_t(*)[2])pairs);
}

static int64_t count_ordinary(const small *s, rf_role role)
{
    int64_t n = 0;
    for (int64_t i = 0; i < s->extract.counts.nodes; i++) {
        const rf_extract_node *node = &s->extract.nodes[i];
        n += node->side == RF_USER && node->role == role &&
             s->scores->side[RF_USER].percentile[node->row] < 0.9F;
    }
    return n;
}

START_TEST(ordinary_users_of_the_same_entities_stand_beside_the_subjects)
{
    small s = make_crowd(0);
    selects(&s, "top-users=1");
    ck_assert_int_eq(s.extract.counts.context, 20);
    ck_assert_int_eq(count_ordinary(&s, RF_ROLE_CONTEXT), 20);
    ck_assert_int_eq(s.extract.counts.edges, 21);
    free_small(&s);
}
END_TEST

START_TEST(a_ring_by_itself_is_compared_with_ordinary_users_from_elsewhere_and_their_entities)
{
    small s = make_crowd(1);
    selects(&s, "top-users=1");
    ck_assert_int_eq(count_ordinary(&s, RF_ROLE_CONTEXT), 20);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 0), RF_ROLE_CONTEXT);
    ck_assert_int_eq(s.extract.counts.edges, 21);
    free_small(&s);
}
END_TEST

START_TEST(ordinary_neighbours_are_context_enough_unless_they_were_cut)
{
    small s = make_crowd(0);
    s.options.hops = 2;
    selects(&s, "top-users=1");
    ck_assert_int_eq(s.extract.counts.context, 0);
    ck_assert_int_eq(s.extract.counts.nodes, CROWD + 2);
    s.options.max_nodes =
        60; /* the highest do not serve as comparison: 11 places are for others, drawn by chance */
    selects(&s, "top-users=1");
    ck_assert_int_eq(s.extract.counts.nodes, 60);
    ck_assert_int_eq(s.extract.counts.context, 11);
    ck_assert_int_eq(s.extract.counts.nodes_cut, CROWD + 2 - 60);
    free_small(&s);
}
END_TEST

/* ---- words and faults ---- */

START_TEST(selections_are_read_or_refused_with_what_is_allowed)
{
    static const char *const wrong[] = {
        "",         "top-users",    "top-users=",  "top-users=0",    "top-users=x", "top-users=-3",
        "top=5",    "percentile=2", "percentile=", "percentile=nan", "around",      "top-entities=1.5",
        "cluster=", "cluster",      "tag=",        "tagged=x",       "=5"};
    rf_selection selection;
    rf_err err = {0};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        RF_CHECK_FAILS(err, RF_E_INVALID, "--select ", rf_selection_parse(&selection, wrong[i], &err));
    RF_CHECK_OK(err, rf_selection_parse(&selection, "top-entities=12", &err));
    ck_assert(selection.type == RF_SELECT_TOP_ENTITIES && selection.top == 12);
    RF_CHECK_OK(err, rf_selection_parse(&selection, "around=a=b", &err));
    ck_assert_str_eq(selection.name, "a=b");
    RF_CHECK_OK(err, rf_selection_parse(&selection, "around-entity=", &err)); /* an id may be empty */
    ck_assert(selection.type == RF_SELECT_AROUND_ENTITY && selection.name[0] == '\0');
    RF_CHECK_OK(err, rf_selection_parse(&selection, "cluster=c-1", &err));
    ck_assert(selection.type == RF_SELECT_CLUSTER && strcmp(selection.name, "c-1") == 0);
    RF_CHECK_OK(err, rf_selection_parse(&selection, "percentile=0.999", &err));
    ck_assert_double_eq(selection.percentile, 0.999);
}
END_TEST

START_TEST(a_user_who_is_not_there_is_named)
{
    small s = make_small(4, 4, 7, chain);
    rf_err err = {0};
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "around=nobody", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "no user of this id", select_again(&s, &err));
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "around=shop-1", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "that is an entity; select around-entity=shop-1",
                   select_again(&s, &err));
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "around-entity=user-1", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "that is a user; select around=user-1", select_again(&s, &err));
    selects(&s, "around-entity=shop-1");
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 1), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 2), RF_ROLE_NEIGHBOUR); /* two hops */
    free_small(&s);
}
END_TEST

/* ---- tags and clusters ---- */

static bool has_tag(const small *s, rf_side kind, uint32_t row, const char *type)
{
    const rf_tags *tags = s->findings.tags;
    const rf_tag_side *side = &tags->side[kind];
    for (int64_t t = side->ptr[row]; t < side->ptr[row + 1]; t++) {
        if (strcmp(rf_tag_type(tags, &side->tags[t]), type) == 0)
            return true;
    }
    return false;
}

static double surest_of(const small *s, const char *type, bool chosen)
{
    double best = chosen ? 2 : -1;
    for (uint32_t u = 0; u <= CROWD; u++) {
        const rf_tag_side *side = &s->findings.tags->side[RF_USER];
        for (int64_t t = side->ptr[u]; t < side->ptr[u + 1]; t++) {
            double sure = (double)side->tags[t].confidence;
            if (strcmp(rf_tag_type(s->findings.tags, &side->tags[t]), type) != 0 ||
                (role_of(s, RF_USER, u) == RF_ROLE_SUBJECT) != chosen)
                continue;
            best = chosen ? fmin(best, sure) : fmax(best, sure);
        }
    }
    return best;
}

START_TEST(a_tag_chooses_all_who_have_it_the_surest_first_under_the_cap)
{
    small s = make_crowd(0);
    rf_tags *tags = made_tags(s.graph, s.scores, 4);
    s.findings.tags = tags;
    selects(&s, "tag=collusion");
    ck_assert_int_gt(s.extract.counts.subjects, 20);
    for (uint32_t u = 0; u <= CROWD; u++)
        ck_assert_int_eq(role_of(&s, RF_USER, u) == RF_ROLE_SUBJECT, has_tag(&s, RF_USER, u, "collusion"));
    for (uint32_t v = 0; v < 2; v++)
        ck_assert_int_eq(role_of(&s, RF_ENTITY, v) == RF_ROLE_SUBJECT,
                         has_tag(&s, RF_ENTITY, v, "collusion"));
    s.options.max_nodes = 15;
    selects(&s, "tag=collusion");
    ck_assert_int_eq(s.extract.counts.subjects, 15);
    ck_assert_double_ge(surest_of(&s, "collusion", true), surest_of(&s, "collusion", false));
    rf_tags_free(tags);
    free_small(&s);
}
END_TEST

START_TEST(a_tag_that_is_not_there_is_answered_with_the_nearest)
{
    small s = make_crowd(0);
    rf_err err = {0};
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "tag=colusion", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "no tags; run ringfence tag first", select_again(&s, &err));
    rf_tags *tags = made_tags(s.graph, s.scores, 4);
    s.findings.tags = tags;
    RF_CHECK_FAILS(err, RF_E_INVALID, "the rules made give no such tag; did you mean tag=collusion?",
                   select_again(&s, &err));
    memset(tags->side[RF_USER].ptr, 0, (size_t)(tags->side[RF_USER].n + 1) * sizeof *tags->side[RF_USER].ptr);
    memset(tags->side[RF_ENTITY].ptr, 0,
           (size_t)(tags->side[RF_ENTITY].n + 1) * sizeof *tags->side[RF_ENTITY].ptr);
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "tag=collusion", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "no user or entity of this run has that tag", select_again(&s, &err));
    rf_tags_free(tags);
    free_small(&s);
}
END_TEST

static small make_clustered(rf_clusters **clusters)
{
    static uint32_t pairs[24][2];
    for (uint32_t i = 0; i < 24; i++) {
        pairs[i][0] = i / 2;
        pairs[i][1] = i / 2 % 5 + i % 2;
    }
    small s = make_small(12, 6, 24, (const uint32_t(*)[2])pairs);
    *clusters = made_clusters(s.graph, s.scores);
    s.findings.clusters = *clusters;
    return s;
}

START_TEST(a_cluster_chooses_all_its_members)
{
    rf_clusters *clusters;
    small s = make_clustered(&clusters);
    selects(&s, "cluster=c-00000000000000b2");
    ck_assert_int_eq(s.extract.counts.subjects, 3);
    ck_assert_int_eq(role_of(&s, RF_USER, 4), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_USER, 7), RF_ROLE_SUBJECT);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 3), RF_ROLE_SUBJECT);
    selects(&s, "cluster=worst");
    ck_assert_int_eq(s.extract.counts.subjects, 5);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 1), RF_ROLE_SUBJECT);
    selects(&s, "cluster=c-00000000000000c3"); /* a dense block */
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 2), RF_ROLE_SUBJECT);
    rf_clusters_free(clusters);
    free_small(&s);
}
END_TEST

/* Users 0 .. 3 and entity 0 are the cluster. Entity 0 is popular: users 4 .. CROWD met it, too. Entity 1 ties
 * users 0 and 1 together, entity 2 was met by user 2 alone, though twice, and entity 3 by three of them. */
static small make_popular(rf_clusters **clusters)
{
    static uint32_t pairs[CROWD + 8][2];
    int64_t n = 0;
    for (uint32_t u = 0; u <= CROWD; u++) {
        const uint32_t met[4][4] = {{0, 1, 3, 3}, {0, 1, 3, 3}, {0, 2, 2, 3}, {0, 0, 0, 0}};
        uint32_t last = 99;
        for (int k = 0; k < (u < 4 ? 4 : 1); k++) {
            uint32_t v = u < 4 ? met[u][k] : 0;
            if (v == last && v != 2) /* entity 2 has parallel edges */
                continue;
            pairs[n][0] = u;
            pairs[n++][1] = last = v;
        }
    }
    small s = make_small(CROWD + 1, 4, n, (const uint32_t(*)[2])pairs);
    static uint32_t users[] = {0, 1, 2, 3}, entities[] = {0};
    static rf_cluster cluster = {.id = "c-00000000000000e5", .n = {[RF_USER] = 4, [RF_ENTITY] = 1}};
    *clusters = calloc(1, sizeof **clusters);
    **clusters = (rf_clusters){.n = 1, .at = &cluster, .rows = {[RF_USER] = users, [RF_ENTITY] = entities}};
    s.findings.clusters = *clusters;
    return s;
}

START_TEST(of_a_cluster_come_those_that_met_several_members_not_all_customers)
{
    rf_clusters *clusters;
    small s = make_popular(&clusters);
    selects(&s, "cluster=worst");
    ck_assert_int_eq(s.extract.counts.subjects, 5);
    ck_assert_int_eq(s.extract.counts.neighbours, 2);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 1), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 3), RF_ROLE_NEIGHBOUR);
    ck_assert_int_ne(role_of(&s, RF_ENTITY, 2), RF_ROLE_NEIGHBOUR); /* one member, however often */
    ck_assert_int_eq(s.extract.partners_left, CROWD - 3 + 1);
    ck_assert_int_eq(s.extract.counts.nodes_cut, 0);
    ck_assert_int_lt(s.extract.counts.nodes, 60); /* with ordinary ones to compare with */
    s.options.hops = 1;
    selects(&s, "cluster=worst");
    ck_assert_int_eq(s.extract.counts.neighbours, CROWD - 3 + 3);
    ck_assert_int_eq(s.extract.partners_left, 0);
    s.options.hops = 0;
    s.options.max_nodes = 6; /* room for one: the one that met three */
    selects(&s, "cluster=worst");
    ck_assert_int_eq(s.extract.counts.neighbours, 1);
    ck_assert_int_eq(role_of(&s, RF_ENTITY, 3), RF_ROLE_NEIGHBOUR);
    ck_assert_int_eq(s.extract.counts.nodes_cut, 1);
    free(clusters);
    free_small(&s);
}
END_TEST

START_TEST(a_cluster_that_is_not_there_or_gone_is_refused)
{
    rf_clusters *clusters;
    small s = make_clustered(&clusters);
    rf_err err = {0};
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "cluster=c-00000000000000d4", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "that cluster no longer exists", select_again(&s, &err));
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "cluster=wrost", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "did you mean cluster=worst?", select_again(&s, &err));
    clusters->n = 0;
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "cluster=worst", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "this run found no clusters", select_again(&s, &err));
    s.findings.clusters = NULL;
    RF_CHECK_FAILS(err, RF_E_INVALID, "no clusters; run ringfence cluster first", select_again(&s, &err));
    rf_clusters_free(clusters);
    free_small(&s);
}
END_TEST

START_TEST(selecting_survives_every_failing_allocation)
{
    small s = make_crowd(1);
    rf_err err = {0};
    s.options.max_edges = 9;
    s.options.max_nodes = 40;
    s.options.hops = 2;
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "top-users=3", &err));
    RF_SWEEP(select_again(&s, sweep_err), {
        rf_mem_free(s.extract.nodes);
        rf_mem_free(s.extract.edges);
        s.extract.nodes = NULL;
        s.extract.edges = NULL;
    });
    rf_tags *tags = made_tags(s.graph, s.scores, 4);
    s.findings.tags = tags;
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "tag=promo_abuse", &err));
    RF_SWEEP(select_again(&s, sweep_err), {
        rf_mem_free(s.extract.nodes);
        rf_mem_free(s.extract.edges);
        s.extract.nodes = NULL;
        s.extract.edges = NULL;
    });
    rf_tags_free(tags);
    free_small(&s);
    rf_clusters *clusters;
    s = make_popular(&clusters);
    RF_CHECK_OK(err, rf_selection_parse(&s.options.select, "cluster=worst", &err));
    RF_SWEEP(select_again(&s, sweep_err), {
        rf_mem_free(s.extract.nodes);
        rf_mem_free(s.extract.edges);
        s.extract.nodes = NULL;
        s.extract.edges = NULL;
    });
    free(clusters);
    free_small(&s);
}
END_TEST

RF_SUITE("export_select", subjects_come_with_whom_they_met, around_a_user_goes_two_hops_or_as_many_as_asked,
         a_percentile_of_zero_takes_everything_with_all_edges,
         over_the_cap_the_lowest_percentiles_go_first_and_are_counted,
         over_the_cap_every_node_keeps_its_highest_edge_first,
         ordinary_users_of_the_same_entities_stand_beside_the_subjects,
         a_ring_by_itself_is_compared_with_ordinary_users_from_elsewhere_and_their_entities,
         ordinary_neighbours_are_context_enough_unless_they_were_cut,
         selections_are_read_or_refused_with_what_is_allowed, a_user_who_is_not_there_is_named,
         a_tag_chooses_all_who_have_it_the_surest_first_under_the_cap,
         a_tag_that_is_not_there_is_answered_with_the_nearest, a_cluster_chooses_all_its_members,
         of_a_cluster_come_those_that_met_several_members_not_all_customers,
         a_cluster_that_is_not_there_or_gone_is_refused, selecting_survives_every_failing_allocation)
