/* csv_start_int.h - what stands before the first record of a CSV file. */
#ifndef RF_CSV_START_INT_H
#define RF_CSV_START_INT_H

#include "event_csv_int.h"
#include "record_reader_int.h"

/* Right after opening: passes over a line "sep=;", the lines to skip and the header, and binds the columns of
 * `csv`, so that the next record is the first of the events. RF_EOF: the file is empty. */
RF_MUST_CHECK rf_status rf_csv_start(rf_records *records, rf_csv_decoder *csv, const rf_csv_dialect *dialect,
                                     const char *name, rf_err *err);

#endif
