/* kafka_session.h - one source that reads a mock cluster's topic, and what became of it. A test begins with
 * begin(), and ends with end().
 */
#ifndef KAFKA_SESSION_H
#define KAFKA_SESSION_H

#include "kafka_reader.h"

static mock_cluster mock;
static reader with;
static tally *all;
static rf_source *source;
static rf_positions at;
static rf_err err;

static inline void begin(void)
{
    mock = mock_start(1);
    reader_init(&with, &mock);
    all = calloc(1, sizeof *all);
    err = (rf_err){0};
}

static inline void end(void)
{
    rf_source_close(&source);
    rf_positions_clear(&at);
    free(all);
    mock_stop(&mock);
    ck_assert_int_eq(rf_mem_stats_get().live_blocks, 0);
}

static inline void read_all(void)
{
    RF_CHECK_OK(err, rf_source_open(&source, &with.options, &err));
    rf_status st = reader_run(source, all, 0, &err);
    ck_assert_msg(st == RF_EOF, "%s: %s", rf_status_name(st), err.msg);
    rf_positions_clear(&at);
    RF_CHECK_OK(err, rf_source_positions(source, &at, &err));
}

#endif
