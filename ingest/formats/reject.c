/* reject.c - names and sentences of rejects, the values in them shortened so that a message stays one line.
 */
#include "reject_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rf_quote.h"

const char *rf_reject_name(rf_reject_code code)
{
    static const char *const names[RF_N_REJECTS] = {
        [RF_REJECT_NONE] = "none",
        [RF_REJECT_MISSING_FIELD] = "missing_field",
        [RF_REJECT_EMPTY_ID] = "empty_id",
        [RF_REJECT_BAD_ID] = "bad_id",
        [RF_REJECT_ID_TOO_LONG] = "id_too_long",
        [RF_REJECT_TEXT_TOO_LONG] = "text_too_long",
        [RF_REJECT_BAD_TEXT] = "bad_text",
        [RF_REJECT_BAD_NUMBER] = "bad_number",
        [RF_REJECT_NOT_FINITE] = "not_finite",
        [RF_REJECT_NUMBER_RANGE] = "number_range",
        [RF_REJECT_BAD_BOOLEAN] = "bad_boolean",
        [RF_REJECT_BAD_LABEL] = "bad_label",
        [RF_REJECT_BAD_TIME] = "bad_time",
        [RF_REJECT_TIME_RANGE] = "time_range",
        [RF_REJECT_BAD_UTF8] = "bad_utf8",
        [RF_REJECT_BAD_JSON] = "bad_json",
        [RF_REJECT_DUPLICATE_KEY] = "duplicate_key",
        [RF_REJECT_BAD_CSV] = "bad_csv",
        [RF_REJECT_FIELD_COUNT] = "field_count",
        [RF_REJECT_RECORD_TOO_LONG] = "record_too_long",
        [RF_REJECT_NO_VALUE] = "no_value",
        [RF_REJECT_BAD_PROTOBUF] = "bad_protobuf",
        [RF_REJECT_TIME_IN_FUTURE] = "time_in_future",
        [RF_REJECT_NULL_ID] = "null_id",
        [RF_REJECT_BAD_AVRO] = "bad_avro",
        [RF_REJECT_FILTERED] = "filtered",
    };
    return code >= 0 && code < RF_N_REJECTS ? names[code] : "unknown";
}

rf_status rf_reject_set(rf_reject *reject, rf_reject_code code, int64_t byte, const char *format, ...)
{
    reject->code = code;
    reject->byte = byte;
    reject->about = (rf_reject_about){.attr = -1};
    va_list args;
    va_start(args, format);
    vsnprintf(reject->text, sizeof reject->text, format, args);
    va_end(args);
    return RF_SKIPPED;
}

rf_status rf_reject_text(rf_reject *reject, const char *what, rf_span text, int64_t byte)
{
    const char *nul = memchr(text.ptr, '\0', text.len);
    if (nul != NULL)
        return rf_reject_set(reject, RF_REJECT_BAD_UTF8, byte, "%s holds a byte 0 (NUL), which no text may",
                             what);
    return rf_reject_set(reject, RF_REJECT_BAD_UTF8, byte,
                         "%s is not UTF-8 (source.encoding says what else it may be, such as windows-1252)",
                         what);
}

const char *rf_shown(char out[RF_SHOWN_BYTES], rf_span value)
{
    return rf_quote_short(out, RF_SHOWN_BYTES, value.len > 0 ? value.ptr : "", value.len);
}
