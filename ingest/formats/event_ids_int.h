/* event_ids_int.h - the ids of an event: its user and its entities, each in one spelling, and hidden where
 * that is wanted.
 *
 * What is odd about them, but no reason to reject an event, is said here once.
 */
#ifndef RF_EVENT_IDS_INT_H
#define RF_EVENT_IDS_INT_H

#include "field_plan_int.h"
#include "rf_source.h"

typedef struct rf_event_ids rf_event_ids;
/* The plan learns of which sides ids may be of any length. It must outlive the ids, as the key must. */
RF_MUST_CHECK rf_status rf_event_ids_new(rf_event_ids **out, const rf_source_options *options,
                                         rf_field_plan *plan, rf_err *err);
void rf_event_ids_free(rf_event_ids *ids);
/* What the event names is moved here, until the next call. RF_SKIPPED: a word of normalise refuses one, or
 * leaves nothing of it. Of a kind that is not required the event then has none, which is said once. */
rf_status rf_event_ids_spell(rf_event_ids *ids, rf_event *event, rf_reject *reject, rf_err *err);
/* After that nobody sees them: pseudonyms, by the key. */
RF_MUST_CHECK rf_status rf_event_ids_hide(rf_event_ids *ids, rf_event *event, rf_err *err);
/* After the last one: what was passed over. */
void rf_event_ids_warn(rf_event_ids *ids);
/* Of the first events: do ids have spaces at their ends? False: no more is to be looked at. */
bool rf_event_ids_look_for_spaces(rf_event_ids *ids, const rf_event *event, bool csv);

#endif
