/* test_config.c - the YAML configuration: types, ranges, places in messages, hostile files, and the table
 * itself. */
#include "rf_check.h"

#include "rf_config.h"
#include "rf_text.h"

static rf_config *fresh(void)
{
    rf_err err = {0};
    rf_config *config = NULL;
    RF_CHECK_OK(err, rf_config_new(&config, &err));
    return config;
}

static rf_status parse(rf_config *config, const char *yaml, rf_err *err)
{
    rf_status st = rf_config_parse(config, "c.yaml", yaml, strlen(yaml), err);
    return st < 0 ? st : rf_config_finish(config, err);
}

/* The whole text fails with exactly this message. */
static void refused(const char *yaml, const char *message)
{
    rf_err err = {0};
    rf_config *config = fresh();
    rf_status st = parse(config, yaml, &err);
    ck_assert_msg(st == RF_E_INVALID, "%s: %s", yaml, rf_status_name(st));
    ck_assert_str_eq(err.msg, message);
    rf_config_free(config);
}

static rf_config *accepted(const char *yaml)
{
    rf_err err = {0};
    rf_config *config = fresh();
    RF_CHECK_OK(err, parse(config, yaml, &err));
    return config;
}

static const char whole[] =
    "source:\n"
    "  paths: [a-*.jsonl.gz, 'b, c.csv']\n"
    "kafka: {bootstrap.servers: \"127.0.0.1:9092\", group.id: ringfence}\n"
    "fields:\n"
    "  user: customer_id\n"
    "  entity: terminal_id\n"
    "  time: {field: tx_datetime, format: '%d/%m/%Y', zone: +05:30}\n"
    "  attributes:\n"
    "    amount: {type: number, log1p: true}\n"
    "    channel: {type: category, top: 7, field: ch}\n"
    "    present: boolean\n"
    "    hour: {type: time_of_day}\n"
    "graph: {granularity: event, window: 7d, as_of: '2018-05-01T00:00:00Z', bucket: 1h}\n"
    "train: {epochs: 20, lr: 1e-3, hidden: [64, 32, 16], restart: true}\n"
    "emit: {threshold: {top: 500}}\n"
    "output: runs/today\n";

START_TEST(a_whole_file_fills_the_struct)
{
    rf_config *c = accepted(whole);
    ck_assert_int_eq(c->source.paths.n, 2);
    ck_assert_str_eq(c->source.paths.items[1], "b, c.csv");
    ck_assert_int_eq(c->n_kafka, 2);
    ck_assert_str_eq(c->kafka[0].key, "bootstrap.servers");
    ck_assert_str_eq(c->kafka[0].value, "127.0.0.1:9092");
    ck_assert_str_eq(c->fields.time_format, "%d/%m/%Y");
    ck_assert_int_eq(c->graph.granularity, RF_CONFIG_EVENT);
    ck_assert(c->graph.window_us == INT64_C(7) * 86400 * 1000000);
    ck_assert(c->graph.as_of_us == INT64_C(1525132800) * 1000000);
    ck_assert_int_eq(c->train.epochs, 20);
    ck_assert_double_eq(c->train.lr, 1e-3);
    ck_assert_int_eq(c->train.hidden.n, 3);
    ck_assert(c->train.restart);
    ck_assert_double_eq(c->emit.top, 500);
    ck_assert(isnan(c->emit.percentile) && isnan(c->emit.score));
    ck_assert_str_eq(c->output, "runs/today");
    rf_config_free(c);
}
END_TEST

START_TEST(attributes_keep_their_order_and_defaults)
{
    rf_config *c = accepted(whole);
    const rf_schema *schema = &c->fields.schema;
    ck_assert_int_eq(schema->n_attrs, 4);
    ck_assert_str_eq(schema->attrs[0].name, "amount");
    ck_assert_str_eq(schema->attrs[0].field, "amount");
    ck_assert(schema->attrs[0].log1p && schema->attrs[0].required);
    ck_assert_str_eq(schema->attrs[1].field, "ch");
    ck_assert_int_eq(schema->attrs[1].top, 7);
    ck_assert_int_eq(schema->attrs[2].type, RF_ATTR_BOOLEAN);
    ck_assert_ptr_null(schema->attrs[3].field); /* the event's own time */
    rf_config_free(c);
}
END_TEST

START_TEST(an_empty_file_leaves_the_defaults)
{
    rf_config *c = accepted("# nothing\n");
    ck_assert_int_eq(c->train.epochs, 200);
    ck_assert_double_eq(c->train.eta, 0.2);
    ck_assert(isnan(c->score.eta));
    ck_assert_double_eq(c->emit.percentile, 0.999);
    ck_assert(c->graph.as_of_us == RF_CONFIG_WORD);
    ck_assert_str_eq(c->graph.file, "graph.h5");
    ck_assert_ptr_null(c->fields.user);
    rf_config_free(c);
}
END_TEST

START_TEST(every_default_is_allowed_by_its_own_table)
{
    int n;
    const rf_config_key *keys = rf_config_keys(&n);
    for (int i = 0; i < n; i++) {
        rf_err err = {0};
        rf_text allowed = {0};
        RF_CHECK_OK(err, rf_config_allowed(&allowed, &keys[i], &err));
        ck_assert_msg(keys[i].about != NULL && strlen(keys[i].about) > 8, "%s has no description",
                      keys[i].path);
        ck_assert_msg(keys[i].preset != NULL || keys[i].otherwise != NULL,
                      "%s has neither default nor otherwise", keys[i].path);
        ck_assert_ptr_eq(rf_config_find(keys[i].path), &keys[i]);
        rf_text_clear(&allowed);
    }
    rf_config_free(fresh()); /* fails with RF_E_INTERNAL on a default out of range */
}
END_TEST

START_TEST(an_unknown_key_names_line_and_nearest)
{
    refused("train:\n  epohs: 3\n", "c.yaml:2: unknown key \"train.epohs\"; did you mean \"train.epochs\"?");
    refused("sorce: {}", "c.yaml:1: unknown key \"sorce\"; did you mean \"source\"?");
    refused("epochs: 3", "c.yaml:1: unknown key \"epochs\"; did you mean \"train.epochs\"?");
    refused("frobnicate: 3", "c.yaml:1: unknown key \"frobnicate\"; `ringfence help config` lists all keys");
    refused("fields: {attributes: {a: {typ: number}}}",
            "c.yaml:1: fields.attributes.a.typ is an unknown key; did you mean \"type\"?");
}
END_TEST

START_TEST(a_wrong_value_names_what_is_allowed)
{
    refused("train:\n\n  lr: abc\n",
            "c.yaml:3: train.lr is \"abc\"; allowed is a number above 0 and at most 1000");
    refused("train: {lr: 0}", "c.yaml:1: train.lr is \"0\"; allowed is a number above 0 and at most 1000");
    refused("train: {epochs: 2.5}",
            "c.yaml:1: train.epochs is \"2.5\"; allowed is a whole number from 1 to 1000000");
    refused("train: {lr: .nan}",
            "c.yaml:1: train.lr is \".nan\"; allowed is a number above 0 and at most 1000");
    refused("graph: {granularity: pairs}",
            "c.yaml:1: graph.granularity is \"pairs\"; allowed is one of pair, event");
    refused("graph: {bucket: 1 hour}",
            "c.yaml:1: graph.bucket is \"1 hour\"; allowed is a duration such as 90s, 15m, 12h, 7d");
    refused(
        "graph: {as_of: yesterday}",
        "c.yaml:1: graph.as_of is \"yesterday\"; allowed is a time such as 2026-01-31T08:00:00Z, or latest");
    refused("output: [a]", "c.yaml:1: output is a list; allowed is a file or folder name");
    refused("score: {frozen: maybe}", "c.yaml:1: score.frozen is \"maybe\"; allowed is true or false");
    refused("train: {hidden: [1, x]}",
            "c.yaml:1: train.hidden is a list; allowed is a list of at most 16 whole numbers from 1 to 4096");
    refused("train: 5", "c.yaml:1: train is \"5\"; it is a group of keys, write train: {NAME: VALUE}");
    refused("fields: {attributes: {a: nubmer}}",
            "c.yaml:1: fields.attributes.a.type is \"nubmer\"; allowed is one of number, category, boolean, "
            "time_of_day, time_of_week");
}
END_TEST

START_TEST(keys_that_span_are_checked_together)
{
    refused("graph: {window: 90m}",
            "graph.window (c.yaml:1) is not a multiple of graph.bucket (default); change one of them");
    refused("train: {hidden: [1, 2]}",
            "train.hidden (c.yaml:1) has 2 numbers; give one, or three: users, entities, edges");
    refused("emit:\n  threshold:\n    top: 5\n    score: 2\n",
            "c.yaml:4: emit.threshold stands beside emit.threshold.top (line 3); give exactly one of "
            "percentile, score, "
            "top");
    refused("fields: {attributes: {a: {type: number, top: 3}}}",
            "c.yaml:1: fields.attributes.a: top is for categories; remove it, or set type: category");
    refused("fields: {attributes: {a: {type: boolean, log1p: true}}}",
            "c.yaml:1: fields.attributes.a: log1p is for numbers; remove it, or set type: number");
    refused(
        "fields: {attributes: {a: {field: b}}}",
        "c.yaml:1: fields.attributes.a: the type is missing; give number, category, boolean, time_of_day or "
        "time_of_week");
}
END_TEST

START_TEST(a_key_given_twice_is_refused)
{
    refused("train:\n  lr: 1\n  lr: 2\n",
            "c.yaml:3: the key \"lr\" stands here a second time, first on line 2; keep one");
    refused("train.lr: 1\ntrain: {lr: 2}\n",
            "c.yaml:2: train.lr stands here a second time, first on line 1; keep one");
    refused("kafka: {a: {b: 1}, a.b: 2}\n",
            "c.yaml:1: a.b stands here a second time, first on line 1; keep one");
}
END_TEST

START_TEST(aliases_tags_and_second_documents_are_refused)
{
    refused("output: &x a\n",
            "c.yaml:1: anchors and aliases (& and *) are not supported; write the value out, or quote "
            "it if it is meant as text");
    refused("source:\n  paths:\n  - *.csv\n",
            "c.yaml:3: a value that begins with * or & has to be quoted: \"*.csv\"");
    refused("output: !!str a\n",
            "c.yaml:1: tags (!) are not supported; quote the value if it is meant as text");
    refused("output: a\n---\noutput: b\n", "c.yaml:2: a second document begins; keep one a file");
    refused("? [a, b]\n: c\n", "c.yaml:1: a list or map cannot be a key; write NAME: VALUE");
}
END_TEST

START_TEST(hostile_files_are_refused_quickly)
{
    rf_err err = {0};
    rf_config *config = fresh();
    size_t len = 1 << 20;
    char *bytes = malloc(len + 1);
    memset(bytes, '[', len + 1);
    RF_CHECK_FAILS(err, RF_E_INVALID, "nested deeper than 16 levels",
                   rf_config_parse(config, "c", bytes, len, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "larger than", rf_config_parse(config, "c", bytes, len + 1, &err));
    for (size_t i = 0; i + 1 < len; i += 2)
        memcpy(bytes + i, "- ", 2);
    RF_CHECK_FAILS(err, RF_E_INVALID, "nested deeper", rf_config_parse(config, "c", bytes, len, &err));
    for (size_t i = 0; i + 1 < len; i += 2)
        memcpy(bytes + i, i == 0 ? "[ " : "a,", 2);
    RF_CHECK_FAILS(err, RF_E_INVALID, "too large", rf_config_parse(config, "c", bytes, len, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "control characters", rf_config_parse(config, "c", "a: \x01", 4, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "UTF-8", rf_config_parse(config, "c", "a: \xff\xfe", 5, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not YAML", rf_config_parse(config, "c", "a: [", 4, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "NUL", rf_config_parse(config, "c", "a: \"\\0\"", 7, &err));
    free(bytes);
    rf_config_free(config);
}
END_TEST

START_TEST(too_many_attributes_are_refused)
{
    rf_err err = {0};
    rf_text yaml = {0};
    rf_config *config = fresh();
    RF_CHECK_OK(err, rf_text_printf(&yaml, &err, "fields:\n  attributes:\n"));
    for (int i = 0; i < RF_MAX_ATTRS + 1; i++)
        RF_CHECK_OK(err, rf_text_printf(&yaml, &err, "    a%d: number\n", i));
    RF_CHECK_FAILS(err, RF_E_INVALID, "c.yaml:67: a64 is attribute number 65",
                   rf_config_parse(config, "c.yaml", yaml.ptr, yaml.len, &err));
    rf_text_clear(&yaml);
    rf_config_free(config);
}
END_TEST

START_TEST(later_settings_win_and_say_where_they_stand)
{
    rf_err err = {0};
    char where[160];
    rf_config *c = accepted("train: {epochs: 20}\n");
    ck_assert_str_eq(rf_config_where(c, "train.epochs", where), "c.yaml:1");
    ck_assert_str_eq(rf_config_where(c, "train.lr", where), "default");
    RF_CHECK_OK(err, rf_config_set(c, "train.epochs=30", &err));
    ck_assert_int_eq(c->train.epochs, 30);
    ck_assert_str_eq(rf_config_where(c, "train.epochs", where), "--set");
    RF_CHECK_OK(err, rf_config_put(c, "train.epochs", "40", "--epochs", &err));
    ck_assert_int_eq(c->train.epochs, 40);
    ck_assert_str_eq(rf_config_where(c, "train.epochs", where), "--epochs");
    ck_assert_int_eq(rf_config_origin(c, "train.epochs"), RF_FROM_COMMAND_LINE);
    RF_CHECK_FAILS(err, RF_E_INVALID, "--epochs is \"0\"; allowed is a whole number",
                   rf_config_put(c, "train.epochs", "0", "--epochs", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "--set: train.epochs is \"x\"",
                   rf_config_set(c, "train.epochs=x", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not of the form", rf_config_set(c, "train.epochs", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "did you mean \"source.paths\"",
                   rf_config_set(c, "source.path=x", &err));
    rf_config_free(c);
}
END_TEST

START_TEST(set_takes_lists_maps_attributes_and_kafka)
{
    rf_err err = {0};
    rf_config *c = fresh();
    char *files[] = {(char *)"x.csv", (char *)"[y].csv"};
    RF_CHECK_OK(err, rf_config_set(c, "source.paths=[a, 'b c']", &err));
    ck_assert_int_eq(c->source.paths.n, 2);
    ck_assert_str_eq(c->source.paths.items[1], "b c");
    RF_CHECK_OK(err, rf_config_set(c, "source.paths=a,b", &err));
    ck_assert_int_eq(c->source.paths.n, 1); /* a comma may stand in a name */
    RF_CHECK_OK(err, rf_config_put_list(c, "source.paths", files, 2, "FILE", &err));
    ck_assert_str_eq(c->source.paths.items[1], "[y].csv");
    RF_CHECK_OK(err, rf_config_set(c, "train.hidden=64,32,16", &err));
    ck_assert_double_eq(c->train.hidden.items[2], 16);
    RF_CHECK_OK(err, rf_config_set(c, "fields.attributes.x.type=number", &err));
    RF_CHECK_OK(err, rf_config_set(c, "fields.attributes.y={type: category, top: 3}", &err));
    RF_CHECK_OK(err, rf_config_set(c, "fields.attributes.dotted.name=boolean", &err));
    RF_CHECK_OK(err, rf_config_set(c, "fields.time=ts", &err));
    RF_CHECK_OK(err, rf_config_set(c, "kafka.fetch.min.bytes=1", &err));
    RF_CHECK_OK(err, rf_config_set(c, "emit.threshold.score=3.5", &err));
    RF_CHECK_OK(err, rf_config_finish(c, &err));
    ck_assert_int_eq(c->fields.schema.n_attrs, 3);
    ck_assert_str_eq(c->fields.schema.attrs[2].name, "dotted.name");
    ck_assert_str_eq(c->fields.time_field, "ts");
    ck_assert_str_eq(c->kafka[0].key, "fetch.min.bytes");
    ck_assert(isnan(c->emit.percentile));
    ck_assert_double_eq(c->emit.score, 3.5);
    rf_config_free(c);
}
END_TEST

START_TEST(null_means_the_default)
{
    rf_config *c = accepted("train: {epochs: null, lr: ~, restart: null}\nfields:\ngraph: {window: all}\n"
                            "emit: {threshold: {percentile: ~}}\n");
    ck_assert_int_eq(c->train.epochs, 200);
    ck_assert_double_eq(c->train.lr, 0.01);
    ck_assert(c->graph.window_us == 0);
    ck_assert_double_eq(c->emit.percentile, 0.999);
    rf_config_free(c);
    c = accepted("output: 'null'\n");
    ck_assert_str_eq(c->output, "null");
    rf_config_free(c);
}
END_TEST

START_TEST(a_missing_file_is_said)
{
    rf_err err = {0};
    rf_config *c = fresh();
    RF_CHECK_FAILS(err, RF_E_IO, "nowhere.yaml: the configuration cannot be opened",
                   rf_config_load(c, "nowhere.yaml", &err));
    rf_config_free(c);
}
END_TEST

START_TEST(the_document_lists_every_key)
{
    rf_err err = {0};
    rf_text text = {0};
    int n;
    const rf_config_key *keys = rf_config_keys(&n);
    RF_CHECK_OK(err, rf_config_markdown(&text, &err));
    for (int i = 0; i < n; i++) {
        if (strchr(keys[i].path, '*') == NULL)
            ck_assert_msg(strstr(text.ptr, keys[i].path) != NULL, "%s is missing", keys[i].path);
    }
    ck_assert_ptr_nonnull(strstr(text.ptr, "fields.attributes.NAME.top"));
    rf_text_clear(&text);
}
END_TEST

static rf_status everything(rf_err *err)
{
    rf_config *config = NULL;
    rf_text text = {0};
    rf_status st = rf_config_new(&config, err);
    if (st >= 0)
        st = rf_config_parse(config, "c.yaml", whole, strlen(whole), err);
    if (st >= 0)
        st = rf_config_set(config, "source.paths=[a, b]", err);
    if (st >= 0)
        st = rf_config_put(config, "train.log", "log", "--log", err);
    if (st >= 0)
        st = rf_config_finish(config, err);
    if (st >= 0)
        st = rf_config_markdown(&text, err);
    rf_text_clear(&text);
    rf_config_free(config);
    return st;
}

START_TEST(every_failing_allocation_is_reported)
{
    RF_SWEEP(everything(sweep_err), );
}
END_TEST

RF_SUITE("config", a_whole_file_fills_the_struct, attributes_keep_their_order_and_defaults,
         an_empty_file_leaves_the_defaults, every_default_is_allowed_by_its_own_table,
         an_unknown_key_names_line_and_nearest, a_wrong_value_names_what_is_allowed,
         keys_that_span_are_checked_together, a_key_given_twice_is_refused,
         aliases_tags_and_second_documents_are_refused, hostile_files_are_refused_quickly,
         too_many_attributes_are_refused, later_settings_win_and_say_where_they_stand,
         set_takes_lists_maps_attributes_and_kafka, null_means_the_default, a_missing_file_is_said,
         the_document_lists_every_key, every_failing_allocation_is_reported)
