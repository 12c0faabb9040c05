/* inspect.h - shared by the files of `inspect`: cmd_inspect.c prints what files hold, inspect_lag.c the
 * position of a consumer group, inspect_hubs.c the hubs of graphs.
 */
#ifndef RF_INSPECT_H
#define RF_INSPECT_H

#include "cli_int.h"

/* Adds a table, or one JSON object, about the configured topics: watermarks, committed and saved offsets. */
RF_MUST_CHECK rf_status rf_inspect_lag(rf_text *text, rf_job *job, bool as_json, rf_err *err);

/* Adds the hubs of the graphs that args names, or, with --hub ID, the users of that one: a table or a line
 * each, or one JSON object a file. */
RF_MUST_CHECK rf_status rf_inspect_hubs(rf_text *text, const rf_args *args, rf_err *err);

#endif
