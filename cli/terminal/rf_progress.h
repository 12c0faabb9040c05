/* rf_progress.h - one line on the terminal for the step at hand: bar, count, rate, time left.
 *
 * Drawn at most six times a second, on standard error, only where that is a terminal (or where asked for);
 * log entries make it step aside. One step at a time, from the main thread.
 */
#ifndef RF_PROGRESS_H
#define RF_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

void rf_progress_setup(bool wanted); /* false: nothing is ever drawn */
void rf_progress_begin(const char *step, const char *unit);
/* done of total measures the share (bytes, epochs; total <= 0: unknown), count is what is shown in `unit`. */
void rf_progress_update(int64_t done, int64_t total, int64_t count);
/* A few words after the count ("loss 0.9189"); kept until the next. */
void rf_progress_note(const char *note);
void rf_progress_end(void);

#endif
