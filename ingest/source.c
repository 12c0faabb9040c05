/* source.c - the life of a source: its inputs in order, one event a poll, rejects counted and limited,
 * positions.
 *
 * Joins the other files of ingest/: the input list, the record reader, the decoders, the dead letters. Files
 * are looked at when the source is opened (readable, the same as before, the mapped columns there), so that a
 * long run does not fail at its last file for a reason that could have been seen at once.
 */
#include "ingest_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"

#define SHARE_FROM_RECORDS 10000 /* a share of rejects is looked at from here on, and at the end */

struct rf_source {
    rf_field_plan *plan;
    rf_json_decoder *json;
    rf_csv_decoder *csv;
    rf_records *records;
    rf_deadletter *letters; /* NULL: none asked for */
    char *letters_path;
    rf_source_format format; /* as asked for, perhaps AUTO */
    double max_rejects;

    rf_input_list inputs; /* stdin: one path NULL */
    bool from_stdin;
    rf_positions positions; /* all that were ever read; those of this run at slots[] */
    size_t *slots;          /* [inputs.n] index into positions.items */
    size_t at;              /* the current input */
    bool is_open;           /* records stands in inputs.paths[at] */
    rf_source_format current_format;
    int64_t stored_before; /* bytes of the inputs before the current one */

    int64_t n_read, n_rejected, by_code[RF_N_REJECTS];
    rf_status failed; /* a failure stays */
    rf_event event;
};

/* ---- opening ---- */

static rf_status list_inputs(rf_source *source, const rf_source_options *options, rf_err *err)
{
    source->from_stdin = options->type == RF_SOURCE_STDIN;
    if (!source->from_stdin)
        return rf_input_list_make(&source->inputs, options->paths, options->n_paths, options->resume, err);
    source->inputs.paths = rf_mem_zero(1, sizeof *source->inputs.paths, err);
    if (source->inputs.paths == NULL)
        return RF_E_NOMEM;
    source->inputs.n = 1;
    source->inputs.bytes = -1;
    return RF_OK;
}

static const char *input_name(const rf_source *source, size_t input)
{
    return source->from_stdin ? "stdin" : source->inputs.paths[input];
}

static rf_status copy_positions(rf_positions *out, const rf_positions *from, size_t room, rf_err *err)
{
    size_t n = from == NULL ? 0 : from->n;
    out->items = rf_mem_zero(n + room, sizeof *out->items, err);
    if (out->items == NULL)
        return RF_E_NOMEM;
    for (size_t i = 0; i < n; i++) {
        out->items[i] = from->items[i];
        out->items[i].name = rf_mem_text(from->items[i].name, strlen(from->items[i].name), err);
        out->n = i + 1;
        if (out->items[i].name == NULL)
            return RF_E_NOMEM;
    }
    return RF_OK;
}

/* Every input gets a position: the one it was left at, or the start. */
static rf_status assign_slots(rf_source *source, rf_err *err)
{
    rf_positions *positions = &source->positions;
    source->slots = rf_mem_zero(source->inputs.n, sizeof *source->slots, err);
    if (source->slots == NULL)
        return RF_E_NOMEM;
    for (size_t input = 0; input < source->inputs.n; input++) {
        const char *name = input_name(source, input);
        size_t slot = 0;
        while (slot < positions->n && strcmp(positions->items[slot].name, name) != 0)
            slot++;
        if (slot == positions->n) {
            char *copy = rf_mem_text(name, strlen(name), err);
            if (copy == NULL)
                return RF_E_NOMEM;
            positions->items[positions->n++] = (rf_input_position){.name = copy, .partition = -1};
        }
        source->slots[input] = slot;
    }
    return RF_OK;
}

/* ---- one input ---- */

static rf_status changed(const char *name, const rf_input_position *position, rf_err *err)
{
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "%s: is not the content of which %lld bytes were read earlier: it shrank or was replaced; build "
        "the state anew (--rebuild), or give the new content another name",
        name, (long long)position->offset);
}

/* Is this the content that was read earlier? Standard input may be another one each time: then from its
 * start. */
static rf_status check_position(rf_source *source, rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    bool same;
    RF_TRY(rf_records_same(source->records, position, &same, err));
    if (!same && source->from_stdin)
        *position = (rf_input_position){.name = position->name, .partition = -1};
    else if (!same)
        st = changed(position->name, position, err);
done:
    return st;
}

static rf_status choose_format(rf_source *source, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source_format format = source->format;
    if (format == RF_FORMAT_AUTO && path != NULL)
        format = rf_format_by_name(path);
    if (format == RF_FORMAT_AUTO)
        RF_TRY(rf_records_guess(source->records, &format, err));
    rf_records_set_format(source->records, format);
    source->current_format = format;
done:
    return st;
}

/* An empty file has no header, and no records either. */
static rf_status read_header(rf_source *source, const char *name, rf_err *err)
{
    rf_record header;
    rf_status st = RF_OK;
    RF_TRY(rf_records_next(source->records, &header, err));
    if (st == RF_EOF)
        return RF_OK;
    if (header.too_long)
        RF_FAIL(err, RF_E_FORMAT, "%s: the CSV header is longer than %u bytes", name, RF_MAX_RECORD_BYTES);
    RF_TRY(rf_csv_decoder_header(source->csv, header.text, name, err));
done:
    return st;
}

/* Opens input number `at` and checks it; reading starts at its first record. */
static rf_status look_at_input(rf_source *source, size_t at, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = source->inputs.paths[at];
    RF_TRY(rf_records_open(source->records, path, err));
    RF_TRY(check_position(source, &source->positions.items[source->slots[at]], err));
    RF_TRY(choose_format(source, path, err));
    if (source->current_format == RF_FORMAT_CSV)
        RF_TRY(read_header(source, input_name(source, at), err));
done:
    return st;
}

static rf_status enter_input(rf_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input_position *position = &source->positions.items[source->slots[source->at]];
    RF_TRY(look_at_input(source, source->at, err));
    RF_TRY(rf_records_skip(source->records, position, err));
    source->is_open = true;
    rf_log(RF_LOG_DEBUG, "reading %s from line %lld", position->name, (long long)position->line + 1);
done:
    return st;
}

static void note_position(rf_source *source)
{
    if (source->is_open)
        rf_records_position(source->records, &source->positions.items[source->slots[source->at]]);
}

static void leave_input(rf_source *source)
{
    note_position(source);
    source->stored_before += rf_input_stored(rf_records_input(source->records));
    rf_records_close(source->records);
    source->is_open = false;
    source->at++;
}

/* Regular files only: a pipe can be opened once. */
static rf_status look_at_all(rf_source *source, rf_err *err)
{
    rf_status st = RF_OK;
    if (source->inputs.bytes < 0)
        return RF_OK;
    for (size_t i = 0; i < source->inputs.n; i++)
        RF_TRY(look_at_input(source, i, err));
done:
    rf_records_close(source->records);
    return st;
}

static rf_status open_letters(rf_source *source, const rf_source_options *options, rf_err *err)
{
    if (options->dead_letters == NULL)
        return RF_OK;
    source->letters_path = rf_mem_text(options->dead_letters, strlen(options->dead_letters), err);
    if (source->letters_path == NULL)
        return RF_E_NOMEM;
    int64_t keep = options->resume == NULL ? 0 : options->resume->dead_letter_bytes;
    return rf_deadletter_open(&source->letters, options->dead_letters, keep, err);
}

rf_status rf_source_open(rf_source **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source *source = rf_mem_zero(1, sizeof *source, err);
    if (source == NULL)
        return RF_E_NOMEM;
    source->format = options->format;
    source->max_rejects = options->max_rejects;
    source->n_read = options->read_before;
    source->n_rejected = options->rejected_before;
    RF_TRY(rf_field_plan_new(&source->plan, &options->fields, err));
    RF_TRY(rf_json_decoder_new(&source->json, source->plan, err));
    RF_TRY(rf_csv_decoder_new(&source->csv, source->plan, err));
    RF_TRY(rf_records_new(&source->records, err));
    RF_TRY(list_inputs(source, options, err));
    RF_TRY(copy_positions(&source->positions, options->resume, source->inputs.n, err));
    RF_TRY(assign_slots(source, err));
    RF_TRY(look_at_all(source, err));
    RF_TRY(open_letters(source, options, err));
    *out = source;
    source = NULL;
done:
    rf_source_close(&source);
    return st;
}

void rf_source_close(rf_source **source_at)
{
    if (source_at == NULL)
        return;
    rf_source *source = *source_at;
    *source_at = NULL;
    if (source == NULL)
        return;
    rf_deadletter_close(source->letters);
    rf_records_free(source->records);
    rf_csv_decoder_free(source->csv);
    rf_json_decoder_free(source->json);
    rf_field_plan_free(source->plan);
    rf_input_list_clear(&source->inputs);
    rf_positions_clear(&source->positions);
    rf_mem_free(source->letters_path);
    rf_mem_free(source->slots);
    rf_mem_free(source);
}

/* ---- rejects ---- */

static bool too_many(const rf_source *source, bool at_end)
{
    double limit = source->max_rejects;
    if (limit <= 0 || limit >= 1)
        return source->n_rejected > 0 && (double)source->n_rejected > limit;
    if (!at_end && source->n_read < SHARE_FROM_RECORDS)
        return false;
    return (double)source->n_rejected > limit * (double)source->n_read;
}

static rf_status check_limit(rf_source *source, bool at_end, rf_err *err)
{
    if (!too_many(source, at_end))
        return RF_OK;
    int most = 0;
    for (int code = 0; code < RF_N_REJECTS; code++) {
        if (source->by_code[code] > source->by_code[most])
            most = code;
    }
    bool kept = source->letters != NULL;
    if (kept) {
        rf_status st = rf_deadletter_flush(source->letters, false, NULL, err);
        if (st != RF_OK)
            return st;
    }
    char often[96] = ""; /* reasons of rejects before a resume are not known */
    if (source->by_code[most] > 0)
        snprintf(often, sizeof often, "most often: %s (%lld times); ", rf_reject_name((rf_reject_code)most),
                 (long long)source->by_code[most]);
    return rf_err_set(err, RF_E_REJECTED, __FILE__, __LINE__,
                      "%lld of %lld records were rejected, more than ingest.max_rejects = %g allows; %s%s%s",
                      (long long)source->n_rejected, (long long)source->n_read, source->max_rejects, often,
                      kept ? "they are in " : "set ingest.dead_letters to a path to see them",
                      kept ? source->letters_path : "");
}

static rf_status set_aside(rf_source *source, const rf_record *record, const rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    const char *name = input_name(source, source->at);
    source->n_rejected++;
    source->by_code[reject->code]++;
    if (source->letters != NULL)
        RF_TRY(rf_deadletter_add(source->letters, name, record, reject, err));
    else
        rf_log(RF_LOG_DEBUG, "%s:%lld: rejected: %s: %s", name, (long long)record->line,
               rf_reject_name(reject->code), reject->text);
    RF_TRY(check_limit(source, false, err));
    st = RF_SKIPPED;
done:
    return st;
}

/* ---- reading ---- */

static rf_status decode(rf_source *source, rf_record *record, rf_reject *reject, rf_err *err)
{
    if (record->too_long)
        return rf_reject_set(reject, RF_REJECT_RECORD_TOO_LONG, -1, "the record is longer than %u bytes",
                             RF_MAX_RECORD_BYTES);
    if (source->current_format == RF_FORMAT_JSONL)
        return rf_json_decode(&source->event, source->json, record->text, reject, err);
    rf_status st = rf_csv_decode(&source->event, source->csv, record->text, reject, err);
    if (st == RF_SKIPPED && reject->code == RF_REJECT_BAD_CSV)
        rf_records_keep_first_line(source->records, record); /* a stray quote must not swallow good records */
    return st;
}

/* The next record of any input; RF_EOF behind the last one. */
static rf_status next_record(rf_source *source, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    for (;;) {
        if (!source->is_open && source->at == source->inputs.n)
            return RF_EOF;
        if (!source->is_open)
            RF_TRY(enter_input(source, err));
        RF_TRY(rf_records_next(source->records, record, err));
        if (st != RF_EOF)
            break;
        leave_input(source);
    }
done:
    return st;
}

static rf_status poll_once(rf_source *source, const rf_event **event, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record record;
    rf_reject reject;

    RF_TRY(next_record(source, &record, err));
    if (st == RF_EOF) {
        RF_TRY(check_limit(source, true, err));
        return RF_EOF;
    }
    RF_TRY(decode(source, &record, &reject, err));
    source->n_read++;
    source->positions.items[source->slots[source->at]].records++;
    if (st == RF_SKIPPED)
        return set_aside(source, &record, &reject, err);
    source->event.place = (rf_place){input_name(source, source->at), -1, record.line};
    *event = &source->event;
done:
    return st;
}

rf_status rf_source_poll(rf_source *source, const rf_event **event, rf_err *err)
{
    if (source->failed < 0)
        return rf_err_set(err, source->failed, __FILE__, __LINE__, "the source has failed before: %s",
                          rf_status_name(source->failed));
    rf_status st = poll_once(source, event, err);
    if (st < 0)
        source->failed = st;
    return st;
}

int64_t rf_source_rejected(const rf_source *source)
{
    return source->n_rejected;
}

int64_t rf_source_read(const rf_source *source)
{
    return source->n_read;
}

void rf_source_progress(const rf_source *source, int64_t *done, int64_t *total)
{
    *done = source->stored_before;
    if (source->is_open)
        *done += rf_input_stored(rf_records_input(source->records));
    *total = source->inputs.bytes;
    if (*total >= 0 && *done > *total)
        *total = *done; /* a file grew meanwhile */
}

rf_status rf_source_positions(rf_source *source, rf_positions *out, rf_err *err)
{
    rf_status st = RF_OK;
    rf_positions copy = {0};
    note_position(source);
    RF_TRY(copy_positions(&copy, &source->positions, 0, err));
    if (source->letters != NULL)
        RF_TRY(rf_deadletter_flush(source->letters, true, &copy.dead_letter_bytes, err));
    *out = copy;
    copy = (rf_positions){0};
done:
    rf_positions_clear(&copy);
    return st;
}
