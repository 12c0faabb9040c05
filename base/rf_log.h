/* rf_log.h - log lines: one line for each entry on stderr, as text or as JSON.
 *
 * Text: `12:34:56 info  build: resumed from graph.h5 (1,200,000 events)`. JSON: one object with time, level,
 * verb, message. Thread-safe. Progress lines are not logs; they belong to cli/.
 */
#ifndef RF_LOG_H
#define RF_LOG_H

#include <stdbool.h>

#include "rf_status.h"

typedef enum rf_log_level {
    RF_LOG_DEBUG,
    RF_LOG_INFO,
    RF_LOG_WARN,
    RF_LOG_ERROR,
    RF_LOG_SILENT
} rf_log_level;
typedef enum rf_log_format { RF_LOG_TEXT, RF_LOG_JSON } rf_log_format;

/* `verb` names the running command in each entry and must outlive logging. */
void rf_log_setup(rf_log_level level, rf_log_format format, const char *verb);
bool rf_log_enabled(rf_log_level level);
/* No entries until it is undone: while something is tried whose warnings would be about the trial. */
void rf_log_mute(bool mute);

/* Called (with true) before and (with false) after each entry, so that a progress bar can step aside. */
void rf_log_set_curtain(void (*curtain)(bool drawing));

void rf_log(rf_log_level level, const char *format, ...) RF_PRINTF(2, 3);

#endif
