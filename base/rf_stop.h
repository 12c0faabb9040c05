/* rf_stop.h - the process was asked to stop: one flag, which every loop that saves what it has done looks at,
 * and what a process that leaves in the middle removes.
 *
 * A signal's handler or the embedding program sets the flag. A loop that finds it set leaves with
 * RF_E_INTERRUPTED; files appear whole or not at all, so whoever is in the middle of one just lets it go.
 */
#ifndef RF_STOP_H
#define RF_STOP_H

#include <signal.h>
#include <stdbool.h>

#include "rf_status.h"

void rf_stop_ask(bool on); /* or take it back; async-signal-safe */
bool rf_stop_asked(void);
const volatile sig_atomic_t *rf_stop_flag(void); /* for options that carry it */

/* RF_E_INTERRUPTED once it was asked for. */
RF_MUST_CHECK rf_status rf_stop_check(rf_err *err);

/* Files that are of no use once the process has ended. The path is borrowed until it is forgotten, by the
 * same pointer. The last of these calls is async-signal-safe, for a handler that ends the process. */
void rf_stop_remember_temporary(const char *path);
void rf_stop_forget_temporary(const char *path);
void rf_stop_remove_temporaries(void);

#endif
