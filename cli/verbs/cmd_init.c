/* cmd_init.c - the verb `init`: a first configuration for events that nobody has described yet.
 *
 * Looks at the first records (ingest/sample), asks where somebody sits at a terminal, writes the
 * configuration, and reads the sample by it, as a build would, before it says how many records that takes in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_int.h"
#include "init.h"
#include "rf_file.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_sample.h"
#include "rf_table.h"

#define USUAL_NAME "ringfence.yaml"

const rf_opt rf_opts_init[] = {
    {"output", "FILE", NULL, "The configuration to write; - is standard output. Default: " USUAL_NAME "."},
    {"force", NULL, NULL, "Replaces the file if it is there already."},
    {"yes", NULL, NULL, "Asks nothing, also at a terminal: takes what is proposed."},
    {"user", "COLUMN", "fields.user", NULL},
    {"entity", "COLUMN", "fields.entity", NULL},
    {"time", "COLUMN", "fields.time.field", NULL},
    {"time-format", "FORMAT", "fields.time.format", NULL},
    {"time-since", "TIME", "fields.time.since", NULL},
    {"zone", "ZONE", "fields.time.zone", NULL},
    {"event-id", "COLUMN", "fields.event_id", "Column of the event's own id; - for none."},
    {"label", "COLUMN", "fields.label", "Column that says what is known to be fraud; - for none."},
    {"brokers", "HOST:PORT,...", NULL, "The arguments are topics of this Kafka cluster."},
    {"records", "N", NULL, "Records that are looked at; default 100000."},
    {0},
};

typedef struct init_work {
    rf_cli *cli;
    rf_source_options source; /* what was told */
    rf_told told;
    rf_sample *sample;
    rf_proposal *proposal;
    rf_trial trial;
    rf_text yaml;
    const char *path;
    rf_text output;
} init_work;

/* ---- what was told ---- */

rf_status rf_init_take(rf_settings *settings, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text setting = {0};
    const char *brokers = rf_args_value(args, "brokers");
    if (brokers != NULL) {
        RF_TRY(rf_text_printf(&setting, err, "kafka.bootstrap.servers=%s", brokers));
        RF_TRY(rf_settings_set(settings, setting.ptr, err));
        RF_TRY(rf_settings_put(settings, "source.type", "kafka", "--brokers", err));
    }
    if (args->n_rest == 0)
        goto done;
    if (settings->source.type == RF_SOURCE_KAFKA)
        RF_TRY(rf_settings_put_list(settings, "source.topics", args->rest, args->n_rest, "TOPIC", err));
    else
        RF_TRY(rf_build_take_files(settings, args, err));
done:
    rf_text_clear(&setting);
    return st;
}

static bool is_told(const init_work *work, const char *key)
{
    return rf_settings_origin_of(work->cli->job.settings, key) != RF_FROM_DEFAULT;
}

/* "-" is no column. */
static void take_none(init_work *work, rf_role role, const char **name)
{
    if (*name == NULL || strcmp(*name, "-") != 0)
        return;
    *name = NULL;
    work->told.none[role] = true;
}

static rf_status take_told(init_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_settings *settings = work->cli->job.settings;
    work->source = settings->source;
    work->told.options = &work->source;
    work->told.time_format = is_told(work, "fields.time.format");
    work->told.time_since = is_told(work, "fields.time.since");
    work->told.zone = is_told(work, "fields.time.zone");
    work->told.numbers = is_told(work, "fields.numbers.decimal") ||
                         is_told(work, "fields.numbers.thousands") ||
                         is_told(work, "fields.numbers.currency");
    take_none(work, RF_ROLE_TIME, &work->source.fields.time);
    take_none(work, RF_ROLE_EVENT_ID, &work->source.fields.event_id);
    take_none(work, RF_ROLE_LABEL, &work->source.fields.label);
    if (work->source.type == RF_SOURCE_FILES && work->source.n_paths == 0)
        RF_FAIL(err, RF_E_INVALID,
                "name the files to look at, - for standard input, or a topic with --brokers HOST:PORT");
    if (work->source.type == RF_SOURCE_KAFKA && work->source.kafka.n_topics == 0)
        RF_FAIL(err, RF_E_INVALID, "name the topics to look at");
done:
    return st;
}

static rf_status take_records(int64_t *out, const rf_args *args, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text = rf_args_value(args, "records");
    *out = RF_LOOK_RECORDS;
    if (text != NULL && (!rf_int_parse(out, text, strlen(text)) || *out < 1 || *out > 100000000))
        RF_FAIL(err, RF_E_INVALID, "--records is \"%.64s\"; allowed is a whole number from 1 to 100000000",
                text);
done:
    return st;
}

/* runs/orders of conf/orders.yaml: each configuration has results of its own. */
static rf_status name_output(init_work *work, rf_err *err)
{
    const char *slash = strrchr(work->path, '/'), *name = slash == NULL ? work->path : slash + 1;
    const char *dot = strrchr(name, '.');
    size_t len = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
    if (is_told(work, "output"))
        return rf_text_printf(&work->output, err, "%s", work->cli->job.settings->output);
    if (strcmp(name, USUAL_NAME) == 0 || strcmp(name, "-") == 0)
        return rf_text_printf(&work->output, err, "runs/today");
    return rf_text_printf(&work->output, err, "runs/%.*s", (int)len, name);
}

/* ---- the proposal, and its trial ---- */

static rf_status make_yaml(init_work *work, rf_err *err)
{
    const rf_yaml_frame frame = {.path = strcmp(work->path, "-") == 0 ? USUAL_NAME : work->path,
                                 .output = work->output.ptr};
    rf_text_reset(&work->yaml);
    return rf_proposal_yaml(&work->yaml, work->proposal, &frame, err);
}

/* By the settings that the written file gives. */
static rf_status try_yaml(init_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_settings *settings = NULL;
    RF_TRY(rf_settings_new(&settings, err));
    RF_TRY(rf_settings_parse(settings, work->path, work->yaml.ptr, work->yaml.len, err));
    RF_TRY(rf_settings_finish(settings, err));
    RF_TRY(rf_settings_check_source(settings, err));
    settings->source.kafka.avro = work->source.kafka.avro; /* a password is not written */
    rf_log_mute(true); /* what is odd is in the report, once, and without ids */
    st = rf_sample_try(&work->trial, work->sample, &settings->source, NULL, NULL, err);
    rf_log_mute(false);
done:
    rf_settings_free(settings);
    return st;
}

static rf_status propose(init_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    bool changed = true;
    rf_proposal *before = work->proposal;
    work->told.before = before;
    work->proposal = NULL;
    RF_TRY(rf_propose(&work->proposal, work->sample, &work->told, err));
    while (changed) {
        RF_TRY(make_yaml(work, err));
        RF_TRY(try_yaml(work, err));
        rf_proposal_mend(&changed, work->proposal, &work->trial);
    }
done:
    rf_proposal_free(before);
    work->told.before = NULL;
    return st;
}

/* ---- questions ---- */

typedef struct question {
    rf_role role;
    const char *words;
    bool optional;
} question;

/* One line of an answer; false: there is none, and none will come. */
static bool read_answer(char *out, int size)
{
    fflush(stdout);
    if (fgets(out, size, stdin) == NULL)
        return false;
    out[strcspn(out, "\r\n")] = '\0';
    return true;
}

static const char **told_name(init_work *work, rf_role role)
{
    rf_fields *fields = &work->source.fields;
    return role == RF_ROLE_USER       ? &fields->user
           : role == RF_ROLE_ENTITY   ? &fields->entity
           : role == RF_ROLE_TIME     ? &fields->time
           : role == RF_ROLE_EVENT_ID ? &fields->event_id
                                      : &fields->label;
}

/* An empty answer takes what is proposed, whatever is answered afterwards; "-" is none. */
static rf_status ask(bool *more, init_work *work, const question *q, char *answer, int size, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    const char *nearest, **name = told_name(work, q->role);
    for (;;) {
        const char *field = rf_proposal_field(work->proposal, q->role);
        rf_text_reset(&text);
        RF_TRY(rf_text_printf(&text, err, "%s%s [%s]: ", q->words, q->optional ? ", - for none" : "",
                              field[0] == '\0' ? "-" : field));
        RF_TRY(rf_cli_print(&text, err));
        *more = read_answer(answer, size);
        if (!*more)
            goto done;
        if (answer[0] == '\0') {
            *(field[0] == '\0' ? &work->told.none[q->role] : &work->told.keeps[q->role]) = true;
            goto done;
        }
        if (strcmp(answer, "-") == 0 && q->optional) {
            work->told.none[q->role] = true;
            *name = NULL;
            break;
        }
        if (rf_sample_has_column(work->sample, answer, &nearest)) {
            *name = answer;
            break;
        }
        rf_text_reset(&text);
        RF_TRY(rf_text_printf(&text, err, "There is no column \"%s\"%s%s%s\n", answer,
                              nearest == NULL ? "" : "; did you mean \"", nearest == NULL ? "" : nearest,
                              nearest == NULL ? "." : "\"?"));
        RF_TRY(rf_cli_print(&text, err));
    }
    RF_TRY(propose(work, err));
done:
    rf_text_clear(&text);
    return st;
}

static rf_status ask_all(init_work *work, char answers[][256], rf_err *err)
{
    static const question questions[] = {{RF_ROLE_USER, "Who acts (user)", false},
                                         {RF_ROLE_ENTITY, "What is acted on (entity)", false},
                                         {RF_ROLE_TIME, "When (time)", true},
                                         {RF_ROLE_LABEL, "Known fraud (label)", true}};
    rf_status st = RF_OK;
    bool more = true;
    bool asks = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 &&
                !rf_args_has(&work->cli->args, "yes") && !rf_args_has(&work->cli->args, "quiet") &&
                work->source.type != RF_SOURCE_STDIN;
    for (size_t i = 0; asks && more && i < sizeof questions / sizeof *questions; i++) {
        rf_role role = questions[i].role;
        if (*told_name(work, role) == NULL && !work->told.none[role])
            RF_TRY(ask(&more, work, &questions[i], answers[i], 256, err));
    }
done:
    return st;
}

/* ---- the file, and what is said of it ---- */

static rf_status write_yaml(init_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    rf_file *file = NULL;
    RF_TRY(rf_file_create_beside(&file, work->path, err));
    RF_TRY(rf_file_write(file, work->yaml.ptr, work->yaml.len, err));
    RF_TRY(rf_file_commit(file, err));
done:
    rf_file_close(&file);
    return st;
}

static rf_status add_fields(rf_text *text, const init_work *work, rf_err *err)
{
    static const char *const names[RF_ROLES] = {"user", "entity", "time", "event id", "label"};
    static const char *const heads[] = {"", "column", "what it holds"};
    rf_status st = RF_OK;
    rf_table *table = NULL;
    RF_TRY(rf_table_new(&table, "lll", heads, err));
    for (rf_role role = 0; role < RF_ROLES; role++) {
        const char *field = rf_proposal_field(work->proposal, role);
        RF_TRY(rf_table_add(table, names[role], err));
        RF_TRY(rf_table_add(table, field[0] == '\0' ? "none" : field, err));
        RF_TRY(rf_table_add(table, rf_proposal_seen(work->proposal, role), err));
    }
    RF_TRY(rf_table_print(text, table, err));
    int attributes = rf_proposal_attributes(work->proposal);
    RF_TRY(rf_text_printf(text, err, "\nand %d attribute%s\n", attributes, attributes == 1 ? "" : "s"));
done:
    rf_table_free(table);
    return st;
}

static rf_status add_doubts(rf_text *text, const init_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    const char *doubt;
    for (int i = 0; (doubt = rf_proposal_doubt(work->proposal, i)) != NULL; i++)
        RF_TRY(rf_text_printf(text, err, "%s  %s\n", i == 0 ? "\nNot sure:\n" : "", doubt));
done:
    return st;
}

rf_status rf_trial_report(rf_text *text, const rf_trial *trial, rf_err *err)
{
    rf_status st = RF_OK;
    char n[2][32], sample[RF_REASON_BYTES];
    if (trial->filtered > 0)
        RF_TRY(rf_text_printf(text, err, "  %s are not wanted (source.where)\n",
                              rf_count_format(n[0], trial->filtered)));
    for (int i = 0; i < trial->n_tally; i++)
        RF_TRY(rf_text_printf(text, err, "  %s rejected as %s; the first: %s\n",
                              rf_count_format(n[0], trial->tally[i].records), trial->tally[i].code,
                              rf_reason_masked(sample, &trial->tally[i])));
    if (trial->odd_labels > 0)
        RF_TRY(rf_text_printf(
            text, err, "  %s have a label that nobody can read (fields.true_values, fields.false_values)\n",
            rf_count_format(n[0], trial->odd_labels)));
    if (trial->stopped != RF_OK)
        RF_TRY(rf_text_printf(text, err, "  a build would stop: %s\n", trial->why));
done:
    return st;
}

static rf_status report(rf_text *text, const init_work *work, rf_err *err)
{
    rf_status st = RF_OK;
    char words[RF_SAMPLE_WORDS];
    int64_t records = rf_sample_records(work->sample);
    RF_TRY(rf_text_printf(text, err, "%s; %s %s looked at%s\n\n", rf_sample_format_words(words, work->sample),
                          RF_THINGS(records, "record"), records == 1 ? "was" : "were",
                          rf_sample_is_part(work->sample) ? ", there are more" : ""));
    RF_TRY(add_fields(text, work, err));
    RF_TRY(add_doubts(text, work, err));
    RF_TRY(rf_text_printf(text, err, "\n%s reads %s of %s\n", work->path, RF_COUNT(work->trial.accepted),
                          RF_THINGS(work->trial.read, "event")));
    RF_TRY(rf_trial_report(text, &work->trial, err));
    if (rf_trial_is_beyond(&work->trial, work->source.max_rejects))
        RF_TRY(
            rf_text_printf(text, err, "  a build would stop: that is more than ingest.max_rejects allows\n"));
    const char *input = work->source.type == RF_SOURCE_STDIN ? " < FILE" : "";
    RF_TRY(rf_text_printf(text, err,
                          "next: ringfence check --config %s%s\nthen: ringfence run --config %s%s\n",
                          work->path, input, work->path, input));
done:
    return st;
}

static rf_status init(init_work *work, char answers[][256], rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    int64_t records;
    bool to_stdout = strcmp(work->path, "-") == 0;
    RF_TRY(name_output(work, err));
    RF_TRY(take_told(work, err));
    RF_TRY(take_records(&records, &work->cli->args, err));
    if (!to_stdout && !rf_args_has(&work->cli->args, "force") && rf_path_exists(work->path))
        RF_FAIL(err, RF_E_INVALID, "%s is there already; --force replaces it, -o FILE names another",
                work->path);
    RF_TRY(rf_sample_read(&work->sample, &work->source, records, err));
    RF_TRY(propose(work, err));
    RF_TRY(ask_all(work, answers, err));
    if (to_stdout) {
        RF_TRY(rf_cli_print(&work->yaml, err));
    } else {
        RF_TRY(write_yaml(work, err));
        RF_TRY(report(&text, work, err));
        RF_TRY(rf_cli_print(&text, err));
    }
done:
    rf_text_clear(&text);
    return st;
}

rf_status rf_cmd_init(rf_cli *cli, rf_err *err)
{
    char answers[4][256] = {{0}};
    const char *path = rf_args_value(&cli->args, "output");
    init_work work = {.cli = cli, .path = path == NULL ? USUAL_NAME : path};
    rf_status st = init(&work, answers, err);
    rf_proposal_free(work.proposal);
    rf_sample_free(work.sample);
    rf_text_clear(&work.yaml);
    rf_text_clear(&work.output);
    return st;
}
