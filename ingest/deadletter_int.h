/* deadletter_int.h - rejected records, one JSON line each, in a file. */
#ifndef RF_DEADLETTER_INT_H
#define RF_DEADLETTER_INT_H

#include "record_reader_int.h"
#include "reject_int.h"

typedef struct rf_deadletter rf_deadletter;

/* Creates or cuts the file at `path` to keep_bytes and writes after them. */
RF_MUST_CHECK rf_status rf_deadletter_open(rf_deadletter **out, const char *path, int64_t keep_bytes,
                                           rf_err *err);
RF_MUST_CHECK rf_status rf_deadletter_add(rf_deadletter *letters, const char *name, const rf_record *record,
                                          const rf_reject *reject, rf_err *err);
/* Of a message; value.ptr NULL: it has none. */
RF_MUST_CHECK rf_status rf_deadletter_add_message(rf_deadletter *letters, const char *topic,
                                                  int32_t partition, int64_t offset, rf_span value,
                                                  const rf_reject *reject, rf_err *err);
/* To the operating system; with `sync` to the disk. *bytes (NULL allowed) is the file's length then. */
RF_MUST_CHECK rf_status rf_deadletter_flush(rf_deadletter *letters, bool sync, int64_t *bytes, rf_err *err);
/* Flushes as much as it can. */
void rf_deadletter_close(rf_deadletter *letters);

#endif
