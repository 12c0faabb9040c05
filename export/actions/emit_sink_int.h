/* emit_sink_int.h - where messages go: emit.c decides which, a sink puts them into a file or a topic.
 *
 *   begin, put, put, ..., end          all of a run, visible from end on
 *   begin, put, ..., abort             nothing of it
 */
#ifndef RF_EMIT_SINK_INT_H
#define RF_EMIT_SINK_INT_H

#include "action_int.h"

typedef struct rf_emit_sink rf_emit_sink;

typedef struct rf_emit_sink_ops {
    /* RF_OK: put what the run has. RF_EOF: its messages are there already; put nothing, and do not end. */
    rf_status (*begin)(rf_emit_sink *sink, rf_err *err);
    rf_status (*put)(rf_emit_sink *sink, const rf_message *message, rf_err *err);
    /* A subject that would be flagged, but is suppressed; only where it was flagged before does it matter. */
    void (*silenced)(rf_emit_sink *sink, const char *subject, size_t len);
    rf_status (*end)(rf_emit_sink *sink, rf_err *err);
    /* After any failure, of begin too. True: the trouble has passed or may pass, begin may be called again.
     * *failure is replaced where aborting shows the better reason. */
    bool (*abort)(rf_emit_sink *sink, rf_err *failure);
    /* Adds the sink's own figures to those of the run. */
    void (*figures)(const rf_emit_sink *sink, rf_emit_result *result);
    void (*close)(rf_emit_sink *sink);
} rf_emit_sink_ops;

struct rf_emit_sink { /* the first member of every sink */
    const rf_emit_sink_ops *ops;
    const char *unfinished; /* what an interruption leaves behind, for people */
};

/* The emission must outlive the sink. *out is freed with (*out)->ops->close. */
RF_MUST_CHECK rf_status rf_jsonl_sink_open(rf_emit_sink **out, const rf_emission *emission, rf_err *err);
/* Topics and settings, as far as they can be judged without a broker. */
RF_MUST_CHECK rf_status rf_kafka_sink_check(const rf_emit_options *options, rf_err *err);
RF_MUST_CHECK rf_status rf_kafka_sink_open(rf_emit_sink **out, const rf_emission *emission, rf_err *err);

#endif
