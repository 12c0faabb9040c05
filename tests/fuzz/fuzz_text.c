/* fuzz_text.c - times, durations, numbers, UTF-8 and the JSON writer on any bytes: what is accepted prints
 * and reads back the same. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rf_event.h"
#include "rf_json.h"
#include "rf_text.h"
#include "rf_time.h"

static void demand(int condition)
{
    if (!condition)
        abort();
}

static void check_times(const char *text, size_t len)
{
    char printed[RF_TIME_TEXT];
    int64_t us, again;
    if (rf_time_parse_iso(&us, text, len, NULL)) {
        rf_time_format(printed, us);
        demand(us >= RF_TIME_MIN && us < RF_TIME_MAX);
        demand(rf_time_parse_iso(&again, printed, strlen(printed), NULL) && again == us);
    }
    if (rf_duration_parse(&us, text, len)) {
        rf_duration_format(printed, us);
        demand(rf_duration_parse(&again, printed, strlen(printed)) && again == us);
    }
}

static void check_numbers(const char *text, size_t len)
{
    char printed[32];
    int64_t fixed, whole;
    double real, again;
    rf_number_status status = rf_fixed_parse(&fixed, text, len);
    if (status == RF_NUMBER_OK)
        demand(fixed >= -RF_FIXED_MAX && fixed <= RF_FIXED_MAX);
    if (rf_int_parse(&whole, text, len) && whole < 1000000 && whole > -1000000)
        demand(status == RF_NUMBER_OK && fixed == whole * RF_FIXED_ONE);
    if (rf_double_parse(&real, text, len)) {
        demand(isfinite(real));
        demand(status == RF_NUMBER_OK || (status == RF_NUMBER_RANGE && fabs(real) >= 1e12));
        rf_double_format(printed, real);
        demand(rf_double_parse(&again, printed, strlen(printed)) && again == real);
    }
}

/* By more places no digit changes, and what fits by these fits by fewer. */
static void check_places(const char *text, size_t len)
{
    int64_t before = 0, now = 0, first, last;
    rf_decimal split;
    rf_number_status was = rf_scaled_parse(&before, text, len, 0), is;
    for (int places = 1; places <= RF_MOST_PLACES; places++, was = is, before = now) {
        is = rf_scaled_parse(&now, text, len, places);
        demand(is == RF_NUMBER_RANGE || was != RF_NUMBER_RANGE);
        demand(was != RF_NUMBER_OK || is == RF_NUMBER_RANGE || (is == RF_NUMBER_OK && now == before * 10));
        if (was == RF_NUMBER_ROUNDED && is != RF_NUMBER_RANGE)
            demand(now - before * 10 <= 5 && before * 10 - now <= 5);
    }
    bool number = was != RF_NUMBER_BAD && was != RF_NUMBER_NOT_FINITE;
    demand(rf_decimal_split(&split, text, len) == number &&
           (!number || rf_decimal_compare(&split, &split) == 0));
    if (rf_decimal_extent(&first, &last, text, len))
        demand(number && last <= first);
}

static void check_json(const char *text, size_t len)
{
    rf_json *json = NULL;
    const char *document;
    size_t n;
    demand(rf_json_new(&json, NULL) == RF_OK);
    rf_json_text(json, text, len);
    demand(rf_json_end(json, &document, &n, NULL) == RF_OK && rf_utf8_valid(document, n));
    rf_json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    check_times(text, size);
    check_numbers(text, size);
    check_places(text, size);
    check_json(text, size);
    return 0;
}
