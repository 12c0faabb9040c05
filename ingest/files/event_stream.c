/* event_stream.c - server-sent events whose JSON goes over several lines "data: ...": the record is their
 * texts, joined by line ends.
 *
 * A blank line ends an event. So does the end of its value: recordings often lack the blank lines. A value
 * that breaks off ends where the next one seems to begin, as in other streams (json_shape.c).
 */
#include "record_buffer_int.h"

#include <string.h>

#include "rf_json_scan.h"
#include "rf_mem.h"

#define FIRST_LOOK 256 /* bytes that are joined before they are looked at */
#define MOST_CONTENT 4 /* longest records that an event may take with the lines that are not of its data */

/* The line at `at` (from the first unread byte on), without its end, which is at *end. *is false: the content
 * ends before. Of a line that is longer than a record may be, only as much is read as shows that. */
static rf_status line_at(rf_records *records, size_t at, rf_span *line, size_t *end, bool *is, rf_err *err)
{
    rf_status st = RF_OK;
    const char *found = NULL;
    size_t seen = at;
    for (;;) {
        const char *start = records->buffer + records->from;
        size_t unread = rf_records_unread(records);
        found = seen < unread ? memchr(start + seen, '\n', unread - seen) : NULL;
        *end = found == NULL ? unread : (size_t)(found - start);
        if (found != NULL || records->ended || (unread > at && unread - at > records->max_record))
            break;
        seen = unread > at ? unread : at;
        RF_TRY(rf_records_fill(records, err));
    }
    const char *start = records->buffer + records->from;
    *is = at < *end || found != NULL;
    *line = *is ? (rf_span){start + at, *end - at} : (rf_span){start, 0};
    line->len -= line->len > 0 && line->ptr[line->len - 1] == '\r';
done:
    return st;
}

/* Does an object or array begin in front that does not end there? */
static bool goes_on(rf_span data)
{
    if (data.len == 0 || (data.ptr[0] != '{' && data.ptr[0] != '['))
        return false;
    rf_json_scan s = rf_json_scan_of(data);
    s.not_finite = true;
    return !rf_json_pass_value(&s) && s.at == s.end;
}

static rf_status join(rf_records *records, rf_span data, rf_err *err)
{
    rf_status st = RF_OK;
    bool more = records->joined_len > 0;
    RF_RESERVE(records->joined, records->joined_cap, records->joined_len + data.len + 1, err);
    if (more)
        records->joined[records->joined_len++] = '\n';
    memcpy(records->joined + records->joined_len, data.ptr, data.len);
    records->joined_len += data.len;
done:
    return st;
}

/* Joins the lines of data behind *end until there are `enough` bytes, the event ends, or it is too long. Its
 * other lines count, too: all of its content is in memory until it ends. */
static rf_status join_lines(rf_records *records, size_t *end, size_t enough, bool *ends, bool *too_long,
                            rf_err *err)
{
    rf_status st = RF_OK;
    while (records->joined_len < enough && !*too_long) {
        rf_span line;
        size_t line_end, at = *end + 1;
        bool is;
        RF_TRY(line_at(records, at, &line, &line_end, &is, err));
        *ends = !is || line.len == 0;
        *too_long = is && line_end - at > records->max_record; /* the line is a record of its own, then */
        if (*ends || *too_long)
            break;
        *end = line_end;
        rf_span data = rf_json_event_data(line);
        if (data.ptr != NULL)
            RF_TRY(join(records, data, err));
        *too_long = records->joined_len > records->max_record || *end / MOST_CONTENT > records->max_record;
    }
done:
    return st;
}

/* The length of content up to the end of the n-th line of data. */
static size_t end_of_data(const rf_records *records, size_t n)
{
    const char *start = records->buffer + records->from, *end = records->buffer + records->to, *at = start;
    for (;;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        n -= rf_json_event_data((rf_span){at, (size_t)(line_end - at)}).ptr != NULL;
        if (n == 0 || line_end == end)
            return (size_t)(line_end - start);
        at = line_end + 1;
    }
}

/* Cuts what was joined behind the line in which the value ends, and says in which line of data that is. */
static size_t cut_to_line(rf_records *records, size_t value)
{
    const char *joined = records->joined, *end = joined + records->joined_len, *at = joined;
    for (size_t lines = 1;; lines++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end == NULL ? end : line_end;
        if (line_end == end || (size_t)(line_end + 1 - joined) >= value) {
            records->joined_len = (size_t)(line_end - joined);
            return lines;
        }
        at = line_end + 1;
    }
}

rf_status rf_records_join_data(rf_records *records, size_t *len, rf_record *joined, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span first = {records->buffer + records->from, *len};
    first.len -= first.len > 0 && first.ptr[first.len - 1] == '\r';
    rf_span data = rf_json_event_data(first);
    size_t end = *len, value = 0, looked = FIRST_LOOK / 2, column = 0;
    bool ends = false;
    for (; data.len > 0 && data.ptr[0] == ' '; data.ptr++, data.len--)
        column++;
    *joined = (rf_record){0};
    if (!goes_on(data))
        return RF_OK;
    records->joined_len = 0;
    RF_TRY(join(records, data, err));
    for (;;) {
        RF_TRY(join_lines(records, &end, 2 * looked, &ends, &joined->too_long, err));
        rf_span all = {records->joined, records->joined_len};
        if (joined->too_long || rf_json_cut_value(&value, all, ends, column) == RF_JSON_CUT)
            break;
        looked = all.len > looked ? all.len : looked;
    }
    *len = end;
    if (!joined->too_long)
        *len = end_of_data(records, cut_to_line(records, value));
    size_t kept = joined->too_long ? RF_RECORD_SAMPLE : records->joined_len;
    joined->text = (rf_span){records->joined, kept < records->joined_len ? kept : records->joined_len};
done:
    return st;
}
