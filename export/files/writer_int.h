/* writer_int.h - a format of `ringfence export` is a writer of four functions over an extract. export.c has
 * the table of all formats.
 */
#ifndef RF_WRITER_INT_H
#define RF_WRITER_INT_H

#include "draft_int.h"
#include "extract_text_int.h"
#include "style_int.h"

typedef struct rf_writer {
    size_t size;      /* of its state, zeroed before begin */
    bool edges_first; /* else all nodes come before all edges */
    rf_status (*begin)(void *state, rf_extract *extract, const char *path, rf_err *err);
    rf_status (*node)(void *state, rf_extract *extract, int64_t i, rf_err *err);
    rf_status (*edge)(void *state, rf_extract *extract, int64_t i, rf_err *err);
    rf_status (*end)(void *state, rf_extract *extract, rf_err *err); /* makes the file appear */
    void (*clear)(void *state);                                      /* drops what did not */
} rf_writer;
#define RF_DECLARE_WRITER(name, about) extern const rf_writer rf_writer_##name;
RF_EXPORT_FORMATS(RF_DECLARE_WRITER, )

/* ---- cx2_style.c ---- the aspect visualProperties. */
void rf_cx2_put_style(rf_json_draft *js, const rf_extract *extract);

/* ---- neo4j_guide.c ---- */
/* A byte 1 and one of these stand where the kinds of entity say more. */
enum {
    RF_NEO4J_MET = 'm',        /* types of relationships after MET */
    RF_NEO4J_NODE_FILES = 'n', /* files after the first */
    RF_NEO4J_EDGE_FILES = 'e',
    RF_NEO4J_ROWS = 'r',        /* of the table of files */
    RF_NEO4J_CONSTRAINTS = 'c', /* of entities */
    RF_NEO4J_STATEMENTS = 's'   /* how many constraints there are */
};
extern const char rf_neo4j_guide[]; /* README.md, below its title and note */
extern const char
    rf_neo4j_queries[]; /* queries.cypher: statements ended by a semicolon at the end of a line */

#endif
