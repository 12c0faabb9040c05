/* known_content_int.h - a file whose content was read before under another name, or packed otherwise. */
#ifndef RF_KNOWN_CONTENT_INT_H
#define RF_KNOWN_CONTENT_INT_H

#include "record_reader_int.h"

/* If the file at `path` begins with all that was read of another of the positions, *position, which is at the
 * file's start, becomes that one: reading goes on behind what is known. Uses the reader, and leaves it open.
 * Says so in a warning. */
RF_MUST_CHECK rf_status rf_known_content(rf_input_position *position, const rf_positions *positions,
                                         const bool *moved, rf_records *records, const char *path,
                                         rf_err *err);
/* Which of the positions that were read belong to names that are gone: an rf_mem block. */
RF_MUST_CHECK rf_status rf_known_moved(bool **moved, const rf_positions *positions, rf_err *err);

#endif
