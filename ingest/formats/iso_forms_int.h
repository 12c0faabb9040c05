/* iso_forms_int.h - the less usual forms of ISO 8601. */
#ifndef RF_ISO_FORMS_INT_H
#define RF_ISO_FORMS_INT_H

#include "rf_span.h"

#define RF_ISO_USUAL 64

/* "20240302T1730Z", "2024-W09-6", "2024-062", "2024-03-02T24:00", "2024-03-02 17:30:00 +0100 CET" as
 * "2024-03-02T17:30:00+01:00" would be written, in out; ptr NULL: it is none of these. The numbers are
 * checked where forms need it; whether the rest is a time, its reader says. */
rf_span rf_iso_usual(char out[RF_ISO_USUAL], rf_span text);

#endif
