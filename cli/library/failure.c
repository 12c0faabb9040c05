/* failure.c - a failure of the rooms as the callers of ringfence.h know it. */
#include "library_int.h"

#include <string.h>

ringfence_status rf_library_status(ringfence_error *error, rf_status st, const rf_err *err)
{
    if (st < 0 && error != NULL) {
        error->status = (ringfence_status)st;
        const char *message = err->code < 0 ? err->msg : rf_status_name(st);
        size_t len = strlen(message);
        len = len < sizeof error->message ? len : sizeof error->message - 1;
        memcpy(error->message, message, len);
        error->message[len] = '\0';
    }
    return (ringfence_status)st;
}
