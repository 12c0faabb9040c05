/* files_source.c - files and standard input as a source: the inputs in order, a record at a time, positions.
 *
 * Joins the input list, the record reader and the dead letters; intake.c decodes records. Files are checked
 * when the source is opened (readable, the same as before, with the mapped columns), so that a long run does
 * not fail at its last file for a reason that was visible at the start.
 */
#include "source_kind_int.h"

#include <string.h>

#include "deadletter_int.h"
#include "event_csv_int.h"
#include "input_list_int.h"
#include "record_reader_int.h"
#include "rf_log.h"
#include "rf_mem.h"

typedef struct files_source {
    rf_intake *intake; /* borrowed */
    rf_records *records;
    rf_deadletter *letters; /* NULL: none asked for */
    char *letters_path;
    rf_source_format format; /* as asked for, perhaps AUTO */

    rf_input_list inputs; /* stdin: one path NULL */
    bool from_stdin;
    rf_positions positions; /* all that were ever read; those of this run at slots[] */
    size_t *slots;          /* [inputs.n] index into positions.items */
    size_t at;              /* the current input */
    bool is_open;           /* records reads inputs.paths[at] */
    rf_source_format current_format;
    int64_t stored_before; /* bytes of the inputs before the current one */
    const rf_event *event; /* handed out last */
} files_source;

/* ---- opening ---- */

static rf_status list_inputs(files_source *files, const rf_source_options *options, rf_err *err)
{
    files->from_stdin = options->type == RF_SOURCE_STDIN;
    if (!files->from_stdin)
        return rf_input_list_make(&files->inputs, options->paths, options->n_paths, options->resume, err);
    files->inputs.paths = rf_mem_zero(1, sizeof *files->inputs.paths, err);
    if (files->inputs.paths == NULL)
        return RF_E_NOMEM;
    files->inputs.n = 1;
    files->inputs.bytes = -1;
    return RF_OK;
}

static const char *input_name(const files_source *files, size_t input)
{
    return files->from_stdin ? "stdin" : files->inputs.paths[input];
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
static rf_status assign_slots(files_source *files, rf_err *err)
{
    rf_positions *positions = &files->positions;
    files->slots = rf_mem_zero(files->inputs.n, sizeof *files->slots, err);
    if (files->slots == NULL)
        return RF_E_NOMEM;
    for (size_t input = 0; input < files->inputs.n; input++) {
        const char *name = input_name(files, input);
        size_t slot = 0;
        while (slot < positions->n && strcmp(positions->items[slot].name, name) != 0)
            slot++;
        if (slot == positions->n) {
            char *copy = rf_mem_text(name, strlen(name), err);
            if (copy == NULL)
                return RF_E_NOMEM;
            positions->items[positions->n++] = (rf_input_position){.name = copy, .partition = -1};
        }
        files->slots[input] = slot;
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
static rf_status check_position(files_source *files, rf_input_position *position, rf_err *err)
{
    rf_status st = RF_OK;
    bool same;
    RF_TRY(rf_records_same(files->records, position, &same, err));
    if (!same && files->from_stdin)
        *position = (rf_input_position){.name = position->name, .partition = -1};
    else if (!same)
        st = changed(position->name, position, err);
done:
    return st;
}

static rf_status choose_format(files_source *files, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_source_format format = files->format;
    if (format == RF_FORMAT_AUTO && path != NULL)
        format = rf_format_by_name(path);
    if (format == RF_FORMAT_AUTO)
        RF_TRY(rf_records_guess(files->records, &format, err));
    rf_records_set_format(files->records, format);
    files->current_format = format;
done:
    return st;
}

/* An empty file has no header, and no records either. */
static rf_status read_header(files_source *files, const char *name, rf_err *err)
{
    rf_record header;
    rf_status st = RF_OK;
    RF_TRY(rf_records_next(files->records, &header, err));
    if (st == RF_EOF)
        return RF_OK;
    if (header.too_long)
        RF_FAIL(err, RF_E_FORMAT, "%s: the CSV header is longer than %u bytes", name, RF_MAX_RECORD_BYTES);
    RF_TRY(rf_csv_decoder_header(rf_decoder_csv(rf_intake_decoder(files->intake)), header.text, name, err));
done:
    return st;
}

/* Opens input number `at` and checks it; reading starts at its first record. */
static rf_status look_at_input(files_source *files, size_t at, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = files->inputs.paths[at];
    RF_TRY(rf_records_open(files->records, path, err));
    RF_TRY(check_position(files, &files->positions.items[files->slots[at]], err));
    RF_TRY(choose_format(files, path, err));
    if (files->current_format == RF_FORMAT_CSV)
        RF_TRY(read_header(files, input_name(files, at), err));
done:
    return st;
}

static rf_status enter_input(files_source *files, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input_position *position = &files->positions.items[files->slots[files->at]];
    RF_TRY(look_at_input(files, files->at, err));
    RF_TRY(rf_records_skip(files->records, position, err));
    files->is_open = true;
    rf_log(RF_LOG_DEBUG, "reading %s from line %lld", position->name, (long long)position->line + 1);
done:
    return st;
}

static void note_position(files_source *files)
{
    if (files->is_open)
        rf_records_position(files->records, &files->positions.items[files->slots[files->at]]);
}

static void leave_input(files_source *files)
{
    note_position(files);
    files->stored_before += rf_input_stored(rf_records_input(files->records));
    rf_records_close(files->records);
    files->is_open = false;
    files->at++;
}

/* Regular files only: a pipe can be opened once. */
static rf_status look_at_all(files_source *files, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->inputs.bytes < 0)
        return RF_OK;
    for (size_t i = 0; i < files->inputs.n; i++)
        RF_TRY(look_at_input(files, i, err));
done:
    rf_records_close(files->records);
    return st;
}

static rf_status open_letters(files_source *files, const rf_source_options *options, rf_err *err)
{
    if (options->dead_letters == NULL)
        return RF_OK;
    files->letters_path = rf_mem_text(options->dead_letters, strlen(options->dead_letters), err);
    if (files->letters_path == NULL)
        return RF_E_NOMEM;
    int64_t keep = options->resume == NULL ? 0 : options->resume->dead_letter_bytes;
    return rf_deadletter_open(&files->letters, options->dead_letters, keep, err);
}

static void files_close(void *self, bool failed)
{
    files_source *files = self;
    (void)failed; /* what was read so far was handed out, and its dead letters are worth keeping */
    if (files == NULL)
        return;
    rf_deadletter_close(files->letters);
    rf_records_free(files->records);
    rf_input_list_clear(&files->inputs);
    rf_positions_clear(&files->positions);
    rf_mem_free(files->letters_path);
    rf_mem_free(files->slots);
    rf_mem_free(files);
}

static rf_status files_open(void **self, rf_intake *intake, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    files_source *files = rf_mem_zero(1, sizeof *files, err);
    if (files == NULL)
        return RF_E_NOMEM;
    files->intake = intake;
    files->format = options->format;
    RF_TRY(rf_records_new(&files->records, err));
    RF_TRY(list_inputs(files, options, err));
    RF_TRY(copy_positions(&files->positions, options->resume, files->inputs.n, err));
    RF_TRY(assign_slots(files, err));
    RF_TRY(look_at_all(files, err));
    RF_TRY(open_letters(files, options, err));
    *self = files;
    files = NULL;
done:
    files_close(files, true);
    return st;
}

/* ---- reading ---- */

/* A failure to keep the rejected records outweighs that they are too many: the message says where they are.
 */
static rf_status over_limit(files_source *files, const rf_err *why, rf_err *err)
{
    rf_status st = RF_OK;
    if (files->letters != NULL)
        RF_TRY(rf_deadletter_flush(files->letters, false, NULL, err));
    st = rf_err_set(err, why->code, why->file, why->line, "%s", why->msg);
done:
    return st;
}

static rf_status set_aside(files_source *files, const rf_record *record, const rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err limit = {0};
    const char *name = input_name(files, files->at);
    if (files->letters != NULL)
        RF_TRY(rf_deadletter_add(files->letters, name, record, reject, err));
    else
        rf_log(RF_LOG_DEBUG, "%s:%lld: rejected: %s: %s", name, (long long)record->line,
               rf_reject_name(reject->code), reject->text);
    st = rf_intake_rejected(files->intake, reject, files->letters_path, &limit);
    st = st == RF_OK ? RF_SKIPPED : over_limit(files, &limit, err);
done:
    return st;
}

static rf_status finish(files_source *files, rf_err *err)
{
    rf_err limit = {0};
    rf_status st = rf_intake_end(files->intake, files->letters_path, &limit);
    return st == RF_OK ? RF_EOF : over_limit(files, &limit, err);
}

static rf_status decode(files_source *files, rf_record *record, rf_event **event, rf_reject *reject,
                        rf_err *err)
{
    if (record->too_long)
        return rf_intake_too_long(files->intake, reject);
    rf_status st =
        rf_intake_decode(files->intake, files->current_format, record->text, NULL, event, reject, err);
    if (st == RF_SKIPPED && reject->code == RF_REJECT_BAD_CSV)
        rf_records_keep_first_line(files->records, record); /* a stray quote must not swallow good records */
    return st;
}

/* The next record of any input; RF_EOF behind the last one. */
static rf_status next_record(files_source *files, rf_record *record, rf_err *err)
{
    rf_status st = RF_OK;
    for (;;) {
        if (!files->is_open && files->at == files->inputs.n)
            return RF_EOF;
        if (!files->is_open)
            RF_TRY(enter_input(files, err));
        RF_TRY(rf_records_next(files->records, record, err));
        if (st != RF_EOF)
            break;
        leave_input(files);
    }
done:
    return st;
}

static rf_status files_poll(void *self, const rf_event *const **events, size_t max, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    files_source *files = self;
    rf_record record;
    rf_reject reject;
    rf_event *event = NULL;
    (void)max;

    RF_TRY(next_record(files, &record, err));
    if (st == RF_EOF)
        return finish(files, err);
    RF_TRY(decode(files, &record, &event, &reject, err));
    files->positions.items[files->slots[files->at]].records++;
    if (st == RF_SKIPPED)
        return set_aside(files, &record, &reject, err);
    event->place = (rf_place){input_name(files, files->at), -1, record.line};
    files->event = event;
    *events = &files->event;
    *n = 1;
done:
    return st;
}

static void files_progress(const void *self, int64_t *done, int64_t *total)
{
    const files_source *files = self;
    *done = files->stored_before;
    if (files->is_open)
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
    note_position(files);
    RF_TRY(copy_positions(&copy, &files->positions, 0, err));
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
