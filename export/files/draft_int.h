/* draft_int.h - files written piece by piece: as plain text, as XML, as JSON. The first failure sticks and
 * ends a file, so that writers read as a list of what they write.
 */
#ifndef RF_DRAFT_INT_H
#define RF_DRAFT_INT_H

#include "extract_columns_int.h"
#include "rf_escape.h"
#include "rf_file.h"
#include "rf_json.h"

/* ---- draft.c ---- */
typedef struct rf_draft {
    rf_file *file;
    rf_text buffer, plain;
    rf_status status;
    rf_err err;
} rf_draft;
RF_MUST_CHECK rf_status rf_draft_open(rf_draft *draft, const char *path, rf_err *err);
void rf_draft_bytes(rf_draft *draft, const char *bytes, size_t len);
void rf_draft_text(rf_draft *draft, const char *text);
void rf_draft_printf(rf_draft *draft, const char *format, ...) RF_PRINTF(2, 3);
/* text, as rf_plain_add has it; lives until the next call. "" after a failure. */
const char *rf_draft_plain(rf_draft *draft, const char *text, unsigned how);
/* text, escaped; what the format cannot hold was spelled before. */
void rf_draft_escaped(rf_draft *draft, rf_escape how, const char *text, size_t len);
RF_MUST_CHECK rf_status rf_draft_commit(rf_draft *draft, rf_err *err); /* or what went wrong before */
void rf_draft_clear(rf_draft *draft); /* drops the file unless it was committed */

/* ---- xml_text.c ---- elements and attributes on a draft; text is escaped, losslessly. */
typedef struct rf_xml {
    rf_draft draft;
    const char *open[8];
    int depth;
    bool in_tag, has_children;
    bool for_people; /* texts are looked at, not read back */
} rf_xml;
void rf_xml_open(rf_xml *xml, const char *element);
void rf_xml_attr(rf_xml *xml, const char *name, const char *value);
void rf_xml_attrf(rf_xml *xml, const char *name, const char *format, ...) RF_PRINTF(3, 4);
void rf_xml_text(rf_xml *xml, const char *text);
void rf_xml_close(rf_xml *xml);
const char *rf_xml_type(rf_column_type type); /* of a column, as GraphML and GEXF call it */
/* <element attribute="value">text</element>; attribute or text may be NULL. */
void rf_xml_element(rf_xml *xml, const char *element, const char *attribute, const char *value,
                    const char *text);

/* ---- json_draft.c ---- JSON values on a draft, piece by piece; strings are lossless. Nothing in a piece can
 * end a script element that holds it. */
typedef struct rf_json_draft {
    rf_draft draft;
    rf_json *json; /* the piece being made; after rf_json_draft_put: empty */
    bool in_page;  /* the file is a page: also what means something to HTML, or ends a line of JavaScript, is
                      spelled \uXXXX */
} rf_json_draft;
RF_MUST_CHECK rf_status rf_json_draft_open(rf_json_draft *js, const char *path, rf_err *err);
void rf_json_draft_string(rf_json_draft *js, const char *text); /* NULL writes null */
void rf_json_draft_field(rf_json_draft *js, const char *key, const char *text);
void rf_json_draft_value(rf_json_draft *js, const rf_value *value,
                         rf_column_type type); /* times as ISO 8601 */
/* The fields of one node or edge that are there, into the open map. */
RF_MUST_CHECK rf_status rf_json_draft_columns(rf_json_draft *js, rf_columns *columns,
                                              const rf_extract *extract, int64_t i, rf_err *err);
void rf_json_draft_put(rf_json_draft *js, const char *before,
                       const char *after); /* the piece between two texts */
void rf_json_draft_clear(rf_json_draft *js);

#endif
