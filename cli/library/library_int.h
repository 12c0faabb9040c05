/* library_int.h - between the files of the library's face: rooms fail with rf_status and rf_err, callers see
 * their own. */
#ifndef RF_LIBRARY_INT_H
#define RF_LIBRARY_INT_H

#include "rf_status.h"
#include "ringfence.h"

/* Copies a failure into *error (NULL allowed) and returns the status as callers know it. */
ringfence_status rf_library_status(ringfence_error *error, rf_status st, const rf_err *err);

#endif
