/* rf_side.h - the sides of a graph: its users, and for each kind of entity its entities and their edges.
 *
 * One number names a side wherever an array has an element for each side: graph->side[s], scores->side[s],
 * tags->side[s]. Users are side 0, the entities of kind k are side 1 + 2k, and the edges between users and
 * them side 2 + 2k. Kind 0 is the main kind. Such arrays have RF_SIDES_MOST elements; rf_sides(kinds) of them
 * are in use, and code which treats all alike loops up to there.
 *
 * What is computed of one kind alone works on three sides: users, its entities, its edges (RF_SIDES), of the
 * main kind or of a view of another one (rf_graph_of_kind).
 */
#ifndef RF_SIDE_H
#define RF_SIDE_H

#include <stdbool.h>
#include <string.h>

#define RF_SIDES 3 /* of one kind */
#define RF_KINDS_MOST 16
#define RF_SIDES_MOST (1 + 2 * RF_KINDS_MOST)
#define RF_KIND_NAME 33 /* a-z, 0-9 and _, a letter first, and a NUL */

typedef int rf_side;
enum { RF_NO_SIDE = -1, RF_USER = 0, RF_ENTITY = 1, RF_EDGE = 2 }; /* the main kind, and the roles of all */

/* The kinds of entity of a graph, in their order. n = 0 is read as one kind without a name of its own, which
 * is what every file without the attribute `kinds` has. */
typedef struct rf_kinds {
    int n;
    char name[RF_KINDS_MOST][RF_KIND_NAME];
} rf_kinds;

static inline int rf_kinds_n(const rf_kinds *kinds)
{
    return kinds->n > 0 ? kinds->n : 1;
}

static inline int rf_sides(const rf_kinds *kinds)
{
    return 1 + 2 * rf_kinds_n(kinds);
}

static inline rf_side rf_entity_side(int kind)
{
    return 1 + 2 * kind;
}

static inline rf_side rf_edge_side(int kind)
{
    return 2 + 2 * kind;
}

/* The kind of an entity's or edge's side; of the users 0. */
static inline int rf_side_kind(rf_side side)
{
    return side <= RF_USER ? 0 : (side - 1) / 2;
}

/* The number of the kind of that name, or -1. */
static inline int rf_kinds_find(const rf_kinds *kinds, const char *name)
{
    int k = kinds->n - 1;
    while (k >= 0 && strcmp(kinds->name[k], name) != 0)
        k--;
    return k;
}

/* What one entity of the kind is called: "device"; "entity" where the main kind has no name of its own. */
static inline const char *rf_kind_name(const rf_kinds *kinds, int kind)
{
    return kind < kinds->n ? kinds->name[kind] : "entity";
}

#define RF_KIND_PLURAL (RF_KIND_NAME + 8)
/* What several are called: "devices", "addresses", "entities". Returns out. */
const char *rf_kind_plural(char out[RF_KIND_PLURAL], const rf_kinds *kinds, int kind);

/* May a kind be called so? */
bool rf_kind_name_is_valid(const char *name);
bool rf_kinds_equal(const rf_kinds *a, const rf_kinds *b);

#define RF_KINDS_LIST (RF_KINDS_MOST * RF_KIND_NAME)
/* The names as our files list them, in their order with commas between: "merchant,device,card". Returns out.
 */
const char *rf_kinds_list(char out[RF_KINDS_LIST], const rf_kinds *kinds);
/* The way back; false where the list has a name twice, an impossible one, or too many. */
bool rf_kinds_parse(rf_kinds *out, const char *list);

#define RF_SIDE_PATH 96
/* The path in our HDF5 files of what a side has: "/u/x", "/v/x" and "/e/x" of the main kind,
 * "/kinds/device/v/x" of another. name "": of the side's group itself. Returns out. */
const char *rf_side_path(char out[RF_SIDE_PATH], const rf_kinds *kinds, rf_side side, const char *name);

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
