/* json_shape.c - how JSON values follow each other in a file: one a line, or as a stream: printed over
 * several lines, as elements of one array, without line ends, behind record separators (RFC 7464), or as the
 * data of server-sent events.
 *
 * Pure: the reader of records asks about the content that it has.
 */
#include "json_shape_int.h"

#include <string.h>

#include "rf_json_scan.h"

#define RECORD_SEPARATOR '\x1e'

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool begins_with(rf_span content, const char *words)
{
    size_t len = strlen(words);
    return content.len >= len && memcmp(content.ptr, words, len) == 0;
}

rf_span rf_json_event_data(rf_span line)
{
    if (!begins_with(line, "data:"))
        return (rf_span){0};
    size_t prefix = line.len > 5 && line.ptr[5] == ' ' ? 6 : 5;
    return (rf_span){line.ptr + prefix, line.len - prefix};
}

static bool is_event_stream(rf_span content)
{
    return begins_with(content, "data:") || begins_with(content, "event:") || begins_with(content, "id:") ||
           begins_with(content, "retry:") || begins_with(content, ":");
}

bool rf_json_is_events(rf_span content)
{
    while (is_event_stream(content) && !begins_with(content, "data:")) {
        const char *end = memchr(content.ptr, '\n', content.len), *next = end == NULL ? NULL : end + 1;
        if (next == NULL)
            return false;
        content.len -= (size_t)(next - content.ptr);
        content.ptr = next;
        for (; content.len > 0 && is_space(*content.ptr); content.ptr++)
            content.len--;
    }
    return begins_with(content, "data:");
}

size_t rf_json_column(rf_span content)
{
    size_t at = 0, line = 0;
    for (; at < content.len && content.ptr[at] != '{'; at++)
        line = content.ptr[at] == '\n' ? at + 1 : line;
    return at - line;
}

/* A line that is one value, or broken, is one of lines; a value over several lines, or with another one
 * behind it, is of a stream. */
static rf_json_shape shape_of_value(rf_span content, bool ended, bool *unsure)
{
    rf_json_scan s = rf_json_scan_of(content);
    s.not_finite = true;
    bool array = content.ptr[0] == '[';
    bool whole = rf_json_pass_value(&s);
    const char *line_end = memchr(content.ptr, '\n', content.len);
    if (!whole && s.at == s.end && !ended) {
        *unsure = !array; /* the first element of an array is enough */
        return RF_JSON_STREAM;
    }
    if (!whole) { /* an array may be broken far behind its beginning */
        rf_json_scan element = rf_json_scan_of((rf_span){content.ptr + 1, content.len - 1});
        element.not_finite = true;
        rf_json_pass_space(&element);
        bool first = array && element.at < element.end && *element.at == '{' && rf_json_pass_value(&element);
        return first && (line_end == NULL || line_end < element.at) ? RF_JSON_STREAM : RF_JSON_LINES;
    }
    if (line_end != NULL && line_end < s.at)
        return RF_JSON_STREAM;
    while (s.at < s.end && is_space(*s.at) && *s.at != '\n')
        s.at++;
    if (s.at == s.end) {
        *unsure = !ended;
        return RF_JSON_LINES;
    }
    bool another = *s.at == '{' || *s.at == '[' || *s.at == RECORD_SEPARATOR || *s.at == ',';
    return another ? RF_JSON_STREAM : RF_JSON_LINES;
}

rf_json_shape rf_json_shape_of(rf_span content, bool ended, bool *unsure)
{
    *unsure = false;
    while (content.len > 0 && is_space(*content.ptr)) {
        content.ptr++;
        content.len--;
    }
    if (content.len == 0 || (content.len < 8 && !ended)) {
        *unsure = !ended;
        return RF_JSON_LINES;
    }
    if (*content.ptr == RECORD_SEPARATOR)
        return RF_JSON_STREAM;
    if (is_event_stream(content))
        return RF_JSON_EVENTS;
    return *content.ptr == '{' || *content.ptr == '[' ? shape_of_value(content, ended, unsure)
                                                      : RF_JSON_LINES;
}

size_t rf_json_pass_separators(rf_span content)
{
    size_t n = 0;
    while (n < content.len && (is_space(content.ptr[n]) || content.ptr[n] == ',' || content.ptr[n] == '[' ||
                               content.ptr[n] == ']' || content.ptr[n] == RECORD_SEPARATOR))
        n++;
    return n;
}

/* Where the value after a broken one may begin, at or behind `at`: behind a separator, at an object in the
 * same column as the first one, or at one that follows another in its line. */
static bool begins_value(rf_span content, size_t at, size_t column)
{
    const char *p = content.ptr;
    size_t before = at;
    if (p[at] == RECORD_SEPARATOR)
        return true;
    if (p[at] != '{')
        return false;
    while (before > 0 && (p[before - 1] == ' ' || p[before - 1] == '\t'))
        before--;
    if (before > 0 && p[before - 1] == '\n')
        return at - before == column;
    if (before > 0 && p[before - 1] == ',')
        before--;
    return before > 0 && p[before - 1] == '}' && column <= 1;
}

rf_json_cut rf_json_cut_value(size_t *len, rf_span content, bool ended, size_t column)
{
    rf_json_scan s = rf_json_scan_of(content);
    s.not_finite = true;
    bool whole = rf_json_pass_value(&s);
    *len = (size_t)(s.at - content.ptr);
    if (whole && (ended || s.at < s.end || s.at[-1] == '}'))
        return RF_JSON_CUT;
    if (!ended && s.at == s.end)
        return RF_JSON_CUT_MORE;
    for (size_t at = *len > 0 ? *len : 1; at < content.len; at++) {
        if (begins_value(content, at, column)) {
            *len = at;
            return RF_JSON_CUT;
        }
    }
    *len = content.len;
    return ended ? RF_JSON_CUT : RF_JSON_CUT_MORE;
}
