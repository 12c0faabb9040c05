/* test_simulate.c - the simulator: exact numbers, order, truth, planted groups, realistic margins, both
 * writers. */
#include <yajl/yajl_tree.h>

#include "fraud_types.h"
#include "rf_check.h"
#include "rf_settings.h"
#include "rf_idmap.h"
#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_simulate.h"
#include "rf_time.h"

/* Per event: Check writes a line for each of its own assertions, which is slow. */
#define MUST(condition) ((condition) ? (void)0 : ck_abort_msg("%s:%d: %s", __FILE__, __LINE__, #condition))

enum { MOST_RINGS = 4096 };

static rf_simulate_options options_of(int64_t events, uint64_t seed)
{
    rf_simulate_options options;
    rf_simulate_options_default(&options);
    options.events = events;
    options.seed = seed;
    return options;
}

static void simulate(const rf_simulate_options *options, rf_simulate_sink sink, void *context)
{
    rf_err err = {0};
    ck_assert_msg(rf_simulate(options, sink, context, &err) == RF_OK, "%s", err.msg);
}

/* ---- numbers, order, truth ---- */

typedef struct tally {
    const rf_simulate_options *options;
    int64_t n, frauds, last_us, n_type[FRAUD_TYPES], n_look_alike[FRAUD_TYPES], rings;
    int ring_type[MOST_RINGS];
} tally;

static rf_status count_event(void *context, const rf_simulated_event *e, rf_err *err)
{
    tally *t = context;
    int type = fraud_type_index(e->fraud_type), look_alike = fraud_type_index(e->look_alike);
    (void)err;
    t->n++;
    MUST(e->time_us >= t->last_us);
    MUST(e->time_us < t->options->start_us + t->options->days * RF_DAY_US);
    MUST(e->time_us % 1000 == 0);
    t->last_us = e->time_us;
    MUST(e->label == (e->fraud_type[0] != '\0'));
    MUST(e->label == (e->ring > 0));
    MUST(!e->label || e->look_alike[0] == '\0');
    MUST(type >= 0 || e->fraud_type[0] == '\0');
    MUST(look_alike >= 0 || e->look_alike[0] == '\0');
    MUST(e->amount_cents >= 0);
    MUST(e->promo_cents >= 0);
    MUST(e->rating >= 0 && e->rating <= 5);
    MUST(e->account_days >= 0);
    MUST(!(e->is_refund && e->is_declined));
    t->frauds += e->label;
    if (look_alike >= 0)
        t->n_look_alike[look_alike]++;
    if (type >= 0) {
        t->n_type[type]++;
        MUST(e->ring < MOST_RINGS);
        MUST(t->ring_type[e->ring] == 0 || t->ring_type[e->ring] == type + 1); /* a ring does one thing */
        t->ring_type[e->ring] = type + 1;
        t->rings = e->ring > t->rings ? e->ring : t->rings;
    }
    return RF_OK;
}

static tally tally_of(const rf_simulate_options *options)
{
    tally t = {.options = options, .last_us = options->start_us};
    simulate(options, count_event, &t);
    return t;
}

START_TEST(exactly_the_wanted_number_in_time_order)
{
    static const int64_t sizes[] = {0, 1, 2, 7, 40, 100, 999, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        rf_simulate_options options = options_of(sizes[i], i);
        tally t = tally_of(&options);
        ck_assert_int_eq(t.n, sizes[i]);
        ck_assert_int_eq(t.frauds, (int64_t)((double)sizes[i] * 0.01 + 0.5));
        for (int64_t ring = 1; ring <= t.rings; ring++)
            ck_assert_int_ne(t.ring_type[ring], 0); /* numbered without a gap */
    }
}
END_TEST

START_TEST(odd_shapes_of_worlds_work_too)
{
    for (int i = 0; i < 24; i++) {
        rf_simulate_options options = options_of(3000, (uint64_t)i);
        options.users = i % 4 == 0 ? 0 : i % 4 == 1 ? 1 : i % 4 == 2 ? 7 : 3000;
        options.entities = i % 3 == 0 ? 1 : i % 3 == 1 ? 5 : 400;
        options.days = 1 + i % 9;
        options.start_us += (i * 7 - 100) * RF_HOUR_US;
        options.fraud_share = i % 2 ? 0.5 : 0.03;
        ck_assert_int_eq(tally_of(&options).n, 3000);
    }
}
END_TEST

START_TEST(only_listed_types_are_planted)
{
    rf_simulate_options options = options_of(20000, 3);
    options.fraud_types = "collusion, review_farm";
    tally t = tally_of(&options);
    ck_assert_int_eq(t.frauds, 200);
    for (int i = 0; i < FRAUD_TYPES; i++) {
        bool listed = i == fraud_type_index("collusion") || i == fraud_type_index("review_farm");
        ck_assert_int_eq(t.n_type[i] > 0, listed);
        ck_assert_int_eq(t.n_look_alike[i] > 0, listed);
    }
    options.fraud_types = NULL;
    options.fraud_share = 0;
    t = tally_of(&options);
    ck_assert_int_eq(t.frauds, 0);
    for (int i = 0; i < FRAUD_TYPES; i++)
        ck_assert_int_eq(t.n_look_alike[i], 0); /* they are as many as frauds */
    options.look_alike_share = 0.02;            /* a clean night with innocent oddities */
    t = tally_of(&options);
    ck_assert_int_eq(t.frauds, 0);
    int64_t look_alikes = 0;
    for (int i = 0; i < FRAUD_TYPES; i++)
        look_alikes += t.n_look_alike[i];
    ck_assert_int_eq(look_alikes, (options.events + 25) / 50);
}
END_TEST

/* ---- the same seed ---- */

typedef struct hash {
    uint64_t value;
    rf_text text;
} hash;

static rf_status hash_event(void *context, const rf_simulated_event *e, rf_err *err)
{
    hash *h = context;
    rf_text_reset(&h->text);
    rf_status st = rf_simulate_print_json(&h->text, e, err);
    if (st < 0)
        return st;
    h->value = rf_mix64(h->value ^ rf_idmap_hash(h->text.ptr, h->text.len)) + 1;
    return RF_OK;
}

static uint64_t hash_of(const rf_simulate_options *options)
{
    hash h = {0};
    simulate(options, hash_event, &h);
    rf_text_clear(&h.text);
    return h.value;
}

START_TEST(same_seed_same_bytes_other_seed_other_bytes)
{
    rf_simulate_options options = options_of(4000, 11), other = options_of(4000, 12);
    ck_assert_uint_eq(hash_of(&options), hash_of(&options));
    ck_assert_uint_ne(hash_of(&options), hash_of(&other));
}
END_TEST

/* ---- both writers ---- */

typedef struct writers {
    rf_text json, csv;
    int64_t bytes, n;
    bool quotes; /* rewrites the texts of each event to something that needs escaping */
} writers;

/* The value of the JSON object's key as the CSV would say it. */
static const char *json_value(yajl_val object, const char *key)
{
    const char *path[] = {key, NULL};
    yajl_val value = yajl_tree_get(object, path, yajl_t_any);
    if (value == NULL)
        return "";
    if (YAJL_IS_STRING(value))
        return YAJL_GET_STRING(value);
    if (YAJL_IS_NUMBER(value))
        return YAJL_GET_NUMBER(value);
    MUST(YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value));
    return YAJL_IS_TRUE(value) ? "true" : "false";
}

/* Takes one field off a CSV row into out; returns what follows it. */
static const char *csv_field(const char *row, char *out)
{
    bool quoted = *row == '"';
    for (row += quoted; quoted ? !(row[0] == '"' && row[1] != '"') : *row != ',' && *row != '\n'; row++) {
        row += quoted && *row == '"';
        *out++ = *row;
    }
    *out = '\0';
    return row + quoted + 1;
}

static rf_status compare_writers(void *context, const rf_simulated_event *event, rf_err *err)
{
    writers *w = context;
    rf_simulated_event e = *event;
    char message[256], name[64], value[512];
    const char *header = rf_simulate_csv_header(), *row;
    if (w->quotes) {
        e.user = "a \"user\", with\nlines\t\\ and \x01 controls";
        e.kind = "na\xc3\xafve,";
        e.review = "\"good\", more than eight bytes\\ without, then one: \x1f and 12345678\"";
        e.street = "exactly8";
        e.zip = "4321\n";
        e.card = "";
    }
    rf_text_reset(&w->json);
    rf_text_reset(&w->csv);
    MUST(rf_simulate_print_json(&w->json, &e, err) == RF_OK);
    MUST(rf_simulate_print_csv(&w->csv, &e, err) == RF_OK);
    MUST(w->json.ptr[w->json.len - 1] == '\n');
    MUST(memchr(w->json.ptr, '\n', w->json.len) == w->json.ptr + w->json.len - 1);
    MUST(strlen(w->json.ptr) == w->json.len);
    MUST(strlen(w->csv.ptr) == w->csv.len);
    yajl_val object = yajl_tree_parse(w->json.ptr, message, sizeof message);
    ck_assert_msg(object != NULL && YAJL_IS_OBJECT(object), "%s", message);
    for (row = w->csv.ptr; *header != '\0';) {
        header = csv_field(header, name);
        row = csv_field(row, value);
        MUST(strcmp(json_value(object, name), value) == 0);
    }
    MUST((size_t)(row - w->csv.ptr) == w->csv.len);
    size_t more = (size_t)(e.rating != 0) + (e.card != NULL) + (e.ip != NULL) + (e.street != NULL) +
                  (e.zip != NULL) + (e.review != NULL);
    MUST(YAJL_GET_OBJECT(object)->len == 17 + more);
    yajl_tree_free(object);
    w->bytes += (int64_t)w->json.len;
    w->n++;
    return RF_OK;
}

static void check_writers(bool quotes)
{
    rf_simulate_options options = options_of(quotes ? 20 : 3000, 4);
    writers w = {.quotes = quotes};
    simulate(&options, compare_writers, &w);
    ck_assert(quotes || w.bytes / w.n < 400);
    rf_text_clear(&w.json);
    rf_text_clear(&w.csv);
}

START_TEST(json_lines_are_valid_and_say_what_the_csv_says)
{
    check_writers(false);
}
END_TEST

START_TEST(texts_that_need_escaping_are_escaped)
{
    check_writers(true);
}
END_TEST

START_TEST(numbers_and_times_are_written_plainly)
{
    rf_simulated_event e = {.time_us = -1000,
                            .event_id = "e1",
                            .user = "u",
                            .entity = "m",
                            .amount_cents = 1205,
                            .promo_cents = 70,
                            .kind = "k",
                            .channel = "c",
                            .device = "d",
                            .account_days = 400,
                            .country = "SG",
                            .fraud_type = "",
                            .look_alike = ""};
    rf_text text = {0};
    ck_assert_int_eq(rf_simulate_print_csv(&text, &e, NULL), RF_OK);
    e.amount_cents = -100050;
    e.rating = 5;
    e.card = "c1";
    e.ip = "10.0.0.1";
    e.street = "1 High Street";
    e.zip = "10001";
    e.review = "good, cheap";
    e.time_us = INT64_C(1767225600) * RF_SECOND_US + 45296 * RF_SECOND_US + 789000;
    ck_assert_int_eq(rf_simulate_print_csv(&text, &e, NULL), RF_OK);
    ck_assert_str_eq(text.ptr,
                     "e1,1969-12-31T23:59:59.999Z,u,m,12.05,0.7,k,c,d,400,SG,false,false,,0,,0,,,,,,\n"
                     "e1,2026-01-01T12:34:56.789Z,u,m,-1000.5,0.7,k,c,d,400,SG,false,false,5,0,,0,,"
                     "c1,10.0.0.1,1 High Street,10001,\"good, cheap\"\n");
    rf_text_clear(&text);
}
END_TEST

/* ---- memory and failure ---- */

typedef struct memory {
    int64_t most_bytes, requests_at_first, requests_at_last;
} memory;

static rf_status watch_memory(void *context, const rf_simulated_event *e, rf_err *err)
{
    memory *m = context;
    rf_mem_stats stats = rf_mem_stats_get();
    (void)e;
    (void)err;
    if (m->requests_at_first == 0)
        m->requests_at_first = stats.requests;
    m->requests_at_last = stats.requests;
    m->most_bytes = stats.live_bytes > m->most_bytes ? stats.live_bytes : m->most_bytes;
    return RF_OK;
}

START_TEST(memory_depends_on_the_world_and_not_on_the_number_of_events)
{
    memory few = {0}, many = {0};
    rf_simulate_options options = options_of(2000, 6);
    options.users = 500;
    options.entities = 60;
    options.fraud_share = 0;
    simulate(&options, watch_memory, &few);
    options.events = 20000;
    simulate(&options, watch_memory, &many);
    ck_assert_int_eq(many.most_bytes, few.most_bytes);
    ck_assert_int_eq(many.requests_at_first, many.requests_at_last); /* none while events flow */
}
END_TEST

START_TEST(simulation_survives_every_failing_allocation)
{
    rf_simulate_options options = options_of(600, 2);
    memory ignored = {0};
    options.fraud_share = 0.2;
    RF_SWEEP(rf_simulate(&options, watch_memory, &ignored, sweep_err), );
}
END_TEST

START_TEST(printing_survives_every_failing_allocation)
{
    rf_simulated_event e = {.event_id = "e1",
                            .user = "u",
                            .entity = "m",
                            .kind = "k",
                            .channel = "c",
                            .device = "d",
                            .country = "SG",
                            .fraud_type = "",
                            .look_alike = ""};
    rf_text text = {0};
    RF_SWEEP(rf_simulate_print_json(&text, &e, sweep_err), rf_text_clear(&text));
    RF_SWEEP(rf_simulate_print_csv(&text, &e, sweep_err), rf_text_clear(&text));
}
END_TEST

static rf_status refuse_third(void *context, const rf_simulated_event *e, rf_err *err)
{
    int *n = context;
    (void)e;
    return ++*n == 3 ? rf_err_set(err, RF_E_IO, __FILE__, __LINE__, "the disk is full") : RF_OK;
}

START_TEST(what_the_sink_reports_ends_the_simulation)
{
    rf_simulate_options options = options_of(1000, 1);
    int64_t live = rf_mem_stats_get().live_blocks;
    rf_err err = {0};
    int n = 0;
    ck_assert_int_eq(rf_simulate(&options, refuse_third, &n, &err), RF_E_IO);
    ck_assert_int_eq(n, 3);
    ck_assert_str_eq(err.msg, "the disk is full");
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, live);
}
END_TEST

static void refused(rf_simulate_options options, const char *word)
{
    rf_err err = {0};
    memory ignored = {0};
    ck_assert_int_eq(rf_simulate(&options, watch_memory, &ignored, &err), RF_E_INVALID);
    ck_assert_msg(strstr(err.msg, word) != NULL, "%s", err.msg);
}

START_TEST(impossible_options_are_refused_by_name)
{
    rf_simulate_options good = options_of(100, 0), bad = good;
    bad.events = -1;
    refused(bad, "-1 events");
    bad = good;
    bad.days = 0;
    refused(bad, "0 days");
    bad = good;
    bad.start_us += 1;
    refused(bad, "full hour");
    bad = good;
    bad.start_us = RF_TIME_MAX - RF_HOUR_US;
    refused(bad, "1900 and 2100");
    bad = good;
    bad.users = -5;
    refused(bad, "-5 users");
    bad = good;
    bad.fraud_share = 0.7;
    refused(bad, "0.7");
    bad.fraud_share = (double)NAN;
    refused(bad, "nan");
    bad = good;
    bad.fraud_share = good.fraud_share;
    bad.look_alike_share = -0.1;
    refused(bad, "-0.1 look-alikes");
    bad.look_alike_share = good.look_alike_share;
    bad.resold_phones = 0.6;
    refused(bad, "share of 0.6 users");
    bad.resold_phones = good.resold_phones;
    bad.fraud_types = "collusion,review_frm";
    refused(bad, "did you mean review_farm");
    bad.fraud_types = "";
    refused(bad, "no fraud type");
}
END_TEST

/* ---- the configuration ---- */

static void shipped_is_written(const char *name, bool five_kinds)
{
    rf_simulate_options options;
    char path[RF_TEST_PATH], output[RF_TEST_PATH];
    rf_simulate_options_default(&options);
    options.five_kinds = five_kinds;
    snprintf(path, sizeof path, "%s/configs/%s.yaml", getenv("RF_SOURCE_DIR"), name);
    snprintf(output, sizeof output, "runs/%s", name);
    char *shipped = rf_slurp(path, NULL);
    ck_assert_msg(shipped != NULL, "cannot read %s", path);
    char *written = rf_simulate_config(&options, "events.jsonl", output, NULL);
    ck_assert_ptr_nonnull(written);
    ck_assert_str_eq(written, shipped);
    rf_mem_free(written);
    free(shipped);
}

START_TEST(the_shipped_configurations_are_the_written_ones)
{
    shipped_is_written("simulated-orders", false);
    shipped_is_written("simulated-kinds", true);
}
END_TEST

START_TEST(the_configuration_is_one_that_ringfence_accepts)
{
    rf_simulate_options options = options_of(1000, 1);
    rf_err err = {0};
    rf_settings *config = NULL;
    options.days = 7;
    char *text = rf_simulate_config(&options, "odd \"events\".jsonl", "out", &err);
    RF_CHECK_OK(err, rf_settings_new(&config, &err));
    RF_CHECK_OK(err, rf_settings_parse(config, "orders.yaml", text, strlen(text), &err));
    RF_CHECK_OK(err, rf_settings_finish(config, &err));
    ck_assert_str_eq(config->source.paths[0], "odd \"events\".jsonl");
    ck_assert_str_eq(config->output, "out");
    ck_assert_int_eq(config->graph.window_us, 7 * RF_DAY_US);
    ck_assert_int_eq(config->graph.as_of_us, options.start_us + 7 * RF_DAY_US);
    for (int i = 0; i < config->source.fields.schema->n_attrs;
         i++) /* every attribute is a column that is written */
        ck_assert_ptr_nonnull(strstr(rf_simulate_csv_header(), config->source.fields.schema->attrs[i].field));
    rf_settings_free(config);
    rf_mem_free(text);
}
END_TEST

START_TEST(the_configuration_of_five_kinds_reads_columns_that_are_written)
{
    rf_err err = {0};
    rf_settings *config = NULL;
    char path[RF_TEST_PATH];
    snprintf(path, sizeof path, "%s/configs/simulated-kinds.yaml", getenv("RF_SOURCE_DIR"));
    char *text = rf_slurp(path, NULL);
    ck_assert_msg(text != NULL, "cannot read %s", path);
    RF_CHECK_OK(err, rf_settings_new(&config, &err));
    RF_CHECK_OK(err, rf_settings_parse(config, path, text, strlen(text), &err));
    RF_CHECK_OK(err, rf_settings_finish(config, &err));
    const rf_schema *schema = config->source.fields.schema;
    ck_assert_int_eq(schema->n_kinds, 5);
    for (int i = 0; i < schema->n_attrs; i++)
        ck_assert_ptr_nonnull(strstr(rf_simulate_csv_header(), schema->attrs[i].field));
    rf_settings_free(config);
    free(text);
}
END_TEST

static rf_status write_config(char **text, const char *events, const char *output, rf_err *err)
{
    rf_simulate_options options = options_of(10, 1);
    options.five_kinds = true;
    *text = rf_simulate_config(&options, events, output, err);
    return *text == NULL ? RF_E_NOMEM : RF_OK;
}

START_TEST(the_configuration_survives_every_failing_allocation_and_odd_paths)
{
    char *text = NULL;
    RF_SWEEP(write_config(&text, "events", "out", sweep_err), rf_mem_free(text));
    ck_assert_int_eq(write_config(&text, "odd \"name\"\n.jsonl", "a\\b", NULL), RF_OK);
    ck_assert_ptr_nonnull(strstr(text, "paths: [\"odd \\\"name\\\"\\x0a.jsonl\"]\n"));
    ck_assert_ptr_nonnull(strstr(text, "output: \"a\\\\b\"\n"));
    rf_mem_free(text);
}
END_TEST

RF_SUITE("simulate", exactly_the_wanted_number_in_time_order, odd_shapes_of_worlds_work_too,
         only_listed_types_are_planted, same_seed_same_bytes_other_seed_other_bytes,
         json_lines_are_valid_and_say_what_the_csv_says, texts_that_need_escaping_are_escaped,
         numbers_and_times_are_written_plainly, memory_depends_on_the_world_and_not_on_the_number_of_events,
         simulation_survives_every_failing_allocation, printing_survives_every_failing_allocation,
         what_the_sink_reports_ends_the_simulation, impossible_options_are_refused_by_name,
         the_shipped_configurations_are_the_written_ones, the_configuration_is_one_that_ringfence_accepts,
         the_configuration_of_five_kinds_reads_columns_that_are_written,
         the_configuration_survives_every_failing_allocation_and_odd_paths)
