/* deadletter_int.h - rejected records, one JSON line each, in a file. */
#ifndef RF_DEADLETTER_INT_H
#define RF_DEADLETTER_INT_H

#include "record_reader_int.h"
#include "reject_int.h"
#include "rf_source.h"

typedef struct rf_deadletter rf_deadletter;

/* Creates options->dead_letters, or cuts it to what belongs to options->resume, and writes after that. Old
 * letters go (forget_before_us). With hidden ids letters have no records. */
RF_MUST_CHECK rf_status rf_deadletter_open(rf_deadletter **out, const rf_source_options *options,
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

/* ---- deadletter_age.c ----
 * A file whose oldest letters were dropped begins with a line that says how many they were and how many
 * bytes: positions go on counting from the first letter that ever was in it. */
typedef struct rf_forgotten_letters {
    int64_t letters, bytes;
    int64_t line_bytes; /* of that line; 0: there is none */
} rf_forgotten_letters;
RF_MUST_CHECK rf_status rf_forgotten_letters_read(rf_forgotten_letters *out, const char *path, rf_err *err);
/* Drops the letters up to the last one that is older; *dropped of them. In one rename. */
RF_MUST_CHECK rf_status rf_letters_forget(int64_t *dropped, const char *path, int64_t before_us, rf_err *err);

#endif
