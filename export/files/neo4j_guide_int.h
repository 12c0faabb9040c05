/* neo4j_guide_int.h - the parts of an export for Neo4j besides the data. */
#ifndef RF_NEO4J_GUIDE_INT_H
#define RF_NEO4J_GUIDE_INT_H

extern const char rf_neo4j_guide[]; /* README.md, below its title and note */
extern const char
    rf_neo4j_queries[]; /* queries.cypher: statements ended by a semicolon at the end of a line */

#endif
