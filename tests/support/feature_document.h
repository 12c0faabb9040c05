/* feature_document.h - the tables of docs/FEATURES.md, in Markdown, from the table of features. */
#ifndef FEATURE_DOCUMENT_H
#define FEATURE_DOCUMENT_H

#include "rf_text.h"

RF_MUST_CHECK rf_status feature_document(rf_text *out, rf_err *err);

#endif
