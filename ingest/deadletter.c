/* deadletter.c - the file of records that were set aside: one JSON object a line, with place, reason and
 * record.
 *
 * Lines are appended. When the file is opened, it is cut to the length that belongs to the resumed positions,
 * so that a restart neither repeats nor loses a line. docs/INGEST.md describes the format. intake.c does the
 * counting.
 */
#include "deadletter_int.h"
#include "rf_count.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "avro_json_int.h"
#include "decoder_int.h"
#include "rf_beside.h"
#include "rf_file.h"
#include "rf_json.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rf_time.h"

#define SHORTENED_BYTES 4096 /* of a record that is too long */
#define FLUSH_BYTES 65536

struct rf_deadletter {
    char *path;
    int fd;
    int64_t bytes;   /* of the file and of what was dropped from it, pending text excluded */
    bool hides;      /* letters have no records */
    bool dated;      /* letters say when they were written */
    rf_text pending; /* lines not yet written */
    rf_text base64;
    rf_json *json, *shown; /* shown: a record that is no text */
};

static rf_status cut_file(rf_deadletter *letters, int64_t keep_bytes, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    if (fstat(letters->fd, &info) != 0)
        RF_FAIL(err, RF_E_IO, "dead letters %s: %s", letters->path, strerror(errno));
    if (!S_ISREG(info.st_mode) || rf_path_descriptor(letters->path) >= 0) /* /dev/null, a pipe, stdout */
        return RF_OK;
    rf_forgotten_letters gone = {0};
    RF_TRY(rf_forgotten_letters_read(&gone, letters->path, err));
    int64_t before =
        gone.bytes - gone.line_bytes; /* what the file's first byte would be without the dropped */
    if (keep_bytes == 0)              /* from the start: nothing was ever dropped */
        before = 0;
    else if (keep_bytes < before + gone.line_bytes)
        keep_bytes = before + gone.line_bytes;
    info.st_size += before;
    if (info.st_size < keep_bytes) {
        rf_log(RF_LOG_WARN,
               "dead letters %s: %lld bytes long, expected %lld: another program cut the file; continuing at "
               "its end",
               letters->path, (long long)info.st_size, (long long)keep_bytes);
        keep_bytes = info.st_size;
    }
    if (info.st_size > keep_bytes && ftruncate(letters->fd, keep_bytes - before) != 0)
        RF_FAIL(err, RF_E_IO, "dead letters %s: cannot be cut to %lld bytes: %s", letters->path,
                (long long)keep_bytes, strerror(errno));
    letters->bytes = keep_bytes;
done:
    return st;
}

rf_status rf_deadletter_open(rf_deadletter **out, const rf_source_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_deadletter *letters = NULL;
    const char *path = options->dead_letters;
    const int64_t keep_bytes = options->resume == NULL ? 0 : options->resume->dead_letter_bytes;
    const int64_t forget_before_us = options->forget_before_us;
    int64_t dropped = 0;
    if (forget_before_us != 0 && keep_bytes > 0 && rf_path_descriptor(path) < 0)
        RF_TRY(rf_letters_forget(&dropped, path, forget_before_us, err));
    if (dropped > 0)
        rf_log(RF_LOG_INFO, "retention: %s: %s dropped", path, RF_THINGS(dropped, "dead letter"));
    RF_ZERO(letters, 1, err);
    letters->fd = -1;
    letters->dated = forget_before_us != 0;
    letters->hides = rf_source_hides_ids(options);
    letters->path = rf_mem_text(path, strlen(path), err);
    if (letters->path == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(rf_json_new(&letters->json, err));
    RF_TRY(rf_json_new(&letters->shown, err));
    rf_err why = {0};
    st = rf_file_open_kept(&letters->fd, path, O_WRONLY | O_APPEND, &why);
    if (st < 0)
        RF_FAIL(err, st, "dead letters %s", why.msg);
    RF_TRY(cut_file(letters, keep_bytes, err));
    *out = letters;
    letters = NULL;
done:
    rf_deadletter_close(letters);
    return st;
}

/* After the place: what is wrong, and the record. */
static rf_status finish_line(rf_deadletter *letters, rf_span text, bool shortened, const rf_reject *reject,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = letters->json;
    char at[RF_TIME_TEXT];
    const char *line;
    size_t len;
    if (!letters->hides)
        text = rf_avro_shown(letters->shown, reject->schema, reject->before, text);
    rf_json_map_close(json);
    rf_json_key(json, "code");
    rf_json_string(json, rf_reject_name(reject->code));
    rf_json_key(json, "reason");
    rf_json_string(json, reject->text);
    if (text.ptr == NULL || letters->hides) {
        rf_json_key(json, "record");
        rf_json_null(json);
    } else if (rf_utf8_valid(text.ptr, text.len)) {
        rf_json_key(json, "record");
        rf_json_text(json, text.ptr, text.len);
    } else {
        rf_text_reset(&letters->base64);
        RF_TRY(rf_base64_add(&letters->base64, text.ptr, text.len, false, err));
        rf_json_key(json, "record_base64");
        rf_json_text(json, letters->base64.ptr, letters->base64.len);
    }
    if (shortened) {
        rf_json_key(json, "shortened");
        rf_json_bool(json, true);
    }
    if (letters->dated)
        rf_json_put_string(json, "at", rf_time_format(at, rf_time_now_us()));
    rf_json_map_close(json);
    RF_TRY(rf_json_end(json, &line, &len, err));
    RF_TRY(rf_text_add(&letters->pending, line, len, err));
    RF_TRY(rf_text_add(&letters->pending, "\n", 1, err));
    if (letters->pending.len >= FLUSH_BYTES)
        st = rf_deadletter_flush(letters, false, NULL, err);
done:
    return st;
}

static void begin(rf_json *json)
{
    rf_json_reset(json);
    rf_json_map_open(json);
    rf_json_key(json, "place");
    rf_json_map_open(json);
}

/* Of a record with several events the one that is meant, and what of the record it is. */
static rf_span put_element(rf_json *json, const rf_reject *reject, rf_span record)
{
    if (reject->element < 0)
        return record;
    rf_json_key(json, "element");
    rf_json_int(json, reject->element);
    return reject->part.ptr == NULL ? record : reject->part;
}

rf_status rf_deadletter_add(rf_deadletter *letters, const char *name, const rf_record *record,
                            const rf_reject *reject, rf_err *err)
{
    rf_json *json = letters->json;
    begin(json);
    rf_json_key(json, "file");
    rf_json_string(json, name);
    if (record->block > 0)
        rf_json_put_int(json, "block", record->block);
    rf_json_put_int(json, record->block > 0 ? "record" : "line", record->line);
    return finish_line(letters, put_element(json, reject, record->text), record->too_long, reject, err);
}

rf_status rf_deadletter_add_message(rf_deadletter *letters, const char *topic, int32_t partition,
                                    int64_t offset, rf_span value, const rf_reject *reject, rf_err *err)
{
    rf_json *json = letters->json;
    begin(json);
    rf_json_key(json, "topic");
    rf_json_string(json, topic);
    rf_json_key(json, "partition");
    rf_json_int(json, partition);
    rf_json_key(json, "offset");
    rf_json_int(json, offset);
    bool shortened = reject->code == RF_REJECT_RECORD_TOO_LONG;
    if (shortened && value.len > SHORTENED_BYTES)
        value.len = SHORTENED_BYTES;
    return finish_line(letters, put_element(json, reject, value), shortened, reject, err);
}

rf_status rf_deadletter_flush(rf_deadletter *letters, bool sync, int64_t *bytes, rf_err *err)
{
    rf_status st = RF_OK;
    size_t done_bytes = 0;
    while (done_bytes < letters->pending.len) {
        ssize_t n = write(letters->fd, letters->pending.ptr + done_bytes, letters->pending.len - done_bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            RF_FAIL(err, RF_E_IO, "dead letters %s: writing failed: %s", letters->path, strerror(errno));
        done_bytes += (size_t)n;
        letters->bytes += n;
    }
    rf_text_reset(&letters->pending);
    if (sync && fsync(letters->fd) != 0 && errno != EINVAL && errno != EROFS)
        RF_FAIL(err, RF_E_IO, "dead letters %s: fsync failed: %s", letters->path, strerror(errno));
    if (bytes != NULL)
        *bytes = letters->bytes;
done:
    return st;
}

void rf_deadletter_close(rf_deadletter *letters)
{
    if (letters == NULL)
        return;
    if (letters->fd >= 0) {
        rf_status ignored = rf_deadletter_flush(letters, false, NULL, NULL);
        (void)ignored;
        (void)close(letters->fd);
    }
    rf_json_free(letters->json);
    rf_json_free(letters->shown);
    rf_text_clear(&letters->pending);
    rf_text_clear(&letters->base64);
    rf_mem_free(letters->path);
    rf_mem_free(letters);
}
