/* number_places_int.h - numbers that have more digits than their attribute keeps: how many there are, and
 * which setting would keep them. */
#ifndef RF_NUMBER_PLACES_INT_H
#define RF_NUMBER_PLACES_INT_H

#include "reject_int.h"
#include "rf_event.h"

#define RF_PLACES_LOOKS 10000 /* rounded numbers that are looked at; others are counted */

/* Of one attribute. */
typedef struct rf_places_seen {
    int64_t looks, others;   /* numbers that were rounded */
    int64_t rounded;         /* of those looked at: with digits behind the last place that mean something */
    int64_t emptied;         /* of these: with one digit left, or none */
    int64_t beyond;          /* numbers that are too large, and so rejected */
    bool any;                /* of all of these: */
    int64_t highest, finest; /* powers of ten of the first and the last digit, in the column's unit */
    char rounded_as[RF_SHOWN_BYTES], emptied_as[RF_SHOWN_BYTES], beyond_as[RF_SHOWN_BYTES]; /* the first */
} rf_places_seen;

/* text: the number in plain digits, as the reader of it saw it; kept: what was made of it. */
void rf_places_rounded(rf_places_seen *seen, const rf_attr *attr, rf_span text, int64_t kept);
void rf_places_beyond(rf_places_seen *seen, const rf_attr *attr, rf_span text);

/* Is a rounded number worth a look? Else it is counted. */
static inline bool rf_places_look(rf_places_seen *seen, const rf_attr *attr)
{
    bool look = seen->looks < RF_PLACES_LOOKS && !attr->told_places;
    seen->others += !look;
    return look;
}

/* A number that is kept: others with more digits must leave room for it. */
void rf_places_kept(rf_places_seen *seen, const rf_attr *attr, int64_t value);

/* "fields.attributes.amount.decimals: 8": what would keep all that was seen, as far as anything does. */
#define RF_PLACES_SETTING 256
bool rf_places_setting(char out[RF_PLACES_SETTING], const rf_places_seen *seen, const rf_attr *attr);

/* Warns of what was lost, an attribute a line. hidden: no number is shown. */
void rf_places_warn(const rf_places_seen *seen, const rf_attr *attrs, int n_attrs, bool hidden);

#endif
