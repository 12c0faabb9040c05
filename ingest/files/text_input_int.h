/* text_input_int.h - the content of one input as UTF-8, whatever encoding it is stored in. */
#ifndef RF_TEXT_INPUT_INT_H
#define RF_TEXT_INPUT_INT_H

#include "input_stream_int.h"

typedef struct rf_text_input rf_text_input;

/* encoding NULL: UTF-8, or UTF-16 or 32 where a byte order mark says so; else a name of source.encoding, or
 * any that iconv knows. path NULL is standard input. */
RF_MUST_CHECK rf_status rf_text_input_open(rf_text_input **out, const char *path, const char *encoding,
                                           rf_err *err);
/* Up to cap (at least 8) bytes; *n == 0 at the end. What is no character of the encoding becomes a byte that
 * is no UTF-8, so that a text with it is refused where somebody reads it. Line ends that are returns alone
 * become line ends. RF_E_INVALID: the content is of a kind that is not read, such as a zip file. */
RF_MUST_CHECK rf_status rf_text_input_read(rf_text_input *text, char *buffer, size_t cap, size_t *n,
                                           rf_err *err);
bool rf_text_input_seek(rf_text_input *text, int64_t offset); /* false: read on and drop instead */
/* After the first read: lines are read as they are stored. */
bool rf_text_input_is_plain(const rf_text_input *text);
const rf_input *rf_text_input_stored(const rf_text_input *text);
void rf_text_input_close(rf_text_input *text);

#endif
