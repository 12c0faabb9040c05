/* rf_audit.h - the append-only record of decisions: JSON Lines, one object an entry.
 *
 *   {"at":"2026-01-31T06:00:00Z","event":"emission","run_id":"...", ...}
 *
 * Entries are only ever added at the end, each with one write. A last line that a crash cut short is closed
 * with a newline before the next entry, never removed. Each entry goes to the file that the path leads to at
 * that moment: what ages or edits the log (rf_append_lock) may replace it while others write.
 */
#ifndef RF_AUDIT_H
#define RF_AUDIT_H

#include "rf_json.h"
#include "rf_status.h"
#include "rf_tags.h"

typedef struct rf_audit rf_audit;

/* path NULL: everything below does nothing. Creates the file if it is absent (mode 0640). */
RF_MUST_CHECK rf_status rf_audit_open(rf_audit **out, const char *path, rf_err *err);
/* Begins an entry: the object is open and has "at", "event" and, unless NULL, "run_id"; the caller adds its
 * keys to *json (NULL without a file) and ends with rf_audit_add. */
RF_MUST_CHECK rf_status rf_audit_begin(rf_audit *audit, const char *event, const char *run_id, rf_json **json,
                                       rf_err *err);
RF_MUST_CHECK rf_status rf_audit_add(rf_audit *audit, rf_err *err);
/* key: {"promo_abuse": 21, ...} of counts by rule, [rules]; rules of one type are summed up, in by_rule. */
void rf_audit_types(rf_json *json, const char *key, const rf_tags *tags, int64_t *by_rule);
RF_MUST_CHECK rf_status rf_audit_sync(rf_audit *audit, rf_err *err); /* all entries are on the disk */
void rf_audit_close(rf_audit *audit);

#endif
