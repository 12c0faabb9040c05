/* csv_cut.c - cuts a CSV record into fields, one after the other, by any dialect's marks.
 *
 * The way for records with quotes and escapes. event_csv.c has a faster one for all the others.
 */
#include "csv_cut_int.h"

#include <string.h>

#include "rf_mem.h"

rf_status rf_csv_cutter_start(rf_csv_cutter *cutter, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    cutter->used = 0;
    RF_RESERVE(cutter->scratch, cutter->cap, record.len, err);
done:
    return st;
}

void rf_csv_cutter_clear(rf_csv_cutter *cutter)
{
    rf_mem_free(cutter->scratch);
    cutter->scratch = NULL;
}

static bool is_space(char c, char delimiter)
{
    return (c == ' ' || c == '\t') && c != delimiter;
}

rf_span rf_csv_trimmed(rf_span field, char delimiter)
{
    for (; field.len > 0 && is_space(field.ptr[0], delimiter); field.len--)
        field.ptr++;
    while (field.len > 0 && is_space(field.ptr[field.len - 1], delimiter))
        field.len--;
    return field;
}

/* What an escaped character means. */
static char meaning(char escape, char c)
{
    static const char letters[] = "nrt", meanings[] = "\n\r\t";
    const char *letter = escape == '\\' && c != '\0' ? strchr(letters, c) : NULL;
    return letter == NULL ? c : meanings[letter - letters];
}

/* The field's text, without what doubles or escapes a mark. */
static rf_span plain_text(rf_csv_cutter *cutter, rf_span written, bool quoted)
{
    const rf_csv_marks *marks = &cutter->marks;
    char *start = cutter->scratch + cutter->used, *to = start;
    for (size_t i = 0; i < written.len; i++) {
        char c = written.ptr[i];
        bool more = i + 1 < written.len;
        if (more && marks->escape != '\0' && c == marks->escape)
            c = meaning(c, written.ptr[++i]);
        else if (more && quoted && c == marks->quote)
            i++;
        *to++ = c;
    }
    cutter->used += (size_t)(to - start);
    return (rf_span){start, (size_t)(to - start)};
}

/* From `at` to the next quote or escape, or the end. */
static size_t next_mark(const rf_csv_marks *marks, rf_span record, size_t at)
{
    if (at >= record.len)
        return record.len;
    if (marks->escape == '\0') {
        const char *quote = memchr(record.ptr + at, marks->quote, record.len - at);
        return quote == NULL ? record.len : (size_t)(quote - record.ptr);
    }
    while (at < record.len && record.ptr[at] != marks->quote && record.ptr[at] != marks->escape)
        at++;
    return at;
}

/* At the opening quote. */
static bool take_quoted(rf_span *field, rf_csv_cutter *cutter, rf_span record, size_t *at, bool wanted)
{
    const rf_csv_marks *marks = &cutter->marks;
    size_t from = *at + 1, end = from;
    bool plain = true;
    for (;;) {
        end = next_mark(marks, record, end);
        if (end == record.len) {
            *at = record.len;
            return false;
        }
        bool doubled =
            record.ptr[end] == marks->quote && end + 1 < record.len && record.ptr[end + 1] == marks->quote;
        if (record.ptr[end] == marks->quote && !doubled)
            break;
        plain = false;
        end += 2;
    }
    *field = (rf_span){record.ptr + from, end - from};
    if (!plain && wanted)
        *field = plain_text(cutter, *field, true);
    *at = end + 1;
    while (marks->trim && *at < record.len && is_space(record.ptr[*at], marks->delimiter))
        ++*at;
    return *at == record.len || record.ptr[*at] == marks->delimiter;
}

/* MySQL and PostgreSQL write a missing value so, and no text. */
static bool is_null_mark(rf_span written, char escape)
{
    return written.len == 2 && written.ptr[0] == escape && written.ptr[1] == 'N';
}

bool rf_csv_take_field(rf_span *field, rf_csv_cutter *cutter, rf_span record, size_t *at, bool wanted)
{
    const rf_csv_marks *marks = &cutter->marks;
    size_t end = *at;
    bool plain = true;
    while (marks->trim && end < record.len && is_space(record.ptr[end], marks->delimiter))
        end++;
    if (marks->quote != '\0' && end < record.len && record.ptr[end] == marks->quote) {
        *at = end;
        return take_quoted(field, cutter, record, at, wanted);
    }
    for (; end < record.len && record.ptr[end] != marks->delimiter; end++) {
        if (marks->quote != '\0' && record.ptr[end] == marks->quote)
            break;
        if (marks->escape != '\0' && record.ptr[end] == marks->escape) {
            plain = false;
            end += end + 1 < record.len;
        }
    }
    *field = (rf_span){record.ptr + *at, end - *at};
    if (!plain && wanted && !is_null_mark(*field, marks->escape))
        *field = plain_text(cutter, *field, false);
    *at = end;
    return end == record.len || record.ptr[end] == marks->delimiter;
}
