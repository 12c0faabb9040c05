/* files_source.c - files and standard input as a source: the inputs in order, a record at a time, positions.
 *
 * Joins the input list, the record reader, the decoder and the dead letters. Files are checked when the
 * source is opened (readable, the same as before, with the mapped columns), so that a long run does not fail
 * at its last file for a reason that was visible at the start.
 */
#include "source_kind_int.h"

#include <string.h>

#include "csv_start_int.h"
#include "deadletter_int.h"
#include "decoder_int.h"
#include "files_ahead_int.h"
#include "input_list_int.h"
#include "intake_int.h"
#include "known_content_int.h"
#include "record_reader_int.h"
#include "rf_log.h"
#include "rf_mem.h"

typedef struct files_source {
    rf_intake *intake; /* borrowed */
    rf_decoder *decoder;
    rf_records *records;
    rf_deadletter *letters; /* NULL: none asked for */
    char *letters_path;
    rf_source_format format; /* as asked for, perhaps AUTO */
    rf_csv_dialect csv;

    rf_input_list inputs; /* stdin: one path NULL */
    bool from_stdin;
    rf_positions positions; /* all that were ever read; those of this run at slots[] */
    bool *moved;            /* [positions.n] read earlier, and the name is gone */
    size_t *slots;          /* [inputs.n] index into positions.items */
    size_t at;              /* the current input */
    bool is_open;           /* records reads inputs.paths[at] */
    rf_source_format current_format;
    int64_t stored_before;      /* bytes of the inputs before the current one */
    rf_record record;           /* read last */
    bool more;                  /* it has another event */
    rf_event event;             /* handed out last */
    const rf_event *handed_out; /* it, or what a poll hands out as an array of one */

    bool in_batches;       /* all above may be a thread's own, and these count */
    rf_ahead *ahead;       /* NULL: a poll reads an event */
    rf_files_batch *batch; /* handed out last; NULL: none yet */
    bool events_are_out;   /* those of the batch: what is behind them comes next */
    bool all_are_out;      /* of all inputs */
    rf_positions given;    /* as positions, of what was handed out */
    int64_t given_stored;
} files_source;

/* ---- opening ---- */

static const char *input_name(const files_source *files, size_t input)
{
    return files->from_stdin ? "stdin" : files->inputs.paths[input];
}

static rf_status copy_positions(rf_positions *out, const rf_positions *from, size_t room, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = from == NULL ? 0 : from->n;
    RF_ZERO(out->items, n + room, err);
    for (size_t i = 0; i < n; i++)
        RF_TRY(rf_positions_add(out, &from->items[i], err));
done:
    return st;
}

/* Every input gets a position: the one it was left at, or the start. A topic may have a file's name. */
static rf_status assign_slots(files_source *files, rf_err *err)
{
    rf_status st = RF_OK;
    rf_positions *positions = &files->positions;
    RF_ZERO(files->slots, files->inputs.n, err);
    for (size_t input = 0; input < files->inputs.n; input++) {
        const rf_input_position start = {.name = (char *)(uintptr_t)input_name(files, input),
                                         .partition = -1};
        size_t slot = 0;
        while (slot < positions->n && (positions->items[slot].partition >= 0 ||
                                       strcmp(positions->items[slot].name, start.name) != 0))
            slot++;
        if (slot == positions->n)
            RF_TRY(rf_positions_add(positions, &start, err));
        files->slots[input] = slot;
    }
done:
    return st;
}

/* ---- one input ---- */

/* Opens input number `at`: is it the content that was read earlier, in which format, with which header?
 * Reading starts at its first record. */
static rf_status look_at_input(files_source *files, size_t at, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = files->inputs.paths[at], *name = input_name(files, at);
    rf_input_position *position = &files->positions.items[files->slots[at]];
    rf_source_format format = files->format;
    const struct rf_avro_schema *schema;
    bool same, avro;
    RF_TRY(rf_records_open(files->records, path, err));

    RF_TRY(rf_records_same(files->records, position, &same, err));
    if (!same && !files->from_stdin)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: its first %lld bytes are not those that were read earlier: the file shrank or was "
                "replaced; rebuild the state (--rebuild), or give the new file another name",
                name, (long long)position->offset);
    if (!same) /* standard input may be another one each time: then from its start */
        *position = (rf_input_position){.name = position->name, .partition = -1};

    RF_TRY(rf_records_is_avro(files->records, &avro, err));
    if (avro && format != RF_FORMAT_AUTO && format != RF_FORMAT_AVRO)
        RF_FAIL(err, RF_E_INVALID, "%s: is an Avro file, but source.format says another format; leave it out",
                name);
    if (avro)
        format = RF_FORMAT_AVRO;
    if (format == RF_FORMAT_AUTO && path != NULL)
        format = rf_format_by_name(path);
    if (format == RF_FORMAT_AUTO)
        RF_TRY(rf_records_guess(files->records, &format, err));
    rf_records_set_format(files->records, format);
    files->current_format = format;

    if (format == RF_FORMAT_AVRO) {
        RF_TRY(rf_records_look_at_avro(files->records, &schema, err));
        RF_TRY(rf_decoder_use_schema(files->decoder, schema, name, err));
    }
    if (format == RF_FORMAT_JSONL)
        RF_TRY(rf_records_look_at_json(files->records, err));
    if (format == RF_FORMAT_CSV) {
        RF_TRY(rf_csv_start(files->records, rf_decoder_csv(files->decoder), &files->csv, name, err));
        st = RF_OK; /* an empty file has no header, and no records either */
    }
done:
    return st;
}

static void note_position(files_source *files)
{
    if (files->is_open)
        rf_records_position(files->records, &files->positions.items[files->slots[files->at]]);
}

static void files_close(void *self, bool failed)
{
    files_source *files = self;
    if (files == NULL)
        return;
    rf_ahead_free(files->ahead);
    if (!failed) /* nor read to the end, perhaps */
        rf_decoder_warn(files->decoder);
    rf_positions_clear(&files->given); /* what was read so far was handed out: its dead letters are kept */
    rf_deadletter_close(files->letters);
    rf_decoder_free(files->decoder);
    rf_records_free(files->records);
    rf_input_list_clear(&files->inputs);
    rf_positions_clear(&files->positions);
    rf_mem_free(files->letters_path);
    rf_mem_free(files->slots);
    rf_mem_free(files->moved);
    rf_mem_free(files);
}

static rf_status files_open(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    files_source *files = NULL;
    RF_ZERO(files, 1, err);
    files->intake = intake;
    files->format = options->format;
    files->csv = options->csv;
    files->from_stdin = options->type == RF_SOURCE_STDIN;
    files->handed_out = &files->event;
    RF_TRY(rf_decoder_new(&files->decoder, options, err));
    RF_TRY(rf_records_new(&files->records, (size_t)rf_decoder_max_record(files->decoder), err));
    rf_records_set_encoding(files->records, options->encoding);
    rf_records_set_open(files->records, true);
    if (files->from_stdin) {
        RF_ZERO(files->inputs.paths, 1, err);
        files->inputs.n = 1;
        files->inputs.bytes = -1;
    } else {
        RF_TRY(rf_input_list_make(&files->inputs, options->paths, options->n_paths, options->results,
                                  options->resume, err));
    }
    RF_TRY(copy_positions(&files->positions, options->resume, files->inputs.n, err));
    RF_TRY(assign_slots(files, err));
    RF_TRY(rf_known_moved(&files->moved, &files->positions, err));

    /* regular files only: a pipe can be opened once */
    for (size_t i = 0; files->inputs.bytes >= 0 && i < files->inputs.n; i++)
        RF_TRY(look_at_input(files, i, err));
    rf_records_close(files->records);

    if (options->dead_letters != NULL) {
        files->letters_path = rf_mem_text(options->dead_letters, strlen(options->dead_letters), err);
        if (files->letters_path == NULL) {
            st = RF_E_NOMEM;
            goto done;
        }
        RF_TRY(rf_deadletter_open(&files->letters, options, err));
    }
    *self = files;
    files = NULL;
done:
    files_close(files, true);
    return st;
}

/* ---- reading ---- */

/* Whether rejects are too many, now or at the end. A failure to keep the rejected records outweighs that: the
 * message says where they are. */
static rf_status check_limit(files_source *files, const rf_reject *reject, const rf_place *place, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err limit = {0};
    rf_status over = reject != NULL
                         ? rf_intake_rejected(files->intake, reject, place, files->letters_path, &limit)
                         : rf_intake_end(files->intake, files->letters_path, &limit);
    if (over == RF_OK)
        return RF_OK;
    if (files->ahead != NULL)
        rf_ahead_stop(files->ahead);
    RF_TRY(rf_decoder_end(files->decoder, err));
    if (files->letters != NULL)
        RF_TRY(rf_deadletter_flush(files->letters, false, NULL, err));
    st = rf_err_set(err, limit.code, limit.file, limit.line, "%s", limit.msg);
done:
    return st;
}

static rf_status set_aside(files_source *files, const char *name, const rf_record *record,
                           const rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->letters != NULL)
        RF_TRY(rf_deadletter_add(files->letters, name, record, reject, err));
    else
        rf_log(RF_LOG_DEBUG, "%s:%lld: rejected: %s: %s", name, (long long)record->line,
               rf_reject_name(reject->code), reject->text);
    RF_TRY(check_limit(files, reject, &(rf_place){name, -1, record->line, record->block}, err));
    st = RF_SKIPPED;
done:
    return st;
}

/* RF_EOF: no input is left. */
static rf_status begin_input(files_source *files, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->at == files->inputs.n)
        return RF_EOF;
    rf_input_position *position = &files->positions.items[files->slots[files->at]];
    if (files->inputs.bytes >= 0 && position->offset == 0 && files->positions.n > 1)
        RF_TRY(rf_known_content(position, &files->positions, files->moved, files->records,
                                files->inputs.paths[files->at], err));
    RF_TRY(look_at_input(files, files->at, err));
    RF_TRY(rf_records_skip(files->records, position, err));
    files->is_open = true;
    rf_log(RF_LOG_DEBUG, "reading %s from line %lld", position->name, (long long)position->line + 1);
done:
    return st;
}

static void end_input(files_source *files)
{
    note_position(files);
    files->stored_before += rf_input_stored(rf_records_input(files->records));
    rf_records_close(files->records);
    files->is_open = false;
    files->at++;
}

/* The next record of any input; RF_EOF after the last one. RF_TIMEOUT: an input has ended, and a batch with
 * it. */
static rf_status next_record(files_source *files, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    for (;;) {
        if (!files->is_open)
            RF_TRY(begin_input(files, err));
        if (st == RF_EOF)
            return RF_EOF;
        RF_TRY(rf_records_next(files->records, record, err));
        if (st != RF_EOF)
            break;
        end_input(files);
        if (files->in_batches)
            return RF_TIMEOUT;
        st = RF_OK;
    }
done:
    return st;
}

/* The first event of an Avro record. Only who has read the record knows where it ends: whether it was too
 * long, and what of the block it is. */
static rf_status decode_open(files_source *files, rf_event *event, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK, ended = RF_OK;
    RF_TRY(rf_decoder_decode_open(files->decoder, event, files->record.text, reject, err));
    if (rf_decoder_used(files->decoder) > 0)
        rf_records_end_told(files->records, &files->record, rf_decoder_used(files->decoder));
    else
        ended = rf_records_find_end(files->records, &files->record, err);
    if (ended < 0)
        return ended;
    if (!files->record.too_long)
        return st;
    event->more = false;
    *reject = (rf_reject){.element = -1};
    st = rf_decoder_too_long(files->decoder, reject);
done:
    return st;
}

/* The next event: another one of the record that was read last, or the first of the next one. */
static rf_status next_event(files_source *files, rf_event *event, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->more) {
        RF_TRY(rf_decoder_next(files->decoder, event, reject, err));
    } else {
        RF_TRY(next_record(files, &files->record, err));
        if (st == RF_EOF || st == RF_TIMEOUT)
            return st;
        if (files->record.too_long) {
            event->more = false;
            *reject = (rf_reject){.element = -1};
            st = rf_decoder_too_long(files->decoder, reject);
        } else if (files->record.open) {
            RF_TRY(decode_open(files, event, reject, err));
        } else {
            RF_TRY(rf_decoder_decode(files->decoder, event, files->current_format, files->record.text, NULL,
                                     reject, err));
        }
    }
    files->more = event->more;
    files->positions.items[files->slots[files->at]].records++;
    if (st == RF_OK)
        event->place = (rf_place){input_name(files, files->at), -1, files->record.line, files->record.block};
    else if (!files->record.too_long && reject->code == RF_REJECT_BAD_CSV)
        rf_records_keep_first_line(files->records,
                                   &files->record); /* a stray quote must not swallow good records */
done:
    return st;
}

/* At the end of all inputs. */
static rf_status finish(files_source *files, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->ahead != NULL)
        rf_ahead_stop(files->ahead);
    RF_TRY(rf_decoder_end(files->decoder, err));
    rf_decoder_warn(files->decoder);
    RF_TRY(check_limit(files, NULL, NULL, err));
    st = RF_EOF;
done:
    return st;
}

static rf_status poll_one(files_source *files, const rf_event *const **events, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_reject reject;
    st = next_event(files, &files->event, &reject, err);
    if (st == RF_E_INTERRUPTED) { /* no failure: the position is still before the record */
        if (err != NULL)
            *err = (rf_err){0};
        return RF_TIMEOUT;
    }
    RF_TRY(st);
    if (st == RF_EOF)
        return finish(files, err);
    files->intake->n_read++;
    files->intake->mid_record = files->more;
    if (st == RF_SKIPPED && reject.code == RF_REJECT_FILTERED) {
        files->intake->n_filtered++;
        return RF_SKIPPED;
    }
    if (st == RF_SKIPPED)
        return set_aside(files, input_name(files, files->at), &files->record, &reject, err);
    *events = &files->handed_out;
    *n = 1;
done:
    return st;
}

/* ---- batches, and a thread that reads ahead ---- */

static rf_status read_for_batch(void *context, rf_event *event, const rf_record **record, rf_reject *reject,
                                rf_err *err)
{
    files_source *files = context;
    *record = &files->record;
    return next_event(files, event, reject, err);
}

static void place_of_batch(void *context, rf_files_place *out)
{
    files_source *files = context;
    note_position(files);
    out->input = files->is_open || files->at == 0 ? files->at : files->at - 1;
    out->at = files->positions.items[files->slots[out->input]];
    out->stored =
        files->stored_before + (files->is_open ? rf_input_stored(rf_records_input(files->records)) : 0);
}

static void hold_buffer(void *context, bool on)
{
    const files_source *files = context;
    rf_records_hold(files->records, on);
}

static rf_span held_buffer(void *context)
{
    const files_source *files = context;
    return rf_records_held(files->records);
}

/* Behind those first records that may show that the settings are wrong: what is said then does not depend on
 * batches. */
static bool is_time_for_batches(const files_source *files, size_t max)
{
    return max == RF_SOURCE_MANY && !files->more && !rf_decoder_looks(files->decoder);
}

/* Regular files are read ahead. A pipe is not: what it has not got yet may be awaited for long. */
static rf_status start_ahead(files_source *files, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_files_reader reader = {.context = files,
                                    .decoder = files->decoder,
                                    .next = read_for_batch,
                                    .place = place_of_batch,
                                    .hold = hold_buffer,
                                    .held = held_buffer};
    rf_files_place place;
    place_of_batch(files, &place);
    files->given_stored = place.stored;
    RF_TRY(copy_positions(&files->given, &files->positions, 0, err));
    files->in_batches = true;
    RF_TRY(rf_ahead_start(&files->ahead, &reader, files->inputs.bytes >= 0, err));
done:
    return st;
}

/* All of the batch is handed out. */
static void end_batch(files_source *files)
{
    const rf_files_place *behind = &files->batch->behind;
    rf_input_position *at = &files->given.items[files->slots[behind->input]];
    char *name = at->name;
    const rf_topic_origin origin = at->origin;
    *at = behind->at;
    at->name = name;
    at->origin = origin;
    files->given_stored = behind->stored;
    files->intake->mid_record = files->batch->mid_record;
    files->batch = NULL;
}

static void begin_batch(files_source *files)
{
    const rf_files_batch *batch = files->batch = rf_ahead_next(files->ahead);
    files->events_are_out = false;
    files->intake->n_read += (int64_t)batch->n + batch->filtered;
    files->intake->n_filtered += batch->filtered;
}

/* What is behind the events of a batch. */
static rf_status poll_behind(files_source *files, rf_err *err)
{
    const rf_files_batch *batch = files->batch;
    end_batch(files);
    if (batch->end < 0)
        return rf_err_set(err, batch->err.code, batch->err.file, batch->err.line, "%s", batch->err.msg);
    if (batch->end == RF_EOF) {
        files->all_are_out = true;
        return finish(files, err);
    }
    if (batch->end == RF_SKIPPED) {
        files->intake->n_read++;
        return set_aside(files, input_name(files, batch->behind.input), &batch->record, &batch->reject, err);
    }
    return batch->end == RF_OK && batch->filtered > 0 ? RF_SKIPPED : batch->end;
}

/* A batch's events, then what is behind them; between the two is no time to save. */
static rf_status poll_ahead(files_source *files, const rf_event *const **events, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->all_are_out)
        return finish(files, err);
    do {
        if (files->batch == NULL)
            begin_batch(files);
        if (files->batch->n > 0 && !files->events_are_out) {
            files->events_are_out = files->intake->mid_record = true;
            *events = files->batch->events;
            *n = files->batch->n;
            if (files->batch->end == RF_OK)
                end_batch(files);
            return RF_OK;
        }
        st = poll_behind(files, err);
    } while (st == RF_OK); /* an input has ended, and that is all */
    return st;
}

static rf_status files_poll(void *self, const rf_event *const **events, size_t max, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    files_source *files = self;
    if (files->ahead == NULL && is_time_for_batches(files, max))
        RF_TRY(start_ahead(files, err));
    st = files->ahead != NULL ? poll_ahead(files, events, n, err) : poll_one(files, events, n, err);
done:
    return st;
}

static void files_progress(const void *self, int64_t *done, int64_t *total)
{
    const files_source *files = self;
    *done = files->ahead != NULL ? files->given_stored : files->stored_before;
    if (files->ahead == NULL && files->is_open)
        *done += rf_input_stored(rf_records_input(files->records));
    *total = files->inputs.bytes;
    if (*total >= 0 && *done > *total)
        *total = *done; /* a file grew meanwhile */
}

static rf_status files_positions(void *self, rf_positions *out, rf_err *err)
{
    files_source *files = self;
    rf_status st = RF_OK;
    rf_positions copy = {0};
    if (files->ahead == NULL)
        note_position(files);
    RF_TRY(copy_positions(&copy, files->ahead == NULL ? &files->positions : &files->given, 0, err));
    if (files->letters != NULL)
        RF_TRY(rf_deadletter_flush(files->letters, true, &copy.dead_letter_bytes, err));
    *out = copy;
    copy = (rf_positions){0};
done:
    rf_positions_clear(&copy);
    return st;
}

const rf_source_kind rf_files_kind = {
    .open = files_open,
    .poll = files_poll,
    .progress = files_progress,
    .positions = files_positions,
    .close = files_close,
};
