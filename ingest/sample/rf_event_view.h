/* rf_event_view.h - what a configuration makes of events: a row for each field, with what it was understood
 * as and what was in it; and how the numbers of users, and of entities and pairs of each kind grow.
 *
 * Texts are masked: no id is seen in clear.
 */
#ifndef RF_EVENT_VIEW_H
#define RF_EVENT_VIEW_H

#include "rf_source.h"

typedef struct rf_event_view rf_event_view;

typedef struct rf_event_row {
    char field[96]; /* "user", "amount" */
    char from[160]; /* its column or key */
    char meaning[96];
    char seen[240];
} rf_event_row;

/* The fields must outlive the view. */
RF_MUST_CHECK rf_status rf_event_view_new(rf_event_view **out, const rf_fields *fields, rf_err *err);
void rf_event_view_free(rf_event_view *view);
RF_MUST_CHECK rf_status rf_event_view_add(rf_event_view *view, const rf_event *event, rf_err *err);
int rf_event_view_rows(const rf_event_view *view);
void rf_event_view_row(rf_event_row *out, const rf_event_view *view, int i);

/* What grows with the events, by a power of their number: as many after `events` of them as are now after
 * those seen; rates are fitted over the last half. */
typedef struct rf_growth {
    int64_t events, users;                                 /* seen */
    int64_t entities[RF_KINDS_MOST], pairs[RF_KINDS_MOST]; /* of each kind */
    int64_t from_us, to_us;                                /* earliest and latest */
} rf_growth;
rf_growth rf_event_view_growth(const rf_event_view *view);
rf_growth rf_event_view_expect(const rf_event_view *view, double events);

#endif
