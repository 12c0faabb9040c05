/* extract_text_int.h - ids as keys of files, and texts shortened for people. */
#ifndef RF_EXTRACT_TEXT_INT_H
#define RF_EXTRACT_TEXT_INT_H

#include "extract_int.h"
#include "rf_escape.h"

/* A node's key, where users and entities share one space of names: "user:ID", "entity:ID" or "device:ID",
 * the same from run to run. Letters, digits, '.', '_' and '-' of the id stay, every other byte becomes ":HH".
 */
RF_MUST_CHECK rf_status rf_node_key(rf_text *out, const rf_extract *extract, int64_t i, rf_err *err);
/* A short form of a text to read, not to look up: at most `most` characters and an ellipsis, without line
 * breaks, control characters and marks that turn the direction of writing. */
RF_MUST_CHECK rf_status rf_short_text(rf_text *out, const char *text, int most, rf_err *err);
/* The same of a node's id, up to 40 characters. */
RF_MUST_CHECK rf_status rf_node_label(rf_text *out, const rf_extract *extract, const rf_extract_node *node,
                                      rf_err *err);
#define RF_EDGE_ID (RF_KIND_NAME + 16)
/* What tells an edge from all others: "e12"; of a kind that is not the main one "device_e12". Returns out. */
const char *rf_edge_id(char out[RF_EDGE_ID], const rf_extract *extract, const rf_extract_edge *edge);

#endif
