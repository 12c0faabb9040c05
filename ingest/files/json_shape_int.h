/* json_shape_int.h - how JSON values follow each other in a file. */
#ifndef RF_JSON_SHAPE_INT_H
#define RF_JSON_SHAPE_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_span.h"

typedef enum rf_json_shape {
    RF_JSON_LINES,  /* one a line */
    RF_JSON_STREAM, /* over several lines, without line ends, elements of arrays, behind separators */
    RF_JSON_EVENTS  /* server-sent events: lines "data: ..." among others */
} rf_json_shape;

/* By the beginning of the content. *unsure: more of it would tell. */
rf_json_shape rf_json_shape_of(rf_span content, bool ended, bool *unsure);
/* Whether content that nothing else is known of begins with server-sent events, data among them. */
bool rf_json_is_events(rf_span content);
/* The column of the first object, from 0. */
size_t rf_json_column(rf_span content);

/* What a line of server-sent events carries; ptr NULL: another line. */
rf_span rf_json_event_data(rf_span line);

/* Bytes between two values of a stream: spaces, commas, brackets of arrays, record separators. */
size_t rf_json_pass_separators(rf_span content);

typedef enum rf_json_cut { RF_JSON_CUT, RF_JSON_CUT_MORE } rf_json_cut;
/* The value at the beginning of the content, or a broken one up to where the next may begin. column: of the
 * first object of the file. CUT_MORE: the content ends before. */
rf_json_cut rf_json_cut_value(size_t *len, rf_span content, bool ended, size_t column);

#endif
