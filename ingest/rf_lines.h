/* rf_lines.h - goes through the lines of a text file, plain or packed, and changes some of them.
 */
#ifndef RF_LINES_H
#define RF_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_event.h"
#include "rf_text.h"

typedef enum rf_line_fate {
    RF_LINE_KEEP,
    RF_LINE_DROP,    /* with its end */
    RF_LINE_REPLACE, /* by the replacement */
    RF_LINE_BLANK    /* spaces in its place: what follows stays where it is */
} rf_line_fate;

typedef struct rf_line_judge {
    /* `line` counts from 1; text is without its end. *replacement is empty before. */
    rf_status (*judge)(void *context, int64_t line, rf_span text, rf_line_fate *fate, rf_text *replacement,
                       rf_err *err);
    void *context;
} rf_line_judge;

/* Whether a source finds in the file the lines that are stored in it: not where it converts an encoding, or
 * line ends that are returns. */
RF_MUST_CHECK rf_status rf_lines_are_as_stored(bool *out, const char *path, const char *encoding,
                                               rf_err *err);

/* Judges every line once, from the first to the last. *changed counts those that are not kept; the file stays
 * as it is. RF_E_FORMAT for packed data that is broken. Memory: the longest line. */
RF_MUST_CHECK rf_status rf_lines_judge(int64_t *changed, const char *path, const rf_line_judge *judge,
                                       rf_err *err);
/* The same, and if any line changes the file is replaced by one with the changed lines, packed as before. It
 * writes the whole file anew to find out: most callers judge first. */
RF_MUST_CHECK rf_status rf_lines_rewrite(int64_t *changed, const char *path, const rf_line_judge *judge,
                                         rf_err *err);

/* Whether a JSON file has its records one a line: it is not printed, one array, or a stream of another shape.
 */
RF_MUST_CHECK rf_status rf_lines_are_json_records(bool *are, const char *path, rf_err *err);

/* Brings the fingerprint of a position up to date after lines before it were blanked. */
RF_MUST_CHECK rf_status rf_position_refresh(rf_input_position *position, rf_err *err);

#endif
