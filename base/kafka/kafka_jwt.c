/* kafka_jwt.c - the claims of a JWT (RFC 7519) that a client needs: exp and sub. */
#include "kafka_jwt_int.h"

#include <stdio.h>
#include <string.h>

#include "kafka_secret_int.h"
#include "rf_json_scan.h"

#define LAST_MOMENT_S 1e12 /* later ones are no moments, and do not fit milliseconds */

static rf_status take_end(int64_t *ends_ms, rf_span number, rf_err *err)
{
    rf_status st = RF_OK;
    double ends_s;
    if (!rf_double_parse(&ends_s, number.ptr, number.len) || ends_s < 0 || ends_s > LAST_MOMENT_S)
        RF_FAIL(err, RF_E_PARSE, "says that it ends at no possible time");
    *ends_ms = (int64_t)(ends_s * 1000);
done:
    return st;
}

rf_status rf_kafka_jwt_read(int64_t *ends_ms, char *principal, size_t cap, const char *token, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text claims = {0};
    rf_span root, ends, subject;
    const char *first = strchr(token, '.'), *second = first != NULL ? strchr(first + 1, '.') : NULL;
    if (second == NULL)
        RF_FAIL(err, RF_E_PARSE, "is not a JWT (three parts with dots between)");
    RF_TRY(rf_base64_read(&claims, first + 1, (size_t)(second - first - 1), true, err));
    root = (rf_span){claims.ptr, claims.len};
    if (claims.ptr == NULL || !rf_json_valid(root))
        RF_FAIL(err, RF_E_PARSE, "has no JSON in its middle part");
    ends = rf_json_member(root, "exp");
    subject = rf_json_member(root, "sub");
    if (ends.len > 0 && (ends.ptr[0] == '-' || (ends.ptr[0] >= '0' && ends.ptr[0] <= '9')))
        RF_TRY(take_end(ends_ms, ends, err));
    if (subject.len > 0 && subject.ptr[0] == '"') {
        char *name = claims.ptr + (subject.ptr - claims.ptr); /* its meaning is never longer than itself */
        size_t len = rf_json_unescape(name, (rf_span){subject.ptr + 1, subject.len - 2});
        snprintf(principal, cap, "%.*s", (int)len, name);
    }
done:
    rf_kafka_wipe(&claims);
    return st;
}
