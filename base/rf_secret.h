/* rf_secret.h - what is secret leaves no trace: overwritten when it is no longer needed, and in no core dump.
 */
#ifndef RF_SECRET_H
#define RF_SECRET_H

#include <stddef.h>

#include "rf_text.h"

/* Overwrites in a way that the compiler may not leave out. NULL allowed if len is 0. */
void rf_wipe(void *bytes, size_t len);
/* From now on a crash of this process leaves no core dump, on disk or in a collector of crashes. Called
 * before the first secret is read. It cannot be undone. */
void rf_secret_no_dumps(void);

/* ---- secret_value.c: values of settings that come from outside the configuration ---- */

/* Is told each text that took the place of a reference, and the reference. */
typedef struct rf_secret_note {
    rf_status (*note)(void *context, const char *text, size_t len, const char *reference, rf_err *err);
    void *context;
} rf_secret_note;
/* Adds the value with every ${env:NAME} and ${file:PATH} in it replaced; other ${...} are left alone. `key`
 * is the setting's name for messages. note: NULL allowed. */
RF_MUST_CHECK rf_status rf_secret_expand(rf_text *out, const char *key, const char *value,
                                         const rf_secret_note *note, rf_err *err);
void rf_secret_wipe(rf_text *text); /* overwrites and frees */

#endif
