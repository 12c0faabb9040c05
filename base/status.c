/* status.c - names of statuses, and filling rf_err. cli/ prints it, so that it is quoted here. */
#include "rf_status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "rf_quote.h"

/* What was cut at its end may have lost half a character there. */
static void drop_cut_character(char *text)
{
    size_t len = strlen(text), from = len;
    uint32_t code;
    while (from > 0 && len - from < 4 && ((unsigned char)text[from - 1] & 0xC0) == 0x80)
        from--;
    if (from > 0 && rf_utf8_decode(&code, text + from - 1, len - from + 1) != len - from + 1)
        text[from - 1] = '\0';
}

rf_status rf_err_set(rf_err *err, rf_status code, const char *file, int line, const char *format, ...)
{
    if (err == NULL || err->code < 0)
        return code;
    err->code = code;
    err->file = file;
    err->line = line;
    char message[sizeof err->msg];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (len >= (int)sizeof message)
        drop_cut_character(message);
    rf_quote_copy(err->msg, sizeof err->msg, message);
    return code;
}

const char *rf_status_name(rf_status status)
{
    switch (status) {
    case RF_OK:
        return "ok";
    case RF_E_NOMEM:
        return "out of memory";
    case RF_E_INVALID:
        return "wrong usage";
    case RF_E_IO:
        return "input/output error";
    case RF_E_PARSE:
        return "parse error";
    case RF_E_FORMAT:
        return "wrong format";
    case RF_E_KAFKA:
        return "Kafka error";
    case RF_E_NUMERIC:
        return "not finite";
    case RF_E_INTERRUPTED:
        return "interrupted";
    case RF_E_INTERNAL:
        return "internal error";
    case RF_E_REJECTED:
        return "too many rejected records";
    case RF_EOF:
        return "end of input";
    case RF_TIMEOUT:
        return "timeout";
    case RF_SKIPPED:
        return "skipped";
    }
    return "unknown status";
}
