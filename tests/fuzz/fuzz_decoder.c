/* fuzz_decoder.c - the first line as a condition, the rest as the value of a message: arrays, lists that give
 * events, exact keys with dots, joined fields, in several encodings. Every element is settled once, and the
 * events end. */
#include "decoder_int.h"
#include "fuzz_events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const char *condition, rf_span value, const char *encoding)
{
    static const char *const more[] = {"m.w", "t"};
    const char *where[] = {condition};
    rf_event event;
    rf_reject reject;
    rf_decoder *decoder = NULL;
    rf_source_options options;
    rf_source_options_default(&options);
    options.type = RF_SOURCE_KAFKA;
    options.format = RF_FORMAT_JSONL;
    options.encoding = encoding;
    options.fields = (rf_fields){.user = "u",
                                 .entity = "i[*].v",
                                 .time = "t",
                                 .time_format = RF_TIME_S,
                                 .user_more = {.names = more, .n = 2, .joined = (value.len & 1) != 0},
                                 .event_id = "a[1]",
                                 .where = where,
                                 .n_where = condition == NULL ? 0 : 1};
    options.absent_keys = RF_ABSENT_KEYS_WARN;
    if (rf_decoder_new(&decoder, &options, NULL) != RF_OK)
        return;
    const rf_message message = {.timestamp_ms = 5};
    rf_status st = rf_decoder_decode(decoder, &event, RF_FORMAT_JSONL, value, &message, &reject, NULL);
    for (size_t n = 0;; n++) {
        fuzz_check(st == RF_OK || st == RF_SKIPPED || st == RF_E_INVALID);
        fuzz_check(n <= value.len);
        if (st < 0 || !rf_decoder_has_more(decoder))
            break;
        st = rf_decoder_next(decoder, &event, &reject, NULL);
        fuzz_check(st < 0 || event.element == (int64_t)n + 1);
    }
    rf_decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = {NULL, "windows-1252", "utf-16"};
    const uint8_t *stop = size == 0 ? NULL : memchr(data, '\n', size);
    size_t len = stop == NULL ? 0 : (size_t)(stop - data);
    char *condition = malloc(len + 1);
    if (condition == NULL)
        abort();
    if (len > 0)
        memcpy(condition, data, len);
    condition[len] = '\0';
    rf_span value = {(const char *)data, size};
    if (stop != NULL)
        value = (rf_span){(const char *)stop + 1, size - len - 1};
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
        run(len > 0 ? condition : NULL, value, encodings[i]);
    free(condition);
    return 0;
}
