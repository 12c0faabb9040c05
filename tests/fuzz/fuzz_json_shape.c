/* fuzz_json_shape.c - arbitrary content as a stream of JSON: cutting always gets on, and a cut is the same
 * however much lies behind it. */
#include <string.h>

#include "fuzz_events.h"
#include "json_shape_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_span content = {size == 0 ? "" : (const char *)data, size};
    size_t column = rf_json_column(content), half = size / 2, len, early;
    bool unsure;
    rf_json_shape shape = rf_json_shape_of(content, true, &unsure);
    fuzz_check(!unsure && shape <= RF_JSON_EVENTS);
    (void)rf_json_shape_of((rf_span){content.ptr, half}, false, &unsure);
    (void)rf_json_event_data(content);
    while (content.len > 0) {
        size_t passed = rf_json_pass_separators(content);
        content = (rf_span){content.ptr + passed, content.len - passed};
        if (content.len == 0)
            break;
        fuzz_check(rf_json_cut_value(&len, content, true, column) == RF_JSON_CUT);
        fuzz_check(len > 0 && len <= content.len);
        half = len / 2 + 1;
        if (rf_json_cut_value(&early, (rf_span){content.ptr, half}, false, column) == RF_JSON_CUT)
            fuzz_check(early <= half);
        content = (rf_span){content.ptr + len, content.len - len};
    }
    return 0;
}
