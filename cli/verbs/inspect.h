/* inspect.h - between the files of `inspect`: cmd_inspect.c says what files hold, inspect_lag.c where a
 * consumer group stands.
 */
#ifndef RF_INSPECT_H
#define RF_INSPECT_H

#include "cli_int.h"

/* Adds a table, or one JSON object, about the configured topics: watermarks, committed and saved offsets. */
RF_MUST_CHECK rf_status rf_inspect_lag(rf_text *text, rf_cli *cli, bool as_json, rf_err *err);

#endif
