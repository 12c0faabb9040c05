/* status.c - names of statuses, and filling rf_err. cli/ prints it. */
#include "rf_status.h"

#include <stdarg.h>
#include <stdio.h>

rf_status rf_err_set(rf_err *err, rf_status code, const char *file, int line, const char *format, ...)
{
    if (err == NULL || err->code < 0)
        return code;
    err->code = code;
    err->file = file;
    err->line = line;
    va_list args;
    va_start(args, format);
    vsnprintf(err->msg, sizeof err->msg, format, args);
    va_end(args);
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
