/* fuzz_alerts.c - a damaged alerts.h5, the memory of alerts: refused in words, or what is read from it can be
 * written and read again. */
#include <stdio.h>
#include <string.h>

#include "alert_memory_int.h"
#include "fuzz_file.h"
#include "rf_mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N 9

static fuzz_file memory;
static char again[FUZZ_PATH];

static void make_memory(void)
{
    rf_memory_entry entries[N];
    char ids[N][33], path[FUZZ_PATH];
    for (int i = 0; i < N; i++) {
        snprintf(ids[i], sizeof ids[i], "%032x", i + 1);
        entries[i] = (rf_memory_entry){.id = ids[i],
                                       .source = "/ringfence",
                                       .kind = (uint8_t)(i % 4),
                                       .key = "user-1",
                                       .user = i % 2 == 0 ? "user-1" : "",
                                       .entity = i % 2 == 1 ? "shop-1" : "",
                                       .entity_kind = i % 4 == 1 ? "device" : "",
                                       .event_id = "",
                                       .types = i % 3 == 0 ? "|promo_abuse|collusion|" : "",
                                       .anomalies = "",
                                       .first_us = 1,
                                       .last_us = 5,
                                       .times = 2,
                                       .missed = i % 2,
                                       .score = 1.5,
                                       .percentile = 0.99,
                                       .members = i % 4 == RF_MEMORY_CLUSTER ? 5 : 0};
    }
    rf_memory current = {.run_id = "00112233445566778899aabbccddeeff", .at_us = 5, .at = entries, .n = N};
    rf_memory previous = {
        .run_id = "ff112233445566778899aabbccddeeff", .at_us = 4, .at = entries, .n = N - 2};
    fuzz_must(rf_memory_save(&previous, &current, fuzz_path(path, "alerts.h5"), NULL) == RF_OK);
    fuzz_file_take(&memory, "alerts.h5");
    fuzz_path(again, "again.h5");
}

static void check_entries(const rf_memory *m)
{
    for (int64_t i = 0; i < m->n; i++) {
        const rf_memory_entry *e = &m->at[i];
        size_t len = strlen(e->id) + strlen(e->source) + strlen(e->key) + strlen(e->user) +
                     strlen(e->entity) + strlen(e->entity_kind) + strlen(e->event_id) + strlen(e->types) +
                     strlen(e->anomalies);
        fuzz_must(e->kind <= RF_MEMORY_CLUSTER && len < SIZE_MAX && rf_memory_kind(e)[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_memory previous, current, previous_again, current_again;
    if (memory.n == 0)
        make_memory();
    int64_t live = rf_mem_stats_get().live_blocks;
    fuzz_file_change(&memory, data, size);
    rf_status st = rf_memory_load(&previous, &current, memory.path, &err);
    fuzz_expect(st, &err);
    if (st >= 0) {
        check_entries(&previous);
        check_entries(&current);
        fuzz_must(rf_memory_save(&previous, &current, again, &err) == RF_OK);
        fuzz_must(rf_memory_load(&previous_again, &current_again, again, &err) == RF_OK);
        fuzz_must(previous_again.n == previous.n && current_again.n == current.n);
        rf_memory_clear(&previous_again);
        rf_memory_clear(&current_again);
        rf_memory_clear(&previous);
        rf_memory_clear(&current);
    }
    fuzz_must(rf_mem_stats_get().live_blocks == live);
    return 0;
}
