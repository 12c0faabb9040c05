/* content_kind_int.h - what bytes are that are no events: archives, workbooks, databases. */
#ifndef RF_CONTENT_KIND_INT_H
#define RF_CONTENT_KIND_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "input_stream_int.h"

/* RF_E_INVALID where the first bytes of an input (or, when it is packed, of its content) are of a kind that
 * is not read: what it is, and the command that makes events of it. packed_only: other texts and files are
 * none of the caller's business. */
RF_MUST_CHECK rf_status rf_content_check(const char *name, const char *bytes, size_t n, rf_packing packing,
                                         bool packed_only, rf_err *err);

#endif
