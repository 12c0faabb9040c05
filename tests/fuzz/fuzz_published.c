/* fuzz_published.c - any messages as those that earlier emissions left in the topics: the manifest is known
 * by all that it is known by, and who is flagged is who was last said to be.
 *
 * Each message: flags, length of its key, the key, length of its source, the source.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz_file.h"
#include "kafka_sink_int.h"
#include "rf_mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SOURCE "/ringfence"
#define MOST 64

enum { NO_KEY = 1, NO_VALUE = 2, NO_HEADERS = 4, OURS = 8, MANIFEST = 16, OF_RUN = 32, LATE = 64 };

typedef struct cut { /* what is left of the input */
    const uint8_t *at;
    size_t left;
} cut;

static size_t take(const uint8_t **out, cut *c, size_t n)
{
    n = n < c->left ? n : c->left;
    *out = c->at;
    c->at += n;
    c->left -= n;
    return n;
}

static void add_header(rd_kafka_headers_t *headers, const char *name, const void *value, size_t len)
{
    fuzz_must(rd_kafka_header_add(headers, name, -1, value, (ssize_t)len) == RD_KAFKA_RESP_ERR_NO_ERROR);
}

/* Whether it counts as ours is what the flags say of the source. */
static uint8_t take_message(rf_kafka_seen *seen, rd_kafka_headers_t *headers, const rf_identity *identity,
                            cut *c)
{
    const uint8_t *head, *key, *source;
    take(&head, c, 2);
    uint8_t flags = head[0];
    size_t n = take(&key, c, head[1]), m = take(&source, c, c->left > 0 ? c->at[0] : 0);
    *seen = (rf_kafka_seen){.key = key, .key_len = n, .has_value = (flags & NO_VALUE) == 0};
    seen->time_ms = (flags & LATE) != 0 ? INT64_MAX - head[1] : head[1] - 1;
    seen->headers = (flags & NO_HEADERS) != 0 ? NULL : headers;
    if ((flags & OF_RUN) != 0) {
        seen->key = identity->key.ptr;
        seen->key_len = identity->key.len;
    }
    if ((flags & NO_KEY) != 0)
        seen->key = NULL;
    add_header(headers, "ce_source", source, m);
    if ((flags & OURS) != 0)
        add_header(headers, "ce_source", SOURCE, strlen(SOURCE));
    if ((flags & MANIFEST) != 0) {
        add_header(headers, "ce_type", RF_MANIFEST_TYPE, strlen(RF_MANIFEST_TYPE));
        add_header(headers, "ce_id", identity->id, strlen(identity->id));
    }
    return flags;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char key[] = "00112233445566778899aabbccddeeff";
    rf_identity identity = {.key = {.ptr = key, .len = 32}, .id = "0f0e0d0c0b0a09080706050403020100"};
    rf_flagged *flagged = NULL;
    rf_err err = {0};
    cut c = {data, size};
    int taken = 0, cleared = 0;
    int64_t live = rf_mem_stats_get().live_blocks;
    fuzz_must(rf_flagged_new(&flagged, SOURCE, &err) == RF_OK);
    for (; c.left >= 3 && taken < MOST; taken++) {
        rf_kafka_seen seen;
        rd_kafka_headers_t *headers = rd_kafka_headers_new(4);
        uint8_t flags = take_message(&seen, headers, &identity, &c);
        if (rf_manifest_is(&seen, &identity, SOURCE))
            fuzz_must((flags & (MANIFEST | NO_HEADERS | NO_KEY)) == MANIFEST);
        else
            fuzz_must((flags & (MANIFEST | OURS | OF_RUN | NO_HEADERS | NO_KEY)) !=
                      (MANIFEST | OURS | OF_RUN));
        fuzz_must(rf_flagged_take(flagged, &seen, &err) == RF_OK);
        rd_kafka_headers_destroy(headers);
    }
    const char *subject;
    size_t len;
    bool silenced;
    for (uint32_t at = 0; (subject = rf_flagged_next_cleared(flagged, &at, &len, &silenced)) != NULL;
         cleared++) {
        rf_flagged_silence(flagged, subject, len);
        rf_flagged_mark(flagged, subject, len);
    }
    uint32_t again = 0;
    fuzz_must(cleared <= taken && rf_flagged_next_cleared(flagged, &again, &len, &silenced) == NULL);
    rf_flagged_free(flagged);
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    return 0;
}
