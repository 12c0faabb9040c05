/* rf_signal.h - SIGINT and SIGTERM set one flag. Every loop checks it, saves and stops. A second signal
 * kills.
 */
#ifndef RF_SIGNAL_H
#define RF_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

void rf_signal_setup(void);
const volatile sig_atomic_t *rf_signal_flag(void);
bool rf_signal_seen(void);
void rf_signal_set(bool on); /* as a signal would, or takes it back; async-signal-safe */
/* While true, the first signal ends the process with status 130: for waits that nothing can end, before work
 * has begun. */
void rf_signal_leave_at_once(bool now);

#endif
