/* test_rules_kinds.c - rules about several kinds of entity: a kind by itself is judged as if it were the only
 * one, paths over kinds are walked as told, a graph without the kind lacks evidence, and tags say where they
 * come from. */
#include "rf_h5.h"
#include "rules_world.h"

#define KINDS WORLD_HEAD "kinds: [device, card]\n"

static const made_shape shapes[] = {
    {40, 25, 160, 3, 3, 3, 5}, {40, 18, 70, 3, 3, 3, 6}, {40, 30, 90, 3, 3, 3, 7}};

/* Kinds shop, device and card. */
static void open_kinds(world *w)
{
    rf_err err = {0};
    rf_rng rng;
    rf_rng_init(&rng, 5, 9);
    *w = (world){.graph = made_graph_of_kinds(shapes, 3)};
    for (rf_side side = 0; side < rf_sides(&w->graph->kinds); side++)
        world_leave_cells(&w->graph->side[side], &rng);
    w->scores = made_scores(w->graph);
    RF_CHECK_OK(err, rule_world_init(&w->of, &world_main_kind, w->graph, w->scores, NULL, &err));
}

static rf_rules *one_signal(const char *head, const char *subject, const char *value)
{
    char text[1024];
    snprintf(text, sizeof text,
             "%srules:\n- type: a\n  subject: %s\n  signals: {s: {value: '%s', above: 1}}\n", head, subject,
             value);
    return world_rules(text);
}

/* The value of the rules' signal for all subjects. */
static rf_real *column_of(world *w, const rf_rules *rules)
{
    rf_err err = {0};
    rf_real *column = NULL;
    const rule *of = &rules->rules[0];
    w->of.on = rule_graph_of(rules, w->graph);
    RF_CHECK_OK(err, rule_evaluate(&column, &w->of, &of->signals[0].value, w->of.on.side[of->subject], 0.999,
                                   &of->signals[0].place, &err));
    return column;
}

static void assert_same_column(const rf_real *a, const rf_real *b, int64_t n, const char *value)
{
    for (int64_t i = 0; i < n; i++)
        ck_assert_msg((isnan(a[i]) && isnan(b[i])) || (double)fabs((double)(a[i] - b[i])) <= 0,
                      "%s: row %lld is %g, expected %g", value, (long long)i, (double)a[i], (double)b[i]);
}

/* Users and devices alone, as a graph of one kind. */
static world only_devices(const world *w, rf_graph *view, rf_scores *scores)
{
    rf_err err = {0};
    world alone = {.graph = view, .scores = scores};
    *view = rf_graph_of_kind(w->graph, 1);
    *scores = *w->scores;
    scores->side[RF_ENTITY] = w->scores->side[rf_entity_side(1)];
    scores->side[RF_EDGE] = w->scores->side[rf_edge_side(1)];
    RF_CHECK_OK(err, rule_world_init(&alone.of, &world_main_kind, view, scores, NULL, &err));
    return alone;
}

START_TEST(a_kind_by_itself_is_judged_as_if_it_were_the_only_one)
{
    static const struct {
        const char *subject, *value, *alone_subject, *alone;
    } pairs[] = {
        {"user", "max device.v_0", "user", "max entity.v_0"},
        {"user", "count(2) device.users", "user", "count(2) entity.degree"},
        {"user", "max device.mean user.u_1", "user", "max entity.mean user.u_1"},
        {"user", "share(0.1) device.edge.e_2", "user", "share(0.1) edge.e_2"},
        {"device", "device.v_1", "entity", "entity.v_1"},
        {"device", "device.score * device.events", "entity", "entity.score * entity.events"},
        {"device", "mean user.u_0", "entity", "mean user.u_0"},
        {"device", "sum device.edge.ce", "entity", "sum edge.ce"},
        {"device", "min user.max device.edge.e_0", "entity", "min user.max edge.e_0"},
        {"device.edge", "device.edge.e_1 / device.v_1", "edge", "edge.e_1 / entity.v_1"},
        {"device.edge", "user.u_2 - device.mean user.u_2", "edge", "user.u_2 - entity.mean user.u_2"},
        {"device.edge", "device.edge.residual(e_0)", "edge", "edge.residual(e_0)"},
    };
    world w;
    static rf_graph view;
    static rf_scores scores;
    open_kinds(&w);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        world alone = only_devices(&w, &view, &scores);
        rf_rules *rules = one_signal(KINDS, pairs[i].subject, pairs[i].value);
        rf_rules *main_rules = one_signal(WORLD_HEAD, pairs[i].alone_subject, pairs[i].alone);
        rf_real *column = column_of(&w, rules), *expected = column_of(&alone, main_rules);
        assert_same_column(column, expected, view.side[main_rules->rules[0].subject].n, pairs[i].value);
        rf_mem_free(column);
        rf_mem_free(expected);
        rule_world_clear(&alone.of);
        world_forget_columns(&w);
        rf_rules_free(rules);
        rf_rules_free(main_rules);
    }
    world_close(&w);
}
END_TEST

/* Distinct users of each device. */
static uint32_t *users_of(const rf_graph *graph, int kind)
{
    const rf_adj *adj = rf_graph_adj(graph, kind);
    uint32_t *users = rf_mem_zero((size_t)adj->n_v, sizeof *users, NULL);
    ck_assert_ptr_nonnull(users);
    for (int64_t e = 0; e < adj->n_e; e++) {
        bool again = e > 0 && adj->e_u[e - 1] == adj->e_u[e] && adj->e_v[e - 1] == adj->e_v[e];
        users[adj->e_v[e]] += !again;
    }
    return users;
}

START_TEST(paths_lead_over_kinds)
{
    world w;
    open_kinds(&w);
    const rf_adj *shops = rf_graph_adj(w.graph, 0), *devices = rf_graph_adj(w.graph, 1);
    uint32_t *users = users_of(w.graph, 1);
    rf_rules *rules = one_signal(KINDS, "edge", "user.max device.users");
    rf_real *column = column_of(&w, rules);
    for (int64_t e = 0; e < shops->n_e; e++) {
        uint32_t most = 0, u = shops->e_u[e];
        for (int64_t k = devices->u_ptr[u]; k < devices->u_ptr[u + 1]; k++)
            most = users[devices->e_v[k]] > most ? users[devices->e_v[k]] : most;
        if (devices->u_ptr[u] == devices->u_ptr[u + 1])
            RF_HOLDS(isnan(column[e]));
        else
            ck_assert_uint_eq((unsigned)column[e], most);
    }
    rf_mem_free(column);
    world_forget_columns(&w);
    rf_rules_free(rules);

    rules = one_signal(KINDS, "device", "max user.max card.edge.score");
    column = column_of(&w, rules);
    const rf_adj *cards = rf_graph_adj(w.graph, 2);
    for (int64_t v = 0; v < devices->n_v; v++) {
        double most = -1;
        for (int64_t k = devices->v_ptr[v]; k < devices->v_ptr[v + 1]; k++) {
            uint32_t u = devices->e_u[devices->v_edge[k]];
            for (int64_t e = cards->u_ptr[u]; e < cards->u_ptr[u + 1]; e++)
                most = fmax(most, (double)w.scores->side[rf_edge_side(2)].score[e]);
        }
        RF_HOLDS(most < 0 ? isnan(column[v]) : fabs((double)column[v] - most) < 1e-6);
    }
    rf_mem_free(column);
    rf_mem_free(users);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

START_TEST(what_many_share_has_no_number)
{
    world w;
    open_kinds(&w);
    rf_graph_side *devices = &w.graph->side[rf_entity_side(1)];
    devices->hub = rf_mem_zero((size_t)devices->n, 1, NULL);
    ck_assert_ptr_nonnull(devices->hub);
    devices->hub[3] = 1;
    rf_rules *rules = one_signal(KINDS, "device", "device.users");
    rf_real *column = column_of(&w, rules);
    for (int64_t v = 0; v < devices->n; v++)
        ck_assert_int_eq(isnan(column[v]), v == 3);
    rf_mem_free(column);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

/* ---- mistakes, and kinds that a graph lacks ---- */

static void refused(const char *head, const char *subject, const char *value, const char *why)
{
    char text[1024];
    rf_rules *rules = NULL;
    rf_err err = {0};
    snprintf(text, sizeof text,
             "%srules:\n- type: a\n  subject: %s\n  signals: {s: {value: '%s', above: 1}}\n", head, subject,
             value);
    ck_assert_int_eq(rf_rules_parse(&rules, "my.yaml", text, strlen(text), &err), RF_E_INVALID);
    ck_assert_msg(strstr(err.msg, why) != NULL, "%s: not \"%s\"", err.msg, why);
}

START_TEST(mistakes_are_named)
{
    refused(KINDS, "user", "max devise.users", "unknown word \"devise\"; did you mean device?");
    refused(KINDS, "user", "device.users", "the user has several entities: put max");
    refused(KINDS, "user", "max device.edge.degree", "edges have no degree");
    refused(KINDS, "edge", "device.users", "go through the user: user.max device.NAME");
    refused(KINDS, "device", "max card.users", "device has no direct way to card; go through its users");
    refused(KINDS, "device", "max edge.score", "device has no direct way to edge");
    refused(KINDS, "divice", "user.score", "subject is user, entity, edge, a kind of the list");
    refused(KINDS, "divice", "user.score", "did you mean device?");
    refused(WORLD_HEAD, "user", "max device.users", "other kinds of entity stand in the file's list `kinds`");
    refused(WORLD_HEAD "kinds: device\n", "user", "user.score", "kinds needs a list");
    refused(WORLD_HEAD "kinds: [Device]\n", "user", "user.score", "the name of a kind has");
    refused(WORLD_HEAD "kinds: [card, card]\n", "user", "user.score", "card is there already");
    refused(WORLD_HEAD "kinds: [edge]\n", "user", "user.score", "edge is there already");
}
END_TEST

START_TEST(a_graph_without_the_kind_lacks_evidence)
{
    world w;
    rf_err err = {0};
    rf_tags *tags = NULL;
    rf_rule_fit fit = {0};
    rf_rule_wish wish;
    open_kinds(&w);
    rf_rules *rules = one_signal(WORLD_HEAD "kinds: [devices]\n", "user", "max devices.users");
    rf_status st = rf_rules_tag(&tags, rules, w.graph, w.scores, NULL, &err);
    ck_assert_int_eq(st, RF_E_INVALID);
    ck_assert_msg(strstr(err.msg, "the graph has no kind of entity devices; did you mean device?") != NULL,
                  "%s", err.msg);
    rf_rules_free(rules);

    rules = world_rules(WORLD_HEAD
                        "kinds: [phone, device]\nrules:\n"
                        "- {type: a, subject: phone, optional: true, signals: {s: {value: phone.users, "
                        "above: 1}}}\n"
                        "- {type: b, subject: user, optional: true, signals: {s: {value: max "
                        "phone.mean user.score, above: 1}, t: {value: max device.users, above: 2}}, "
                        "confidence: {first: [s, t]}}\n");
    RF_CHECK_OK(err, rf_rules_check(&fit, rules, 0, w.graph, &err));
    ck_assert(!fit.judges);
    ck_assert_str_eq(fit.lacks.ptr, "phone");
    rf_text_clear(&fit.lacks);
    RF_CHECK_OK(err, rf_rules_check(&fit, rules, 1, w.graph, &err));
    ck_assert(fit.judges && fit.share >= 1);
    rf_text_clear(&fit.lacks);
    RF_CHECK_OK(err, rf_rules_wish(&wish, rules, w.graph, &err));
    ck_assert_int_eq(wish.n_rules, 1);
    ck_assert_str_eq(wish.kinds.ptr, "phone");
    RF_CHECK_OK(err, rf_rules_tag(&tags, rules, w.graph, w.scores, NULL, &err));
    ck_assert_int_gt(tags->side[RF_USER].ptr[tags->side[RF_USER].n], 0);
    rf_tags_free(tags);
    rf_rule_wish_clear(&wish);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

START_TEST(another_rule_of_the_type_may_stand_in)
{
    world w;
    rf_err err = {0};
    rf_rule_fit fit = {0};
    rf_rule_wish wish;
    open_kinds(&w);
    rf_rules *rules = world_rules(
        WORLD_HEAD "kinds: [phone]\nrules:\n"
                   "- {type: farm, subject: phone.edge, optional: true, signals: {s: {value: phone.users, "
                   "above: 1}}}\n"
                   "- {type: farm, subject: edge, optional: true, signals: {s: {value: edge.e_0, above: "
                   "1}}}\n"
                   "- {type: bank, subject: phone, optional: true, signals: {s: {value: phone.users, "
                   "above: 1}}}\n"
                   "- {type: bank, subject: user, optional: true, signals: {s: {value: user.nothing, "
                   "above: 1}}}\n"
                   "- {type: farm, subject: edge, optional: true, signals: {s: {value: user.max phone.users, "
                   "above: 1}}}\n"
                   "- {type: farm, subject: edge, optional: true, signals: {s: {value: edge.nothing, "
                   "above: 1}}}\n");
    static const bool stood_in[] = {true, false, false, false, true, false};
    for (int i = 0; i < rf_rules_count(rules); i++) {
        RF_CHECK_OK(err, rf_rules_check(&fit, rules, i, w.graph, &err));
        ck_assert_int_eq(fit.judges, i == 1);
        ck_assert_int_eq(fit.stood_in, stood_in[i]);
        rf_text_clear(&fit.lacks);
    }
    RF_CHECK_OK(err, rf_rules_wish(&wish, rules, w.graph, &err));
    ck_assert_int_eq(wish.n_rules, 3);
    ck_assert_str_eq(wish.kinds.ptr, "phone");
    rf_rule_wish_clear(&wish);
    rf_rules_free(rules);
    world_close(&w);
}
END_TEST

/* ---- tags ---- */

static rf_tags *tagged_devices(world *w)
{
    rf_err err = {0};
    rf_tags *tags = NULL;
    rf_rules *rules =
        world_rules(KINDS "unknown: {percentile: 0.9}\nrules:\n"
                          "- {type: alone, subject: card, signals: {s: {value: card.users, below: 1}}}\n"
                          "- {type: farm, subject: device.edge, signals: {s: {value: device.users, above: "
                          "4}}, spread: {only: true, user: {edges: 1, crowd: 3}, device: {edges: 3}}}\n");
    RF_CHECK_OK(err, rf_rules_tag(&tags, rules, w->graph, w->scores, NULL, &err));
    rf_rules_free(rules);
    return tags;
}

static bool has_type(const rf_tags *tags, rf_side side, int64_t row, const char *type, const rf_tag **found)
{
    int64_t n;
    const rf_tag *tag = rf_tags_of(&n, tags, side, row);
    for (int64_t i = 0; i < n; i++) {
        *found = &tag[i];
        if (strcmp(rf_tag_type(tags, &tag[i]), type) == 0)
            return true;
    }
    return false;
}

START_TEST(tags_go_over_from_the_edges_of_a_kind)
{
    world w;
    open_kinds(&w);
    const rf_adj *adj = rf_graph_adj(w.graph, 1);
    uint32_t *users = users_of(w.graph, 1), *cards = users_of(w.graph, 2);
    rf_tags *tags = tagged_devices(&w);
    const rf_tag *tag;
    int64_t n = 0;
    for (int64_t v = 0; v < adj->n_v; v++)
        ck_assert_int_eq(has_type(tags, rf_entity_side(1), v, "farm", &tag), users[v] >= 4);
    for (int64_t v = 0; v < w.graph->side[rf_entity_side(2)].n; v++)
        ck_assert_int_eq(has_type(tags, rf_entity_side(2), v, "alone", &tag), cards[v] <= 1);
    for (int64_t e = 0; e < adj->n_e; e++)
        ck_assert_int_eq(has_type(tags, rf_edge_side(1), e, "farm", &tag), users[adj->e_v[e]] >= 4);
    for (int64_t u = 0; u < adj->n_u; u++) {
        bool on_farm = false;
        for (int64_t e = adj->u_ptr[u]; e < adj->u_ptr[u + 1]; e++)
            on_farm |= users[adj->e_v[e]] >= 4;
        ck_assert_int_eq(has_type(tags, RF_USER, u, "farm", &tag), on_farm);
        if (!on_farm)
            continue;
        n++;
        ck_assert_int_eq(rf_tag_edge_side(tags, tag), rf_edge_side(1));
        ck_assert_uint_eq(adj->e_u[tag->edge], u);
    }
    ck_assert_int_gt(n, 0);
    rf_tags_free(tags);
    rf_mem_free(users);
    rf_mem_free(cards);
    world_close(&w);
}
END_TEST

static void assert_same_tags(const rf_tags *a, const rf_tags *b)
{
    ck_assert(rf_kinds_equal(&a->kinds, &b->kinds));
    ck_assert_int_eq(memcmp(a->rule_kind, b->rule_kind, (size_t)a->rule_type.n), 0);
    for (rf_side side = 0; side < rf_sides(&a->kinds); side++) {
        const rf_tag_side *x = &a->side[side], *y = &b->side[side];
        ck_assert_int_eq(x->n, y->n);
        ck_assert_int_eq(memcmp(x->ptr, y->ptr, (size_t)(x->n + 1) * sizeof *x->ptr), 0);
        for (int64_t i = 0; i < x->ptr[x->n]; i++)
            RF_HOLDS(x->tags[i].rule == y->tags[i].rule && x->tags[i].edge == y->tags[i].edge &&
                     x->tags[i].confidence == y->tags[i].confidence);
    }
}

START_TEST(tags_of_kinds_come_back_from_the_file)
{
    world w;
    char path[RF_TEST_PATH];
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_tags *read = NULL;
    open_kinds(&w);
    rf_tags *tags = tagged_devices(&w);
    RF_CHECK_OK(err, rf_scores_save(w.scores, rf_tmp_path(path, "kinds.h5"), NULL, &err));
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_tags_save(tags, &file, &err));
    rf_h5_close(&file);
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_tags_read(&read, file, w.scores, &err));
    ck_assert(rf_h5_exists(file, "/kinds/device/e/tag_rule"));
    assert_same_tags(tags, read);
    rf_h5_close(&file);
    rf_tags_free(read);

    uint8_t kind = tags->rule_kind[1];
    tags->rule_kind[1] = 3; /* there are three kinds */
    RF_CHECK_OK(err, rf_h5_open(&file, path, &err));
    RF_CHECK_OK(err, rf_tags_save(tags, &file, &err));
    ck_assert_int_eq(rf_tags_read(&read, file, w.scores, &err), RF_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.msg, "/tags/rule_kind is 3"));
    rf_h5_close(&file);
    tags->rule_kind[1] = kind;
    rf_tags_free(tags);
    world_close(&w);
}
END_TEST

RF_SUITE("rules_kinds", a_kind_by_itself_is_judged_as_if_it_were_the_only_one, paths_lead_over_kinds,
         what_many_share_has_no_number, mistakes_are_named, a_graph_without_the_kind_lacks_evidence,
         another_rule_of_the_type_may_stand_in, tags_go_over_from_the_edges_of_a_kind,
         tags_of_kinds_come_back_from_the_file)
