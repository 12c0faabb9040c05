/* rf_signal.h - SIGINT and SIGTERM ask to stop (rf_stop.h). A second signal kills. */
#ifndef RF_SIGNAL_H
#define RF_SIGNAL_H

#include <stdbool.h>

void rf_signal_setup(void);
/* While true, the first signal ends the process with status 130: for waits that nothing can end, before work
 * has begun. */
void rf_signal_leave_at_once(bool now);

#endif
