/* rf_signal.h - what the first SIGINT or SIGTERM does; a second one kills.
 *
 * Files appear whole or not at all, so most work can be left at any moment: the process says so, removes what
 * it has half written, and exits with status 130. A step that saves what it has done holds this: then the
 * signal only sets the flag of rf_stop.h.
 */
#ifndef RF_SIGNAL_H
#define RF_SIGNAL_H

#include <stdbool.h>

/* For the running verb; json: its last line is a JSON entry; progress: a line may have to be wiped. */
void rf_signal_setup(const char *verb, bool json, bool progress);
void rf_signal_hold(bool step_saves);

#endif
