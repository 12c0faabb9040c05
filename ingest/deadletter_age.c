/* deadletter_age.c - drops the oldest dead letters of a file, and says at its beginning what is no longer
 * there. */
#include "deadletter_int.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "rf_json_scan.h"
#include "rf_lines.h"
#include "rf_text.h"
#include "rf_time.h"

#define BEGINS "{\"forgotten\":{\"letters\":"

/* The line, if `text` is one. */
static bool parse(rf_forgotten_letters *out, rf_span text)
{
    int64_t letters, bytes;
    rf_span gone = rf_json_member(text, "forgotten");
    rf_span n = rf_json_member(gone, "letters"), size = rf_json_member(gone, "bytes");
    if (!rf_int_parse(&letters, n.ptr, n.len) || !rf_int_parse(&bytes, size.ptr, size.len) || letters < 0 ||
        bytes < 0)
        return false;
    *out = (rf_forgotten_letters){letters, bytes, (int64_t)text.len + 1};
    return true;
}

rf_status rf_forgotten_letters_read(rf_forgotten_letters *out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    char head[128];
    *out = (rf_forgotten_letters){0};
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        RF_FAIL(err, RF_E_IO, "dead letters %s: %s", path, strerror(errno));
    size_t n = fread(head, 1, sizeof head, file);
    const char *end = memchr(head, '\n', n);
    rf_span line = {head, end == NULL ? 0 : (size_t)(end - head)};
    if (line.len > strlen(BEGINS) && memcmp(head, BEGINS, strlen(BEGINS)) == 0 && rf_json_valid(line))
        (void)parse(out, line);
done:
    if (file != NULL)
        (void)fclose(file);
    return st;
}

typedef struct ages {
    int64_t before_us;
    int64_t last_old;          /* the last line that says it is older */
    rf_forgotten_letters seen; /* up to the line that is looked at, with those that were gone before */
    rf_forgotten_letters gone; /* up to the last old one */
} ages;

static bool is_old(const ages *a, rf_span line)
{
    rf_span at = rf_json_valid(line) ? rf_json_member(line, "at") : (rf_span){0};
    int64_t time_us;
    return at.len > 2 && rf_time_parse_iso(&time_us, at.ptr + 1, at.len - 2, NULL) && time_us < a->before_us;
}

/* Letters were written one after the other: what is before an old one is older still. */
static rf_status count_old(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *out,
                           rf_err *err)
{
    ages *a = context;
    (void)fate;
    (void)out;
    (void)err;
    if (line == 1 && a->seen.line_bytes > 0)
        return RF_OK;
    a->seen.letters++;
    a->seen.bytes += (int64_t)text.len + 1;
    if (is_old(a, text)) {
        a->last_old = line;
        a->gone = a->seen;
    }
    return RF_OK;
}

static rf_status drop_old(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *out,
                          rf_err *err)
{
    rf_status st = RF_OK;
    const ages *a = context;
    (void)text;
    if (line > a->last_old)
        return RF_OK;
    *fate = RF_LINE_DROP;
    if (line == 1) { /* becomes the line that says what is gone, or was it already */
        RF_TRY(rf_text_printf(out, err, BEGINS "%lld,\"bytes\":%lld}}", (long long)a->gone.letters,
                              (long long)a->gone.bytes));
        *fate = RF_LINE_REPLACE;
    }
done:
    return st;
}

rf_status rf_letters_forget(int64_t *dropped, const char *path, int64_t before_us, rf_err *err)
{
    rf_status st = RF_OK;
    ages a = {.before_us = before_us};
    const rf_line_judge counts = {count_old, &a}, drops = {drop_old, &a};
    struct stat info;
    int64_t changed;
    *dropped = 0;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return RF_OK;
    RF_TRY(rf_forgotten_letters_read(&a.seen, path, err));
    int64_t before = a.seen.letters;
    RF_TRY(rf_lines_judge(&changed, path, &counts, err));
    if (a.last_old == 0)
        goto done;
    *dropped = a.gone.letters - before;
    RF_TRY(rf_lines_rewrite(&changed, path, &drops, err));
done:
    return st;
}
