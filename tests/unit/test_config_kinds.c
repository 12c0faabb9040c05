/* test_config_kinds.c - fields.entities: what each kind may say, what the rooms get of it, and complaints. */
#include "rf_check.h"

#include "rf_settings.h"
#include "rf_text.h"

static rf_settings *fresh(void)
{
    rf_err err = {0};
    rf_settings *settings = NULL;
    RF_CHECK_OK(err, rf_settings_new(&settings, &err));
    return settings;
}

/* The file, and then assignments up to a NULL. */
static rf_status load(rf_settings *settings, const char *yaml, const char *const *sets, rf_err *err)
{
    rf_status st = rf_settings_parse(settings, "c.yaml", yaml, strlen(yaml), err);
    for (; st >= 0 && sets != NULL && *sets != NULL; sets++)
        st = rf_settings_set(settings, *sets, err);
    return st < 0 ? st : rf_settings_finish(settings, err);
}

static rf_settings *accepted(const char *yaml, const char *const *sets)
{
    rf_err err = {0};
    rf_settings *settings = fresh();
    RF_CHECK_OK(err, load(settings, yaml, sets, &err));
    return settings;
}

static void refused(const char *yaml, const char *set, const char *message)
{
    rf_err err = {0};
    rf_settings *settings = fresh();
    const char *const sets[] = {set, NULL};
    rf_status st = load(settings, yaml, sets, &err);
    ck_assert_msg(st == RF_E_INVALID, "%s: %s", yaml, rf_status_name(st));
    ck_assert_str_eq(err.msg, message);
    rf_settings_free(settings);
}

static const char kinds[] =
    "fields:\n"
    "  user: u\n"
    "  normalise: [trim]\n"
    "  entities:\n"
    "    shop: shop.id\n"
    "    device: {field: device.id, hub_percentile: 0.999, hub_degree: 50}\n"
    "    address: {fields: [street, zip], normalise: [lower, squeeze], required: true}\n"
    "    picture: {first: [hash, phash], near: 8}\n"
    "  attributes:\n"
    "    amount: {type: number, of: [shop, address]}\n"
    "    channel: category\n";

START_TEST(each_kind_says_where_it_is_and_what_is_done_to_it)
{
    rf_settings *c = accepted(kinds, NULL);
    const rf_fields *fields = &c->source.fields;
    const rf_schema *schema = fields->schema;
    rf_more_names more;
    ck_assert_int_eq(schema->n_kinds, 4);
    ck_assert_ptr_eq(c->graph.schema, schema);
    ck_assert_str_eq(schema->kinds[0].name, "shop");
    ck_assert(schema->kinds[0].required && !schema->kinds[1].required && schema->kinds[2].required);
    ck_assert_double_eq(schema->kinds[1].hub_percentile, 0.999);
    ck_assert_int_eq(schema->kinds[1].hub_degree, 50);
    ck_assert_double_eq(schema->kinds[0].hub_percentile, 0);
    ck_assert_int_eq(schema->kinds[3].near_bits, 8);
    ck_assert_str_eq(fields->entity, "shop.id");
    ck_assert_str_eq(rf_fields_entity(&more, fields, 1), "device.id");
    ck_assert_str_eq(rf_fields_entity(&more, fields, 2), "street");
    ck_assert(more.n == 1 && more.joined);
    ck_assert_str_eq(rf_fields_entity(&more, fields, 3), "hash");
    ck_assert(more.n == 1 && !more.joined);
    ck_assert_int_eq(rf_fields_spelling(fields, rf_entity_side(2)).n, 2);
    ck_assert_str_eq(rf_fields_spelling(fields, rf_entity_side(1)).words[0], "trim");
    ck_assert_uint_eq(schema->attrs[0].kinds, 1 << 0 | 1 << 2);
    ck_assert_uint_eq(schema->attrs[1].kinds, 0);
    ck_assert(rf_attr_is_of(&schema->attrs[1], 0) && !rf_attr_is_of(&schema->attrs[1], 2));
    rf_settings_free(c);
}
END_TEST

START_TEST(the_command_line_adds_to_kinds_and_replaces_them)
{
    const char *const more[] = {"fields.entities.ip={field: ip, normalise: [ip_prefix 24/56]}",
                                "fields.entities.device.required=true", "fields.entities.shop=merchant",
                                NULL};
    const char *const one[] = {"fields.entity=terminal", NULL};
    rf_settings *c = accepted(kinds, more);
    ck_assert_int_eq(c->source.fields.schema->n_kinds, 5);
    ck_assert_str_eq(c->source.fields.schema->kinds[4].name, "ip");
    ck_assert(c->source.fields.schema->kinds[1].required);
    ck_assert_str_eq(c->source.fields.entity, "merchant");
    rf_settings_free(c);
    c = accepted(kinds, one);
    ck_assert_int_eq(c->source.fields.schema->n_kinds, 0);
    ck_assert_str_eq(c->source.fields.entity, "terminal");
    ck_assert_uint_eq(c->source.fields.schema->attrs[0].kinds, 0);
    rf_settings_free(c);
}
END_TEST

/* What a state was built with: a kind's every word but the bound of hubs. */
START_TEST(a_state_knows_the_kinds_it_was_built_with)
{
    static const char *const others[] = {"fields.entities.device=other",
                                         "fields.entities.device.required=true",
                                         "fields.entities.device.normalise=[lower]",
                                         "fields.entities.picture.near=7",
                                         "fields.attributes.amount.of=[shop]",
                                         "fields.entities.ip=ip"};
    rf_settings *c = accepted(kinds, NULL);
    ck_assert_msg(strstr(c->graph.identity,
                         "user u\n"
                         "kind shop shop.id normalise trim\n"
                         "kind device device.id optional normalise trim\n"
                         "kind address {join: [street, zip]} normalise lower, squeeze\n"
                         "kind picture {first: [hash, phash]} optional normalise trim near 8\n") != NULL,
                  "%s", c->graph.identity);
    ck_assert_ptr_nonnull(strstr(c->graph.identity, "attribute amount number amount of shop,address\n"));
    ck_assert_ptr_null(strstr(c->graph.identity, "fields.entity"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *const sets[] = {others[i], NULL};
        rf_settings *d = accepted(kinds, sets);
        ck_assert_msg(strcmp(c->graph.identity, d->graph.identity) != 0, "%s", others[i]);
        rf_settings_free(d);
    }
    const char *const hubs[] = {"fields.entities.device.hub_degree=7", NULL};
    rf_settings *d = accepted(kinds, hubs);
    ck_assert_str_eq(c->graph.identity, d->graph.identity);
    rf_settings_free(c);
    rf_settings_free(d);
}
END_TEST

START_TEST(one_kind_without_a_name_is_called_as_before)
{
    rf_settings *c = accepted(
        "fields: {user: u, entity: {field: v, normalise: [lower], near: 3}, normalise: [trim]}\n", NULL);
    ck_assert_int_eq(c->source.fields.schema->n_kinds, 0);
    ck_assert_msg(strncmp(c->graph.identity, "user u\nentity v\n", 16) == 0, "%s", c->graph.identity);
    ck_assert_ptr_nonnull(strstr(c->graph.identity, "fields.user.normalise trim\n"
                                                    "fields.entity.normalise lower\n"
                                                    "fields.entity.near 3\n"));
    rf_settings_free(c);
}
END_TEST

#define NAME_WORDS                                                                                           \
    "is not a name for a kind; give a to z, 0 to 9 and _, a letter first, at most 32, and none of user, "    \
    "entity, edge, event, cluster"

START_TEST(what_is_wrong_is_named_with_its_line_and_what_was_meant)
{
    static const struct {
        const char *set, *message;
    } cases[] = {
        {"fields.entities.device.requird=true",
         "--set: fields.entities.device.requird is an unknown key; did you mean \"required\"?"},
        {"fields.entities.card={feild: a}",
         "--set: fields.entities.card.feild is an unknown key; did you mean \"field\"?"},
        {"fields.entities.User=x", "--set: User " NAME_WORDS},
        {"fields.entities.edge=x", "--set: edge " NAME_WORDS},
        {"fields.entities.card={required: true}",
         "--set: fields.entities.card: the field is missing; give the column or key that holds it"},
        {"fields.entities.shop.required=false", "c.yaml:5: fields.entities.shop.required is false, but this "
                                                "is the main kind, the first, which every "
                                                "event has; put another one first"},
        {"fields.entities.device.hub_percentile=1.5", "--set: fields.entities.device.hub_percentile is "
                                                      "\"1.5\"; allowed is a number above 0 and at most 1"},
        {"fields.entities.shop.hub_degree=9", "c.yaml:5: fields.entities.shop has a bound for hubs, but this "
                                              "is the main kind, the first, which has "
                                              "none: its edges all stay in the graph; put another one first"},
        {"fields.entities.device.near=17",
         "--set: fields.entities.device.near is \"17\"; allowed is a whole number from 1 to 16, or none"},
        {"fields.entities=[a]", "--set: fields.entities is a list; it is a group of keys, write "
                                "fields.entities: {NAME: VALUE}"},
        {"fields.entitis.a=b", "--set: unknown key \"fields.entitis.a\"; did you mean \"fields.entities\"?"},
        {"fields.attributes.amount.of=[shap]",
         "c.yaml:10: fields.attributes.amount.of: \"shap\" is no kind of fields.entities; did you mean "
         "\"shop\"?"},
        {"fields.entity.near=3", "c.yaml:5: fields.entities.shop conflicts with fields.entity.near (--set); "
                                 "set only one of fields.entities and fields.entity"},
        {"fields.entities.picture.normalise=['sha256 ${env:RF_TEST_KEY}']",
         "c.yaml:8: fields.entities.picture.near needs hashes as events have them, and sha256 among the "
         "words "
         "of normalise leaves none: choose one of both"},
    };
    setenv("RF_TEST_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refused(kinds, cases[i].set, cases[i].message);
    refused("fields:\n  entity: v\n  entities: {shop: s}\n", NULL,
            "c.yaml:3: fields.entities.shop conflicts with fields.entity (c.yaml:2); set only one of "
            "fields.entities and fields.entity");
    refused("fields:\n  entities: {shop: s, shop: t}\n", NULL,
            "c.yaml:2: the key \"shop\" is set twice, first on line 2; keep one");
    refused("fields: {entity: v, attributes: {amount: {type: number, of: [shop]}}}\n", NULL,
            "c.yaml:1: fields.attributes.amount.of names the kind \"shop\", but there are none; name them in "
            "fields.entities");
}
END_TEST

START_TEST(there_are_at_most_sixteen_kinds)
{
    rf_err err = {0};
    rf_text yaml = {0};
    RF_CHECK_OK(err, rf_text_printf(&yaml, &err, "fields:\n  entities:\n"));
    for (int k = 1; k <= RF_KINDS_MOST; k++)
        RF_CHECK_OK(err, rf_text_printf(&yaml, &err, "    k%d: f%d\n", k, k));
    rf_settings *c = accepted(yaml.ptr, NULL);
    ck_assert_int_eq(c->source.fields.schema->n_kinds, RF_KINDS_MOST);
    rf_settings_free(c);
    refused(yaml.ptr, "fields.entities.k17=f",
            "--set: k17 is kind number 17; at most 16 are possible, leave some out");
    rf_text_clear(&yaml);
}
END_TEST

RF_SUITE("config_kinds", each_kind_says_where_it_is_and_what_is_done_to_it,
         the_command_line_adds_to_kinds_and_replaces_them, a_state_knows_the_kinds_it_was_built_with,
         one_kind_without_a_name_is_called_as_before, what_is_wrong_is_named_with_its_line_and_what_was_meant,
         there_are_at_most_sixteen_kinds)
