/* erase_journal.c - the file erase.pending: who is erased, and what was found in each file.
 *
 * Its first line appears whole, with the ids, because whoever finishes an erasure after a kill may not know
 * them any more. Each further line is on the disk before its file is replaced. So after a kill a file either
 * still has the subjects, and is done again, or its line says what it had. The file goes when the certificate
 * is there.
 */
#include "erase_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rf_beside.h"
#include "rf_file.h"
#include "rf_json_scan.h"
#include "rf_mem.h"
#include "rf_secret.h"

#define MOST_BYTES ((size_t)64 << 20)

/* ---- reading ---- */

static rf_status read_whole(rf_text *out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char block[4096];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT)
        return RF_OK;
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    for (ssize_t n = 1; n != 0;) {
        n = read(fd, block, sizeof block);
        if (n < 0 && errno != EINTR)
            RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
        if (n > 0)
            RF_TRY(rf_text_add(out, block, (size_t)n, err));
        if (out->len > MOST_BYTES)
            RF_FAIL(err, RF_E_FORMAT, "%s: is too long for the journal of an erasure", path);
    }
done:
    rf_wipe(block, sizeof block);
    if (fd >= 0)
        (void)close(fd);
    return st;
}

/* A text as put_text wrote it; an empty one where the value is none. */
static rf_status read_text(rf_text *out, rf_span value, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span packed = rf_json_member(value, "base64");
    rf_text_reset(out);
    RF_TRY(rf_text_add(out, "", 0, err));
    if (packed.len >= 2)
        return rf_base64_read(out, packed.ptr + 1, packed.len - 2, false, err);
    if (value.len < 2 || value.ptr[0] != '"')
        return RF_OK;
    RF_TRY(rf_text_add(out, value.ptr + 1, value.len - 2, err));
    out->len = rf_json_unescape(out->ptr, (rf_span){value.ptr + 1, value.len - 2});
    out->ptr[out->len] = '\0';
done:
    return st;
}

static rf_status member_text(rf_text *out, rf_span object, const char *key, rf_err *err)
{
    return read_text(out, rf_json_member(object, key), err);
}

static bool member_is_true(rf_span object, const char *key)
{
    rf_span value = rf_json_member(object, key);
    return value.len == 4 && memcmp(value.ptr, "true", 4) == 0;
}

static rf_status take_ids(rf_erase *e, rf_span header, const char *key, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text id = {0};
    rf_json_scan s = rf_json_scan_of(rf_json_member(header, key));
    for (bool more = rf_json_next_is(&s, '['); more && !rf_json_next_is(&s, ']');) {
        rf_span value = {s.at, 0};
        more = rf_json_pass_value(&s);
        value.len = (size_t)(s.at - value.ptr);
        RF_TRY(read_text(&id, value, err));
        RF_TRY(rf_subjects_add(&e->subjects, side, id.ptr, id.len, err));
        (void)rf_json_next_is(&s, ',');
    }
done:
    if (id.ptr != NULL)
        rf_wipe(id.ptr, id.cap);
    rf_text_clear(&id);
    return st;
}

static rf_status take_header(rf_erase *e, rf_span header, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    RF_TRY(member_text(&text, header, "schema", err));
    if (strcmp(text.ptr, RF_ERASE_SCHEMA) != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: is not the journal of an erasure; look at it, remove it, and start the erasure again",
                e->pending);
    RF_TRY(member_text(&text, header, "key", err));
    if (text.len > 0) {
        rf_hash_key_free(e->key);
        e->key = NULL;
        RF_TRY(rf_hash_key_of_hex(&e->key, text.ptr, text.len, err));
        e->one_time_key = true;
    } else if (e->one_time_key) {
        RF_FAIL(err, RF_E_INVALID,
                "%s: the erasure that was interrupted had a key (erase.key_file); set it again", e->pending);
    }
    e->subjects.key = e->key;
    e->keep_categories = member_is_true(header, "keep_categories");
    e->had_tags = member_is_true(header, "had_tags");
    e->had_clusters = member_is_true(header, "had_clusters");
    RF_TRY(member_text(&text, header, "began_at", err));
    snprintf(e->began_at, sizeof e->began_at, "%s", text.ptr);
    RF_TRY(member_text(&text, header, "certificate", err));
    rf_mem_free(e->certificate);
    e->certificate = rf_mem_text(text.ptr, text.len, err);
    if (e->certificate == NULL)
        st = RF_E_NOMEM;
    RF_TRY(st);
    RF_TRY(take_ids(e, header, "users", RF_USER, err));
    RF_TRY(take_ids(e, header, "entities", RF_ENTITY, err));
done:
    if (text.ptr != NULL)
        rf_wipe(text.ptr, text.cap);
    rf_text_clear(&text);
    return st;
}

/* NULL: nothing was found in a file that is called so, or that is this one under another name. */
static rf_entry *find_entry(const rf_erase *e, const char *path)
{
    for (size_t i = 0; i < e->n_entries; i++) {
        if (strcmp(e->entries[i].path, path) == 0 || rf_path_same_file(e->entries[i].path, path))
            return &e->entries[i];
    }
    return NULL;
}

/* The later line about a file takes the place of the earlier one. */
static rf_status keep_entry(rf_erase *e, const char *path, rf_span line, rf_err *err)
{
    rf_status st = RF_OK;
    rf_entry *entry = find_entry(e, path);
    char *copy = rf_mem_text(line.ptr, line.len, err), *name = rf_mem_text(path, strlen(path), err);
    if (copy == NULL || name == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    if (entry == NULL) {
        RF_RESERVE(e->entries, e->cap_entries, e->n_entries + 1, err);
        entry = &e->entries[e->n_entries++];
        *entry = (rf_entry){.path = name};
        name = NULL;
    }
    rf_mem_free(entry->line);
    entry->line = copy;
    copy = NULL;
done:
    rf_mem_free(copy);
    rf_mem_free(name);
    return st;
}

static rf_status open_journal(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    e->fd = open(e->pending, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (e->fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", e->pending, strerror(errno));
done:
    return st;
}

rf_status rf_journal_resume(rf_erase *e, bool *found, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text whole = {0}, file = {0};
    *found = false;
    RF_TRY(read_whole(&whole, e->pending, err));
    if (whole.len == 0)
        goto done;
    for (size_t at = 0; at < whole.len;) {
        const char *end = memchr(whole.ptr + at, '\n', whole.len - at);
        size_t len = end == NULL ? whole.len - at : (size_t)(end - whole.ptr) - at;
        rf_span line = {whole.ptr + at, len};
        bool whole_line = end != NULL && rf_json_valid(line); /* a kill can cut the last one short */
        if (at == 0 && !whole_line)
            RF_FAIL(
                err, RF_E_FORMAT,
                "%s: is not the journal of an erasure; look at it, remove it, and start the erasure again",
                e->pending);
        if (at == 0) {
            RF_TRY(take_header(e, line, err));
        } else if (whole_line) {
            RF_TRY(member_text(&file, line, "file", err));
            RF_TRY(keep_entry(e, file.ptr, line, err));
        }
        at += len + 1;
    }
    RF_TRY(open_journal(e, err));
    if (whole.ptr[whole.len - 1] != '\n' && write(e->fd, "\n", 1) != 1)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", e->pending, strerror(errno));
    *found = true;
done:
    if (whole.ptr != NULL)
        rf_wipe(whole.ptr, whole.cap);
    rf_text_clear(&whole);
    rf_text_clear(&file);
    return st;
}

/* ---- writing ---- */

/* Every byte comes back, also of a name that is no UTF-8: that one is {"base64":"..."}. */
static rf_status put_text(rf_json *json, const char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text packed = {0};
    if (rf_utf8_valid(bytes, len)) {
        rf_json_text(json, bytes, len);
        return RF_OK;
    }
    RF_TRY(rf_base64_add(&packed, bytes, len, false, err));
    rf_json_map_open(json);
    rf_json_key(json, "base64");
    rf_json_text(json, packed.ptr, packed.len);
    rf_json_map_close(json);
done:
    if (packed.ptr != NULL) /* it may be an id */
        rf_wipe(packed.ptr, packed.cap);
    rf_text_clear(&packed);
    return st;
}

static rf_status put_path(rf_json *json, const char *key, const char *path, rf_err *err)
{
    rf_json_key(json, key);
    return put_text(json, path, strlen(path), err);
}

static rf_status put_ids(rf_json *json, const char *key, const rf_subjects *subjects, rf_side side,
                         rf_err *err)
{
    rf_status st = RF_OK;
    rf_json_key(json, key);
    rf_json_array_open(json);
    for (size_t i = 0; i < subjects->n; i++) {
        if (subjects->at[i].side == side)
            RF_TRY(put_text(json, subjects->at[i].id.ptr, subjects->at[i].id.len, err));
    }
    rf_json_array_close(json);
done:
    return st;
}

rf_status rf_journal_begin(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    char hex[RF_HASH_HEX] = "";
    RF_TRY(rf_json_new(&json, err));
    if (e->one_time_key)
        rf_hash_key_hex(hex, e->key);
    rf_json_map_open(json);
    rf_json_put_string(json, "schema", RF_ERASE_SCHEMA);
    rf_json_put_string(json, "began_at", e->began_at);
    RF_TRY(put_path(json, "certificate", e->certificate, err));
    rf_json_put_string(json, "key", e->one_time_key ? hex : NULL);
    rf_json_put_bool(json, "keep_categories", e->keep_categories);
    rf_json_put_bool(json, "had_tags", e->had_tags);
    rf_json_put_bool(json, "had_clusters", e->had_clusters);
    RF_TRY(put_ids(json, "users", &e->subjects, RF_USER, err));
    RF_TRY(put_ids(json, "entities", &e->subjects, RF_ENTITY, err));
    rf_json_map_close(json);
    RF_TRY(rf_json_save(json, e->pending, err));
    RF_TRY(open_journal(e, err));
done:
    rf_wipe(hex, sizeof hex);
    rf_json_free(json);
    return st;
}

rf_status rf_journal_note(rf_erase *e, const char *path, const char *kind, const char *how,
                          const rf_figure *removed, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    rf_text line = {0};
    char hash[RF_HASH_HEX];
    const char *text;
    size_t len;
    RF_TRY(rf_file_sha256(hash, path, err));
    RF_TRY(rf_json_new(&json, err));
    rf_json_map_open(json);
    RF_TRY(put_path(json, "file", path, err));
    rf_json_put_string(json, "kind", kind);
    rf_json_put_string(json, "how", how);
    rf_json_key(json, "removed");
    rf_json_map_open(json);
    for (; removed != NULL && removed->name != NULL; removed++) {
        if (removed->n > 0)
            rf_json_put_int(json, removed->name, removed->n);
    }
    rf_json_map_close(json);
    rf_json_put_string(json, "before_sha256", hash);
    rf_json_map_close(json);
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(keep_entry(e, path, (rf_span){text, len}, err));
    RF_TRY(rf_text_printf(&line, err, "%s\n", text));
    if (write(e->fd, line.ptr, line.len) != (ssize_t)line.len || fsync(e->fd) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be written: %s", e->pending, strerror(errno));
done:
    rf_text_clear(&line);
    rf_json_free(json);
    return st;
}

bool rf_journal_has(const rf_erase *e, const char *path)
{
    return find_entry(e, path) != NULL;
}

rf_status rf_journal_end(rf_erase *e, rf_err *err)
{
    rf_status st = RF_OK;
    if (unlink(e->pending) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be removed, and it has the ids: %s", e->pending, strerror(errno));
done:
    return st;
}

void rf_erase_clear(rf_erase *e)
{
    if (e->fd >= 0)
        (void)close(e->fd);
    for (size_t i = 0; i < e->n_entries; i++) {
        rf_mem_free(e->entries[i].path);
        rf_mem_free(e->entries[i].line);
    }
    rf_mem_free(e->entries);
    rf_paths_clear(&e->files);
    rf_paths_clear(&e->inputs);
    rf_paths_clear(&e->left);
    rf_subjects_clear(&e->subjects);
    rf_hash_key_free(e->key);
    rf_mem_free(e->pending);
    rf_mem_free(e->certificate);
}
