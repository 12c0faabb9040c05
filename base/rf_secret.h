/* rf_secret.h - what is secret leaves no trace: overwritten when it is no longer needed, and in no core dump.
 */
#ifndef RF_SECRET_H
#define RF_SECRET_H

#include <stddef.h>

/* Overwrites in a way that the compiler may not leave out. NULL allowed if len is 0. */
void rf_wipe(void *bytes, size_t len);
/* From now on a crash of this process leaves no core dump, on disk or in a collector of crashes. Called
 * before the first secret is read. It cannot be undone. */
void rf_secret_no_dumps(void);

#endif
