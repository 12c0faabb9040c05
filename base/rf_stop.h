/* rf_stop.h - the process was asked to stop: one flag, which every loop that can take long looks at.
 *
 * A signal's handler or the embedding program sets it. A loop that finds it set leaves with RF_E_INTERRUPTED;
 * files appear whole or not at all, so whoever is in the middle of one just lets it go.
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

#endif
