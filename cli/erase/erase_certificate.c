/* erase_certificate.c - what an erasure did, for those who must be able to show it: a JSON file without the
 * ids, and a line of the audit log.
 */
#include <string.h>

#include "erase_int.h"
#include "rf_file.h"
#include "rf_json_scan.h"
#include "rf_time.h"

static void put_subjects(rf_json *json, const rf_subjects *subjects)
{
    rf_json_key(json, "subjects");
    rf_json_array_open(json);
    for (size_t i = 0; i < subjects->n; i++) {
        rf_json_map_open(json);
        rf_json_put_string(json, "kind", rf_side_name(subjects->at[i].side));
        rf_json_put_string(json, "hash", subjects->at[i].hash);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
}

rf_status rf_erase_audit(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_audit *audit;
    rf_json *json;
    RF_TRY(rf_job_audit(e->job, &audit, err));
    RF_TRY(rf_audit_begin(audit, "erased", NULL, &json, err));
    if (json != NULL) {
        put_subjects(json, &e->subjects);
        rf_json_put_string(json, "certificate", e->certificate);
        rf_json_put_int(json, "files", (int64_t)e->n_entries);
    }
    RF_TRY(rf_audit_add(audit, err));
    RF_TRY(rf_audit_sync(audit, err));
done:
    return st;
}

/* ---- the certificate, a line an entry ---- */

/* The member's text, with its quotes. */
static rf_status add_member(rf_text *out, rf_span object, const char *key, rf_err *err)
{
    rf_span value = rf_json_member(object, key);
    return rf_text_printf(out, err, "\"%s\":%.*s", key, (int)value.len, value.ptr == NULL ? "" : value.ptr);
}

static rf_status add_json(rf_text *out, rf_json *json, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    size_t len;
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(rf_text_add(out, text, len, err));
done:
    return st;
}

/* The beginning of an object; more members follow. */
static rf_status add_opened(rf_text *out, rf_json *json, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(add_json(out, json, err));
    out->ptr[out->len - 1] = ',';
done:
    return st;
}

/* A text without the ids: one that has one says what it is instead. */
static const char *masked(const rf_erase *e, const char *text, const char *instead)
{
    const char *at;
    size_t len;
    return rf_subjects_in_text(&e->subjects, (rf_span){text, strlen(text)}, &at, &len) == NULL ? text
                                                                                               : instead;
}

static rf_status add_entry(rf_text *out, const rf_erase *e, const rf_entry *entry, rf_json *json, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const members[] = {"kind", "how", "removed", "before_sha256"};
    char hash[RF_HASH_HEX];
    rf_json_reset(json);
    rf_json_map_open(json);
    rf_json_put_string(json, "file", masked(e, entry->path, "(a name that has the id)"));
    rf_json_map_close(json);
    RF_TRY(rf_text_printf(out, err, "  "));
    RF_TRY(add_opened(out, json, err));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        RF_TRY(add_member(out, (rf_span){entry->line, strlen(entry->line)}, members[i], err));
        RF_TRY(rf_text_printf(out, err, ","));
    }
    if (rf_path_exists(entry->path)) {
        RF_TRY(rf_file_sha256(hash, entry->path, err));
        RF_TRY(rf_text_printf(out, err, "\"after_sha256\":\"%s\"}", hash));
    } else {
        RF_TRY(rf_text_printf(out, err, "\"after_sha256\":null}"));
    }
done:
    return st;
}

/* Who, when, with which key, by which version. */
static rf_status add_head(rf_text *out, const rf_erase *e, rf_json *json, rf_err *err)
{
    rf_status st = RF_OK;
    char now[RF_TIME_TEXT];
    rf_json_map_open(json);
    rf_json_put_string(json, "schema", RF_ERASE_SCHEMA);
    rf_json_put_string(json, "ringfence", RF_VERSION);
    rf_json_put_string(json, "began_at", e->began_at);
    rf_json_put_string(json, "finished_at", rf_time_format(now, rf_time_now_us()));
    rf_json_put_bool(json, "complete", e->left_ours == 0);
    rf_json_put_string(json, "hash", "HMAC-SHA-256 of kind, NUL, id");
    rf_json_put_string(json, "key",
                       e->one_time_key ? "made for this erasure and forgotten" : "erase.key_file");
    put_subjects(json, &e->subjects);
    rf_json_map_close(json);
    RF_TRY(add_opened(out, json, err));
    RF_TRY(rf_text_printf(out, err, "\n \"files\":["));
done:
    return st;
}

static rf_status add_tail(rf_text *out, const rf_erase *e, rf_json *json, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json_reset(json);
    rf_json_map_open(json);
    rf_json_key(json, "topics");
    rf_json_array_open(json);
    if (e->has_topic) {
        rf_json_map_open(json);
        rf_json_put_string(json, "topic", e->job->settings->emit.kafka.score_topic);
        rf_json_put_int(json, "tombstones", e->tombstones);
        rf_json_put_int(json, "rewritten", e->rewritten);
        rf_json_map_close(json);
    }
    rf_json_array_close(json);
    rf_json_key(json, "checked");
    rf_json_map_open(json);
    rf_json_put_int(json, "files", e->checked_files);
    rf_json_put_int(json, "bytes", e->checked_bytes);
    rf_json_map_close(json);
    rf_json_key(json, "left");
    rf_json_array_open(json);
    for (size_t i = 0; i < e->left.n; i++)
        rf_json_string(json, masked(e, e->left.at[i], "(a line that has the id; it was printed)"));
    rf_json_array_close(json);
    rf_json_map_close(json);
    RF_TRY(rf_text_printf(out, err, "],\n "));
    size_t from = out->len;
    RF_TRY(add_json(out, json, err));
    memmove(out->ptr + from, out->ptr + from + 1, out->len - from); /* its opening brace */
    out->len--;
    RF_TRY(rf_text_printf(out, err, "\n"));
done:
    return st;
}

rf_status rf_certificate_write(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    rf_json *json = NULL;
    rf_file *file = NULL;
    RF_TRY(rf_json_new(&json, err));
    RF_TRY(add_head(&text, e, json, err));
    for (size_t i = 0; i < e->n_entries; i++) {
        RF_TRY(rf_text_printf(&text, err, i == 0 ? "\n" : ",\n"));
        RF_TRY(add_entry(&text, e, &e->entries[i], json, err));
    }
    RF_TRY(add_tail(&text, e, json, err));
    RF_TRY(rf_file_create_beside(&file, e->certificate, err));
    RF_TRY(rf_file_write(file, text.ptr, text.len, err));
    RF_TRY(rf_file_commit(file, err));
done:
    rf_file_close(&file);
    rf_json_free(json);
    rf_text_clear(&text);
    return st;
}
