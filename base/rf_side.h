/* rf_side.h - the sides of a graph: its users, and for each kind of entity its entities and their edges.
 *
 * One number names a side wherever an array has an element for each side: graph->side[s], scores->side[s],
 * tags->side[s]. Users are side 0, the entities of kind k are side 1 + 2k, and the edges between users and
 * them side 2 + 2k, so that code which loops over RF_SIDES does not change when a kind is added: a side that
 * a graph does not have is empty (n = 0). There is one kind today.
 */
#ifndef RF_SIDE_H
#define RF_SIDE_H

#define RF_KINDS 1 /* of entities */
#define RF_SIDES (1 + 2 * RF_KINDS)

typedef int rf_side;
enum { RF_NO_SIDE = -1, RF_USER = 0, RF_ENTITY = 1, RF_EDGE = 2 }; /* the main kind, and the roles of all */

/* RF_USER, RF_ENTITY or RF_EDGE: the role of the side's rows, for any kind. */
static inline rf_side rf_side_role(rf_side side)
{
    return side == RF_USER ? RF_USER : 1 + (side - 1) % 2;
}

/* The role in words: "user", "entity", "edge". */
static inline const char *rf_side_name(rf_side side)
{
    static const char *const names[] = {"user", "entity", "edge"};
    return names[rf_side_role(side)];
}

/* "users", "entities", "edges". */
static inline const char *rf_side_plural(rf_side side)
{
    static const char *const names[] = {"users", "entities", "edges"};
    return names[rf_side_role(side)];
}

/* The role's letter in our files: 'u', 'v', 'e'. */
static inline char rf_side_letter(rf_side side)
{
    return "uve"[rf_side_role(side)];
}

#endif
