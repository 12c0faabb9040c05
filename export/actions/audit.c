/* audit.c - the append-only record: each entry is one write at the end of the file, so that several processes
 * may write to it. Each write holds the file's lock (rf_append.h), because ageing and erasing replace the
 * file. */
#include "rf_audit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_append.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rf_time.h"

struct rf_audit {
    int fd;     /* -1: not open */
    bool cut;   /* a write that failed left part of a line */
    char *path; /* NULL: no file */
    rf_json *json;
    rf_text line;
};

static rf_status failed(const rf_audit *audit, const char *what, rf_err *err)
{
    return rf_err_set(err, RF_E_IO, __FILE__, __LINE__,
                      "%s: the audit log cannot be %s: %s; nothing goes on without it (audit.path)",
                      audit->path, what, strerror(errno));
}

static rf_status write_all(rf_audit *audit, const char *bytes, size_t len, rf_err *err)
{
    while (len > 0) {
        ssize_t n = write(audit->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(audit, "written", err);
        audit->cut = true;
        bytes += n;
        len -= (size_t)n;
    }
    audit->cut = false;
    return RF_OK;
}

/* What cannot be read, such as standard output, ends as this process left it. */
static bool last_line_is_cut(const rf_audit *audit)
{
    struct stat info;
    char last;
    if (fstat(audit->fd, &info) == 0 && info.st_size > 0 && pread(audit->fd, &last, 1, info.st_size - 1) == 1)
        return last != '\n';
    return audit->cut;
}

/* A line that a crash or a full disk cut short stays what it is: a line of its own. */
static rf_status close_last_line(rf_audit *audit, rf_err *err)
{
    return last_line_is_cut(audit) ? write_all(audit, "\n", 1, err) : RF_OK;
}

/* Alone with the file, whose last line has an end then. */
static rf_status enter(rf_audit *audit, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err why = {0};
    st = rf_append_lock(&audit->fd, audit->path, &why);
    if (st < 0)
        RF_FAIL(err, st, "%s; nothing goes on without the audit log (audit.path)", why.msg);
    st = close_last_line(audit, err);
    if (st < 0)
        rf_append_unlock(audit->fd);
done:
    return st;
}

rf_status rf_audit_open(rf_audit **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_audit *audit = NULL;
    RF_ZERO(audit, 1, err);
    audit->fd = -1;
    if (path != NULL) {
        RF_NEW(audit->path, strlen(path) + 1, err);
        memcpy(audit->path, path, strlen(path) + 1);
        RF_TRY(rf_json_new(&audit->json, err));
        RF_TRY(enter(audit, err));
        rf_append_unlock(audit->fd);
    }
    *out = audit;
    audit = NULL;
done:
    rf_audit_close(audit);
    return st;
}

rf_status rf_audit_begin(rf_audit *audit, const char *event, const char *run_id, rf_json **json, rf_err *err)
{
    char at[RF_TIME_TEXT];
    (void)err;
    *json = NULL;
    if (audit->path == NULL)
        return RF_OK;
    rf_json_reset(audit->json);
    rf_json_map_open(audit->json);
    rf_json_put_string(audit->json, "at", rf_time_format(at, rf_time_now_us()));
    rf_json_put_string(audit->json, "event", event);
    if (run_id != NULL) {
        rf_json_put_string(audit->json, "run_id", run_id);
    }
    *json = audit->json;
    return RF_OK;
}

rf_status rf_audit_add(rf_audit *audit, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text;
    size_t len;
    if (audit->path == NULL)
        return RF_OK;
    rf_json_map_close(audit->json);
    RF_TRY(rf_json_end(audit->json, &text, &len, err));
    rf_text_reset(&audit->line);
    RF_TRY(rf_text_add(&audit->line, text, len, err));
    RF_TRY(rf_text_add(&audit->line, "\n", 1, err));
    RF_TRY(enter(audit, err));
    st = write_all(audit, audit->line.ptr, audit->line.len, err);
    rf_append_unlock(audit->fd);
done:
    return st;
}

void rf_audit_types(rf_json *json, const char *key, const rf_tags *tags, int64_t *by_rule)
{
    for (int64_t rule = 0; rule < tags->rule_type.n; rule++) {
        int64_t first = rf_tags_first_rule(tags, rule);
        if (first != rule)
            by_rule[first] += by_rule[rule];
    }
    rf_json_key(json, key);
    rf_json_map_open(json);
    for (int64_t rule = 0; rule < tags->rule_type.n; rule++) {
        if (by_rule[rule] == 0 || rf_tags_first_rule(tags, rule) != rule)
            continue;
        rf_json_key(json, rf_texts_get(&tags->rule_type, rule));
        rf_json_int(json, by_rule[rule]);
    }
    rf_json_map_close(json);
}

rf_status rf_audit_sync(rf_audit *audit, rf_err *err)
{
    /* a pipe or a device has nothing to sync */
    if (audit->fd >= 0 && fsync(audit->fd) != 0 && errno != EINVAL && errno != EROFS)
        return failed(audit, "brought to the disk", err);
    return RF_OK;
}

void rf_audit_close(rf_audit *audit)
{
    if (audit == NULL)
        return;
    rf_append_close(&audit->fd);
    rf_json_free(audit->json);
    rf_text_clear(&audit->line);
    rf_mem_free(audit->path);
    rf_mem_free(audit);
}
