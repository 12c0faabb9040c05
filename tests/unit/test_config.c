/* test_config.c - the YAML configuration: types, ranges, places in messages, hostile files, and the table
 * itself. */
#include "rf_check.h"

#include "rf_key.h"
#include "rf_settings.h"
#include "rf_text.h"

static rf_settings *fresh(void)
{
    rf_err err = {0};
    rf_settings *settings = NULL;
    RF_CHECK_OK(err, rf_settings_new(&settings, &err));
    return settings;
}

static rf_status parse(rf_settings *settings, const char *yaml, rf_err *err)
{
    rf_status st = rf_settings_parse(settings, "c.yaml", yaml, strlen(yaml), err);
    return st < 0 ? st : rf_settings_finish(settings, err);
}

/* The whole text fails with exactly this message. */
static void refused(const char *yaml, const char *message)
{
    rf_err err = {0};
    rf_settings *settings = fresh();
    rf_status st = parse(settings, yaml, &err);
    ck_assert_msg(st == RF_E_INVALID, "%s: %s", yaml, rf_status_name(st));
    ck_assert_str_eq(err.msg, message);
    rf_settings_free(settings);
}

static rf_settings *accepted(const char *yaml)
{
    rf_err err = {0};
    rf_settings *settings = fresh();
    RF_CHECK_OK(err, parse(settings, yaml, &err));
    return settings;
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
    rf_settings *c = accepted(whole);
    ck_assert_int_eq(c->source.n_paths, 2);
    ck_assert_str_eq(c->source.paths[1], "b, c.csv");
    ck_assert_int_eq(c->source.kafka.n_settings, 2);
    ck_assert_str_eq(c->source.kafka.settings[0].key, "bootstrap.servers");
    ck_assert_str_eq(c->source.kafka.settings[0].value, "127.0.0.1:9092");
    ck_assert_str_eq(c->source.fields.time_pattern, "%d/%m/%Y");
    ck_assert_int_eq(c->graph.granularity, RF_GRANULARITY_EVENT);
    ck_assert(c->graph.window_us == INT64_C(7) * 86400 * 1000000);
    ck_assert(c->graph.as_of_us == INT64_C(1525132800) * 1000000);
    ck_assert_int_eq(c->train.epochs, 20);
    ck_assert_double_eq(c->train.lr, 1e-3);
    ck_assert_int_eq(c->train.hidden[2], 16);
    ck_assert(c->restart);
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_TOP);
    ck_assert_double_eq(c->emit.threshold, 500);
    ck_assert_str_eq(c->output, "runs/today");
    rf_settings_free(c);
}
END_TEST

START_TEST(attributes_keep_their_order_and_defaults)
{
    rf_settings *c = accepted(whole);
    const rf_schema *schema = c->source.fields.schema;
    ck_assert_int_eq(schema->n_attrs, 4);
    ck_assert_str_eq(schema->attrs[0].name, "amount");
    ck_assert_str_eq(schema->attrs[0].field, "amount");
    ck_assert(schema->attrs[0].log1p && schema->attrs[0].required);
    ck_assert_str_eq(schema->attrs[1].field, "ch");
    ck_assert_int_eq(schema->attrs[1].top, 7);
    ck_assert_int_eq(schema->attrs[2].type, RF_ATTR_BOOLEAN);
    ck_assert_ptr_null(schema->attrs[3].field); /* the event's own time */
    rf_settings_free(c);
}
END_TEST

START_TEST(an_empty_file_leaves_the_defaults)
{
    rf_settings *c = accepted("# nothing\n");
    ck_assert_int_eq(c->train.epochs, RF_EPOCHS_AUTO);
    ck_assert_double_eq(c->train.eta, 0.2);
    ck_assert_double_eq(c->score.eta, 0.2);
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_PERCENTILE);
    ck_assert_double_eq(c->emit.threshold, 0.999);
    ck_assert(c->graph.as_of_us == RF_AS_OF_LATEST);
    ck_assert_str_eq(c->files.graph, "graph.h5");
    ck_assert_ptr_null(c->source.fields.user);
    rf_settings_free(c);
}
END_TEST

START_TEST(a_byte_order_mark_is_passed_over)
{
    rf_settings *c = accepted("\xEF\xBB\xBFthreads: 3\ntrain: {epochs: 7}\n");
    ck_assert_int_eq(c->threads, 3);
    ck_assert_int_eq(c->train.epochs, 7);
    rf_settings_free(c);
    refused("\xEF\xBB\xBFthreads: 1\nquiet: 1\n",
            "c.yaml:2: unknown key \"quiet\"; `ringfence help config` lists all keys");
}
END_TEST

START_TEST(every_default_is_allowed_by_its_own_table)
{
    rf_settings *settings = fresh();
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        rf_err err = {0};
        rf_text allowed = {0}, value = {0};
        char path[128];
        RF_CHECK_OK(err, rf_key_allowed(&allowed, key, &err));
        RF_CHECK_OK(err, rf_key_default(&value, key, &err));
        ck_assert_msg(key->about != NULL && strlen(key->about) > 8, "%s has no description", key->path);
        ck_assert_msg(value.len > 0 || key->otherwise != NULL, "%s has neither default nor otherwise",
                      key->path);
        ck_assert_ptr_eq(rf_key_find(key->path), key);
        snprintf(path, sizeof path, "%s", key->path);
        if (rf_key_is_named(key)) /* of an item called a */
            *strchr(path, '*') = 'a';
        if (value.len > 0)
            RF_CHECK_OK(err, rf_settings_put(settings, path, value.ptr, "--default", &err));
        rf_text_clear(&allowed);
        rf_text_clear(&value);
    }
    rf_settings_free(settings);
}
END_TEST

static const char *c_type_of(rf_key_type type)
{
    switch (type) { /* a letter for each C type that a field of this kind may have, in their order */
    case RF_KEY_INT:
        return "iIUd";
    case RF_KEY_INTS:
        return "iIU";
    case RF_KEY_REAL:
    case RF_KEY_REALS:
        return "d";
    case RF_KEY_BOOL:
        return "b";
    case RF_KEY_CHOICE:
        return "ib";
    case RF_KEY_TIME_FORMAT:
    case RF_KEY_MARK:
        return "i";
    case RF_KEY_DURATION:
    case RF_KEY_TIME:
    case RF_KEY_ORIGIN:
        return "I";
    case RF_KEY_TEXTS:
        return "T";
    default:
        return "t";
    }
}

START_TEST(every_row_fits_its_field)
{
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        bool numbers = key->type == RF_KEY_INT || key->type == RF_KEY_REAL || key->type == RF_KEY_INTS ||
                       key->type == RF_KEY_REALS;
        ck_assert_msg(strchr(c_type_of(key->type), "iIUdbtT"[key->field]) != NULL, "%s: C type", key->path);
        ck_assert_msg(!numbers || key->max > key->min, "%s has no range", key->path);
        ck_assert_msg(key->max < 1e18 || key->field == RF_FIELD_DOUBLE, "%s: too large", key->path);
        ck_assert_msg(key->max <= INT32_MAX || key->field != RF_FIELD_INT, "%s: too large for an int",
                      key->path);
        ck_assert_msg((key->words != NULL) >= (key->type == RF_KEY_CHOICE), "%s has no words", key->path);
        ck_assert_int_le(key->most, RF_KEY_ITEMS);
        ck_assert_msg((key->most > 0) == (key->type == RF_KEY_INTS || key->type == RF_KEY_REALS), "%s",
                      key->path);
        ck_assert_msg(key->most == 0 || key->beside > 0 || (key->least > 0 && key->each != NULL), "%s",
                      key->path);
    }
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
            "c.yaml:1: train.epochs is \"2.5\"; allowed is a whole number from 1 to 1000000, or auto");
    refused("train: {lr: .nan}",
            "c.yaml:1: train.lr is \".nan\"; allowed is a number above 0 and at most 1000");
    refused("graph: {granularity: pairs}",
            "c.yaml:1: graph.granularity is \"pairs\"; allowed is one of pair, event");
    refused("graph: {bucket: 1 hour}",
            "c.yaml:1: graph.bucket is \"1 hour\"; allowed is a duration such as 90s, 15m, 12h, 7d");
    refused("graph: {as_of: yesterday}", "c.yaml:1: graph.as_of is \"yesterday\"; allowed is a time of 1900 "
                                         "to 2099 such as 2026-01-31T08:00:00Z, or latest");
    refused("score: {reasons: 17}", /* the room keeps no more */
            "c.yaml:1: score.reasons is \"17\"; allowed is a whole number from 0 to 16");
    refused("output: [a]", "c.yaml:1: output is a list; allowed is a file or folder name");
    refused("score: {frozen: maybe}", "c.yaml:1: score.frozen is \"maybe\"; allowed is true or false");
    refused("train: {hidden: [1, x]}", "c.yaml:1: train.hidden is a list; allowed is one whole number from 1 "
                                       "to 4096, or 3 (users, entities, "
                                       "edges)");
    refused("train: 5", "c.yaml:1: train is \"5\"; it is a group of keys, write train: {NAME: VALUE}");
    refused("fields: {attributes: {a: nubmer}}",
            "c.yaml:1: fields.attributes.a.type is \"nubmer\"; allowed is one of number, category, boolean, "
            "time_of_day, time_of_week, age, duration");
}
END_TEST

START_TEST(keys_that_span_are_checked_together)
{
    refused("graph: {window: 90m}",
            "graph.window (c.yaml:1) is not a multiple of graph.bucket (default); change one of them");
    refused("train: {hidden: [1, 2]}", "c.yaml:1: train.hidden is a list; allowed is one whole number from 1 "
                                       "to 4096, or 3 (users, entities, "
                                       "edges)");
    refused("emit:\n  threshold:\n    top: 5\n    score: 2\n",
            "c.yaml:4: emit.threshold conflicts with emit.threshold.top (line 3); set only one of "
            "percentile, score, fdr, "
            "top");
    refused("emit: {threshold: {fdr: 0.2, percentile: 0.9}}",
            "c.yaml:1: emit.threshold conflicts with emit.threshold.fdr (line 1); set only one of "
            "percentile, score, fdr, top");
    refused("fields: {attributes: {a: {type: number, top: 3}}}",
            "c.yaml:1: fields.attributes.a: top is for categories; remove it, or set type: category");
    refused("fields: {attributes: {a: {type: boolean, log1p: true}}}",
            "c.yaml:1: fields.attributes.a: log1p is for numbers; remove it, or set type: number");
    refused(
        "fields: {attributes: {a: {field: b}}}",
        "c.yaml:1: fields.attributes.a: the type is missing; give number, category, boolean, time_of_day, "
        "time_of_week or age");
}
END_TEST

/* The file and each command line by itself; the command line wins. */
START_TEST(alternatives_exclude_each_other_where_they_are_said_at_once)
{
    static const char *const keys[] = {"percentile", "score", "fdr", "top"};
    rf_err err = {0};
    char text[64], says[96];
    for (int a = 0; a < 4; a++) {
        for (int b = 0; b < 4; b++) {
            rf_settings *c = accepted("emit: {threshold: {score: 3}}\n");
            rf_settings_begin_together(c);
            snprintf(text, sizeof text, "emit.threshold.%s=1", keys[a]);
            RF_CHECK_OK(err, rf_settings_set(c, text, &err));
            snprintf(text, sizeof text, "emit.threshold.%s", keys[b]);
            snprintf(says, sizeof says, "--other conflicts with --set emit.threshold.%s; set only one of",
                     keys[a]);
            if (a == b)
                RF_CHECK_OK(err, rf_settings_put(c, text, "0", "--other", &err));
            else
                RF_CHECK_FAILS(err, RF_E_INVALID, says, rf_settings_put(c, text, "0", "--other", &err));
            rf_settings_end_together(c);
            RF_CHECK_OK(err, rf_settings_put(c, text, "1", "--other", &err)); /* a program may think again */
            ck_assert_double_eq(c->emit.threshold, 1);
            rf_settings_free(c);
        }
    }
    rf_settings *c = accepted("emit: {threshold: {top: null, fdr: 0.5}}\n");
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_FDR);
    rf_settings_begin_together(c);
    RF_CHECK_OK(err, rf_settings_set(c, "emit.threshold.top=null", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "emit.threshold.percentile=0.5", &err));
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_PERCENTILE);
    RF_CHECK_FAILS(err, RF_E_INVALID,
                   "--set: emit.threshold conflicts with --set emit.threshold.percentile; set only one of "
                   "percentile, score, fdr, top",
                   rf_settings_set(c, "emit.threshold={top: 3}", &err));
    rf_settings_free(c);
}
END_TEST

START_TEST(a_key_given_twice_is_refused)
{
    refused("train:\n  lr: 1\n  lr: 2\n", "c.yaml:3: the key \"lr\" is set twice, first on line 2; keep one");
    refused("train.lr: 1\ntrain: {lr: 2}\n", "c.yaml:2: train.lr is set twice, first on line 1; keep one");
    refused("kafka: {a: {b: 1}, a.b: 2}\n", "c.yaml:1: a.b is set twice, first on line 1; keep one");
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
    rf_settings *settings = fresh();
    size_t len = 1 << 20;
    char *bytes = malloc(len + 1);
    memset(bytes, '[', len + 1);
    RF_CHECK_FAILS(err, RF_E_INVALID, "nested deeper than 16 levels",
                   rf_settings_parse(settings, "c", bytes, len, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "larger than", rf_settings_parse(settings, "c", bytes, len + 1, &err));
    for (size_t i = 0; i + 1 < len; i += 2)
        memcpy(bytes + i, "- ", 2);
    RF_CHECK_FAILS(err, RF_E_INVALID, "nested deeper", rf_settings_parse(settings, "c", bytes, len, &err));
    for (size_t i = 0; i + 1 < len; i += 2)
        memcpy(bytes + i, i == 0 ? "[ " : "a,", 2);
    RF_CHECK_FAILS(err, RF_E_INVALID, "too large", rf_settings_parse(settings, "c", bytes, len, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "control characters",
                   rf_settings_parse(settings, "c", "a: \x01", 4, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "UTF-8", rf_settings_parse(settings, "c", "a: \xff\xfe", 5, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not YAML", rf_settings_parse(settings, "c", "a: [", 4, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "NUL", rf_settings_parse(settings, "c", "a: \"\\0\"", 7, &err));
    free(bytes);
    rf_settings_free(settings);
}
END_TEST

START_TEST(too_many_attributes_are_refused)
{
    rf_err err = {0};
    rf_text yaml = {0};
    rf_settings *settings = fresh();
    RF_CHECK_OK(err, rf_text_printf(&yaml, &err, "fields:\n  attributes:\n"));
    for (int i = 0; i < RF_MAX_ATTRS + 1; i++)
        RF_CHECK_OK(err, rf_text_printf(&yaml, &err, "    a%d: number\n", i));
    RF_CHECK_FAILS(err, RF_E_INVALID, "c.yaml:67: a64 is attribute number 65",
                   rf_settings_parse(settings, "c.yaml", yaml.ptr, yaml.len, &err));
    rf_text_clear(&yaml);
    rf_settings_free(settings);
}
END_TEST

START_TEST(later_settings_win_and_say_where_they_stand)
{
    rf_err err = {0};
    char where[160];
    rf_settings *c = accepted("train: {epochs: 20}\n");
    ck_assert_str_eq(rf_settings_where(c, "train.epochs", where), "c.yaml:1");
    ck_assert_str_eq(rf_settings_where(c, "train.lr", where), "default");
    RF_CHECK_OK(err, rf_settings_set(c, "train.epochs=30", &err));
    ck_assert_int_eq(c->train.epochs, 30);
    ck_assert_str_eq(rf_settings_where(c, "train.epochs", where), "--set");
    RF_CHECK_OK(err, rf_settings_set(c, "train.epochs=auto", &err));
    ck_assert_int_eq(c->train.epochs, RF_EPOCHS_AUTO);
    RF_CHECK_OK(err, rf_settings_put(c, "train.epochs", "40", "--epochs", &err));
    ck_assert_int_eq(c->train.epochs, 40);
    ck_assert_str_eq(rf_settings_where(c, "train.epochs", where), "--epochs");
    ck_assert_int_eq(rf_settings_origin_of(c, "train.epochs"), RF_FROM_COMMAND_LINE);
    RF_CHECK_FAILS(err, RF_E_INVALID, "--epochs is \"0\"; allowed is a whole number",
                   rf_settings_put(c, "train.epochs", "0", "--epochs", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "--set: train.epochs is \"x\"",
                   rf_settings_set(c, "train.epochs=x", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "not of the form", rf_settings_set(c, "train.epochs", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "did you mean \"source.paths\"",
                   rf_settings_set(c, "source.path=x", &err));
    rf_settings_free(c);
}
END_TEST

START_TEST(set_takes_lists_maps_attributes_and_kafka)
{
    rf_err err = {0};
    rf_settings *c = fresh();
    char *files[] = {(char *)"x.csv", (char *)"[y].csv"};
    RF_CHECK_OK(err, rf_settings_set(c, "source.paths=[a, 'b c']", &err));
    ck_assert_int_eq(c->source.n_paths, 2);
    ck_assert_str_eq(c->source.paths[1], "b c");
    RF_CHECK_OK(err, rf_settings_set(c, "source.paths=a,b", &err));
    ck_assert_int_eq(c->source.n_paths, 1); /* a comma may be in a name */
    RF_CHECK_OK(err, rf_settings_put_list(c, "source.paths", files, 2, "FILE", &err));
    ck_assert_str_eq(c->source.paths[1], "[y].csv");
    RF_CHECK_OK(err, rf_settings_set(c, "train.hidden=64,32,16", &err));
    ck_assert_int_eq(c->train.hidden[2], 16);
    RF_CHECK_OK(err, rf_settings_set(c, "fields.attributes.x.type=number", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "fields.attributes.y={type: category, top: 3}", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "fields.attributes.dotted.name=boolean", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "fields.time=ts", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "kafka.fetch.min.bytes=1", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "emit.threshold.score=3.5", &err));
    RF_CHECK_OK(err, rf_settings_finish(c, &err));
    ck_assert_int_eq(c->source.fields.schema->n_attrs, 3);
    ck_assert_str_eq(c->source.fields.schema->attrs[2].name, "dotted.name");
    ck_assert_str_eq(c->source.fields.time, "ts");
    ck_assert_str_eq(c->source.kafka.settings[0].key, "fetch.min.bytes");
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_SCORE);
    ck_assert_double_eq(c->emit.threshold, 3.5);
    rf_settings_free(c);
}
END_TEST

START_TEST(null_means_the_default)
{
    rf_err err = {0};
    rf_settings *c = accepted("train: {epochs: null, lr: ~, restart: null}\nfields:\ngraph: {window: all}\n"
                              "emit: {threshold: {percentile: ~}}\n");
    ck_assert_int_eq(c->train.epochs, RF_EPOCHS_AUTO);
    ck_assert_double_eq(c->train.lr, 0.01);
    ck_assert(c->graph.window_us == 0);
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_PERCENTILE);
    ck_assert_double_eq(c->emit.threshold, 0.999);
    rf_settings_free(c);
    c = accepted("emit: {threshold: {top: 5}}\n");
    ck_assert_double_eq(c->emit.threshold, 5);
    RF_CHECK_OK(err, rf_settings_set(c, "emit.threshold.score=null", &err)); /* not the one that was given */
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_TOP);
    RF_CHECK_OK(err, rf_settings_set(c, "emit.threshold.top=null", &err));
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_PERCENTILE);
    ck_assert_double_eq(c->emit.threshold, 0.999);
    rf_settings_free(c);
    c = accepted("output: 'null'\n");
    ck_assert_str_eq(c->output, "null");
    rf_settings_free(c);
}
END_TEST

START_TEST(a_missing_file_is_said)
{
    rf_err err = {0};
    rf_settings *c = fresh();
    RF_CHECK_FAILS(err, RF_E_IO, "nowhere.yaml: the configuration cannot be opened",
                   rf_settings_load(c, "nowhere.yaml", &err));
    rf_settings_free(c);
}
END_TEST

START_TEST(the_document_lists_every_key)
{
    rf_err err = {0};
    rf_text text = {0};
    RF_CHECK_OK(err, rf_settings_markdown(&text, &err));
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        if (!rf_key_is_named(key))
            ck_assert_msg(strstr(text.ptr, key->path) != NULL, "%s is missing", key->path);
    }
    ck_assert_ptr_nonnull(strstr(text.ptr, "fields.attributes.NAME.top"));
    rf_text_clear(&text);
}
END_TEST

/* ---- what the rooms are given ---- */

START_TEST(defaults_are_those_of_the_rooms)
{
    rf_settings *c = accepted("");
    rf_train_options train;
    rf_score_options score;
    rf_evaluate_options evaluate;
    rf_simulate_options simulate;
    rf_emit_options emit;
    rf_train_options_default(&train);
    ck_assert_int_eq(c->train.epochs, train.epochs);
    ck_assert_double_eq(c->train.lr, train.lr);
    ck_assert_double_eq(c->train.eta, train.eta);
    ck_assert_double_eq(c->train.negatives, train.negatives);
    ck_assert_double_eq(c->train.gamma, train.gamma);
    ck_assert_double_eq(c->train.min_delta, train.min_delta);
    ck_assert_int_eq(c->train.hidden[2], train.hidden[2]);
    ck_assert_int_eq(c->train.latent[1], train.latent[1]);
    ck_assert_int_eq(c->train.latent[2], train.latent[2]);
    ck_assert_int_eq(c->train.layers_mlp, train.layers_mlp);
    ck_assert_int_eq(c->train.checkpoint_every, train.checkpoint_every);
    ck_assert_int_eq(c->train.patience, train.patience);
    ck_assert_int_eq(c->train.init, train.init);
    rf_score_options_default(&score);
    ck_assert_double_eq(c->score.eta, score.eta);
    ck_assert_int_eq(c->score.reasons, score.reasons);
    rf_evaluate_options_default(&evaluate);
    ck_assert_int_eq(c->evaluate.n_k, evaluate.n_k);
    ck_assert_int_eq(c->evaluate.k[0], evaluate.k[0]);
    ck_assert_double_eq(c->evaluate.percentile[1], evaluate.percentile[1]);
    rf_simulate_options_default(&simulate);
    ck_assert_int_eq(c->simulate.events, simulate.events);
    ck_assert(c->simulate.start_us == simulate.start_us);
    ck_assert_int_eq(c->simulate.days, simulate.days);
    ck_assert_double_eq(c->simulate.fraud_share, simulate.fraud_share);
    rf_emit_options_default(&emit);
    ck_assert_double_eq(c->emit.threshold, emit.threshold);
    ck_assert_str_eq(c->emit.source, emit.source);
    rf_settings_free(c);
}
END_TEST

static const char job[] =
    "source: {paths: [a.csv], format: json}\n"
    "fields:\n"
    "  user: u\n"
    "  entity: v\n"
    "  time: {field: t, format: '%d.%m.%Y', zone: +02:00}\n"
    "  attributes: {x: {type: number, log1p: true}, c: {type: category, required: false}}\n"
    "graph: {granularity: event, window: all, as_of: '2026-01-01'}\n"
    "train: {hidden: 8, latent: [4, 5, 6], milestones: [50, 100]}\n"
    "emit: {threshold: {score: 2.5}}\n";

START_TEST(a_configuration_reaches_the_rooms)
{
    rf_err err = {0};
    rf_settings *c = accepted(job);
    RF_CHECK_OK(err, rf_settings_check_source(c, &err));
    ck_assert_int_eq(c->source.format, RF_FORMAT_JSONL);
    ck_assert_int_eq(c->source.fields.time_format, RF_TIME_STRPTIME);
    ck_assert_str_eq(c->source.fields.time_pattern, "%d.%m.%Y");
    ck_assert_str_eq(c->source.dead_letters, "rejects.jsonl");
    ck_assert_int_eq(c->graph.granularity, RF_GRANULARITY_EVENT);
    ck_assert(c->graph.window_us == 0 && c->graph.as_of_us == INT64_C(1767225600000000));
    ck_assert_str_eq(c->graph.zone, "+02:00");
    ck_assert_str_eq(c->graph.identity, "user u\nentity v\ntime t\ntime.format %d.%m.%Y\ntime.zone +02:00\n"
                                        "attribute x number x log1p\nattribute c category c optional top 20\n"
                                        "granularity event\nbucket 3600000000us\nzone +02:00\n");
    ck_assert_int_eq(c->train.hidden[1], 8);
    ck_assert_int_eq(c->train.latent[1], 5);
    ck_assert_int_eq(c->train.latent[2], 6);
    ck_assert_int_eq(c->train.milestones[1], 100);
    ck_assert_int_eq(c->emit.threshold_type, RF_THRESHOLD_SCORE);
    ck_assert_double_eq(c->emit.threshold, 2.5);
    rf_settings_free(c);
}
END_TEST

START_TEST(missing_fields_are_named)
{
    static const struct {
        const char *yaml, *key;
    } cases[] = {
        {"source: {paths: [a.csv]}\nfields: {user: u, time: t}\n", "fields.entity is not set"},
        {"source: {type: kafka, topics: [a], from: earliest}\nkafka: {bootstrap.servers: b, group.id: g}\n"
         "fields: {user: u, entity: v}\n",
         "fields.time.field=\\$timestamp"},
        {"source: {paths: [a.csv]}\nfields: {user: u, entity: v}\n"
         "graph: {as_of: \"2026-01-01T00:00:00Z\"}\n",
         "graph.as_of is set, but fields.time.field is not"},
        {"fields: {user: u, entity: v, time: t}\n", "source.paths is not set"},
        {"source: {type: kafka}\n", "source.topics is not set"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rf_err err = {0};
        rf_settings *c = accepted(cases[i].yaml);
        RF_CHECK_FAILS(err, RF_E_INVALID, cases[i].key, rf_settings_check_source(c, &err));
        rf_settings_free(c);
    }
}
END_TEST

START_TEST(a_table_of_files_needs_no_times)
{
    rf_err err = {0};
    rf_settings *without = accepted("source: {paths: [a.csv]}\nfields: {user: u, entity: v}\n");
    rf_settings *with = accepted("source: {paths: [a.csv]}\nfields: {user: u, entity: v, time: t}\n");
    RF_CHECK_OK(err, rf_settings_check_source(without, &err));
    ck_assert(without->graph.timeless);
    ck_assert(!with->graph.timeless);
    ck_assert_str_ne(without->graph.identity, with->graph.identity);
    rf_settings_free(with);
    rf_settings_free(without);
}
END_TEST

START_TEST(results_lie_in_output_unless_the_command_line_names_them)
{
    rf_err err = {0};
    const char *name, *yaml = "output: runs/a\nscore: {output: /s.h5}\ntrain: {model: m.h5}\n";
    rf_settings *c = fresh();
    RF_CHECK_OK(err, rf_settings_parse(c, "c.yaml", yaml, strlen(yaml), &err));
    RF_CHECK_OK(err, rf_settings_put(c, "graph.file", "g.h5", "--graph", &err));
    RF_CHECK_OK(err, rf_settings_put(c, "simulate.output", "e.csv", "--output", &err));
    RF_CHECK_OK(err, rf_settings_set(c, "emit.path=-", &err));
    RF_CHECK_OK(err, rf_settings_finish(c, &err));
    ck_assert_str_eq(c->files.graph, "g.h5");
    ck_assert_str_eq(c->files.model, "runs/a/m.h5");
    ck_assert_str_eq(c->files.scores, "/s.h5");
    ck_assert_str_eq(c->files.clusters, "/clusters.h5"); /* beside the scores */
    ck_assert_str_eq(c->files.simulated, "e.csv");
    ck_assert_str_eq(c->source.dead_letters, "runs/a/rejects.jsonl");
    ck_assert_str_eq(c->emit.path, "-");
    ck_assert_ptr_null(c->files.audit);
    RF_CHECK_OK(err, rf_settings_in_output(c, "ring.svg", &name, &err));
    ck_assert_str_eq(name, "runs/a/ring.svg");
    rf_settings_free(c);
}
END_TEST

START_TEST(the_registry_lies_beside_the_scores)
{
    static const struct {
        const char *yaml, *scores_flag, *expected;
    } cases[] = {
        {"output: runs/a\n", NULL, "runs/a/clusters.h5"},
        {"output: runs/a\n", "b/s.h5", "b/clusters.h5"},
        {"score: {output: s.h5}\n", NULL, "clusters.h5"},
        {"output: runs/a\ncluster: {registry: mine.h5}\n", "b/s.h5", "runs/a/mine.h5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rf_err err = {0};
        rf_settings *c = fresh();
        RF_CHECK_OK(err, rf_settings_parse(c, "c.yaml", cases[i].yaml, strlen(cases[i].yaml), &err));
        if (cases[i].scores_flag != NULL)
            RF_CHECK_OK(err, rf_settings_put(c, "score.output", cases[i].scores_flag, "--scores", &err));
        RF_CHECK_OK(err, rf_settings_finish(c, &err));
        ck_assert_str_eq(c->files.clusters, cases[i].expected);
        rf_settings_free(c);
    }
}
END_TEST

START_TEST(both_ends_get_the_settings_of_one_client)
{
    rf_settings *c = accepted("source: {broker_timeout: 7s}\nkafka: {group.id: g, acks: all}\n");
    ck_assert_int_eq(c->emit.kafka.n_settings, 2);
    ck_assert_ptr_eq(c->emit.kafka.settings, c->source.kafka.settings);
    ck_assert(c->emit.kafka.broker_timeout_us == 7000000);
    rf_settings_free(c);
}
END_TEST

static rf_status everything(rf_err *err)
{
    rf_settings *settings = NULL;
    rf_text text = {0};
    rf_status st = rf_settings_new(&settings, err);
    if (st >= 0)
        st = rf_settings_parse(settings, "c.yaml", whole, strlen(whole), err);
    if (st >= 0)
        st = rf_settings_set(settings, "source.paths=[a, b]", err);
    if (st >= 0)
        st = rf_settings_put(settings, "train.log", "log", "--log", err);
    if (st >= 0)
        st = rf_settings_finish(settings, err);
    if (st >= 0)
        st = rf_settings_markdown(&text, err);
    rf_text_clear(&text);
    rf_settings_free(settings);
    return st;
}

START_TEST(every_failing_allocation_is_reported)
{
    RF_SWEEP(everything(sweep_err), );
}
END_TEST

RF_SUITE("config", a_whole_file_fills_the_struct, attributes_keep_their_order_and_defaults,
         an_empty_file_leaves_the_defaults, a_byte_order_mark_is_passed_over,
         every_default_is_allowed_by_its_own_table, every_row_fits_its_field,
         an_unknown_key_names_line_and_nearest, a_wrong_value_names_what_is_allowed,
         keys_that_span_are_checked_together, alternatives_exclude_each_other_where_they_are_said_at_once,
         a_key_given_twice_is_refused, aliases_tags_and_second_documents_are_refused,
         hostile_files_are_refused_quickly, too_many_attributes_are_refused,
         later_settings_win_and_say_where_they_stand, set_takes_lists_maps_attributes_and_kafka,
         null_means_the_default, a_missing_file_is_said, defaults_are_those_of_the_rooms,
         a_configuration_reaches_the_rooms, missing_fields_are_named, a_table_of_files_needs_no_times,
         results_lie_in_output_unless_the_command_line_names_them, the_registry_lies_beside_the_scores,
         both_ends_get_the_settings_of_one_client, the_document_lists_every_key,
         every_failing_allocation_is_reported)
