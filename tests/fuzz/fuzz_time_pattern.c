/* fuzz_time_pattern.c - the first line as a time pattern, the second as a time by it and as a number since
 * the epoch. */
#include "fuzz_events.h"

#include "time_pattern_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rf_zone *zone;
    if (zone == NULL && rf_zone_new(&zone, "America/New_York", NULL) != RF_OK)
        abort();
    const uint8_t *stop = size == 0 ? NULL : memchr(data, '\n', size);
    size_t len = stop == NULL ? size : (size_t)(stop - data);
    rf_span text = {(const char *)data + len, size - len};
    if (text.len > 0) {
        text.ptr++;
        text.len--;
    }
    char *pattern = malloc(len + 1);
    if (pattern == NULL)
        abort();
    if (len > 0)
        memcpy(pattern, data, len);
    pattern[len] = '\0';
    int64_t us;
    if (rf_time_pattern_check(pattern, NULL) == RF_OK)
        (void)rf_time_pattern_parse(&us, pattern, text, zone);
    free(pattern);
    for (int unit = 0; unit <= 9; unit += 3)
        (void)rf_units_parse(&us, text, unit == 0 ? 86400 : 1, unit);
    return 0;
}
