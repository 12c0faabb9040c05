/* warm_start.c - see warm_start_int.h; docs/TRAINING.md says what it is worth.
 *
 * The graph of another night orders its columns anew, since values of a category stand in the order of how
 * often they occur. So what belongs to a column goes by the column's name: inputs of the first layer, outputs
 * of the last one.
 */
#include "warm_start_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "columns_int.h"
#include "rf_idmap.h"
#include "rf_mem.h"

/* ---- does it fit? ---- */

__attribute__((format(printf, 2, 3))) static bool differs(char *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, RF_WARM_WHY, format, args);
    va_end(args);
    return false;
}

static bool shapes_fit(char *why, const rf_graphbean_shape *old, const rf_graphbean_shape *now)
{
    if (!rf_graphbean_has_kinds(old, &now->kinds))
        return differs(why, "it has other kinds of entity");
    for (rf_side side = 0; side < rf_sides(&now->kinds); side++) {
        if (old->in[side] != now->in[side])
            return differs(why, "it has %d columns of %s, the graph has %d", old->in[side],
                           rf_side_plural(side), now->in[side]);
    }
    return rf_graphbean_shapes_equal(old, now) || differs(why, "it has other widths, depths or gate");
}

/* ---- columns by name ---- */

typedef struct column_map {
    int32_t *old[RF_SIDES_MOST]; /* [columns] the old column of each; NULL: the same */
} column_map;

static void clear_map(column_map *map)
{
    for (rf_side side = 0; side < RF_SIDES_MOST; side++)
        rf_mem_free(map->old[side]);
}

/* out[j]: the place of names' j-th among the old ones, which has the same transform. */
static rf_status match_names(bool *fits, char *why, int32_t *out, const rf_side_columns *old,
                             const rf_graph_side *side, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    rf_idmap *map = NULL;
    uint32_t id;
    int is_new;
    RF_TRY(rf_idmap_new(&map, err));
    *fits = true;
    for (int j = 0; j < side->d && *fits; j++) {
        const char *name = rf_texts_get(&old->name, j);
        RF_TRY(rf_idmap_intern(map, name, strlen(name), &id, &is_new, err));
        if (!is_new)
            *fits = differs(why, "it has two columns of %s called %.60s", what, name);
    }
    for (int j = 0; j < side->d && *fits; j++) {
        const char *name = rf_texts_get(&side->feature_names, j);
        id = rf_idmap_find(map, name, strlen(name));
        out[j] = (int32_t)id;
        if (id == RF_NO_ID)
            *fits = differs(why, "it does not know the column %.60s of %s", name, what);
        else if (old->transform != NULL && side->transform != NULL &&
                 old->transform[id] != side->transform[j])
            *fits = differs(why, "the column %.60s of %s has another transform in it", name, what);
    }
done:
    rf_idmap_free(map);
    return st;
}

static rf_status map_columns(bool *fits, char *why, column_map *map, const rf_model_columns *columns,
                             const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    *fits = true;
    for (rf_side side = 0; side < rf_sides(&graph->kinds) && *fits; side++) {
        const rf_side_columns *old = &columns->side[side];
        const rf_graph_side *now = &graph->side[side];
        if ((old->name.n > 0) != (now->feature_names.n > 0)) {
            *fits =
                differs(why, "only one of it and the graph names its columns of %s", rf_side_plural(side));
        } else if (old->name.n > 0) {
            RF_NEW(map->old[side], now->d, err);
            RF_TRY(match_names(fits, why, map->old[side], old, now, rf_side_plural(side), err));
        }
    }
done:
    return st;
}

/* ---- parameters ---- */

#define MOST_BLOCKS (1 + 4 * RF_KINDS_MOST)

typedef struct layout { /* which rows and columns of a tensor belong to columns of the graph */
    rf_side rows;       /* of this side; RF_NO_SIDE: none */
    rf_side block[MOST_BLOCKS];
    int n_blocks; /* columns: of these sides, one after the other; 0: none */
} layout;

static void add_block(layout *l, rf_side side, int times)
{
    while (times-- > 0)
        l->block[l->n_blocks++] = side;
}

/* As rf_bean_conv.h orders a message: itself, then means and maxima of partners and of edges. */
static void first_layer(layout *l, rf_side role, int kind, int n_kinds)
{
    const rf_side v = rf_entity_side(kind), e = rf_edge_side(kind);
    if (role == RF_USER) {
        add_block(l, RF_USER, 1);
        for (int k = 0; k < n_kinds; k++) {
            add_block(l, rf_entity_side(k), 2);
            add_block(l, rf_edge_side(k), 2);
        }
    } else if (role == RF_ENTITY) {
        add_block(l, v, 1);
        add_block(l, RF_USER, 2);
        add_block(l, e, 2);
    } else {
        add_block(l, e, 1);
        add_block(l, RF_USER, 1);
        add_block(l, v, 1);
    }
}

/* Of "encoder_convs/0/lin_u/weight" and its like, behind the kind's prefix. */
static layout layout_of(const rf_tensor *tensor, const rf_graphbean_shape *shape)
{
    layout l = {.rows = RF_NO_SIDE};
    char last[32];
    const char *name = tensor->name;
    if (strncmp(name, "kinds/", 6) == 0)
        name = strchr(name + 6, '/') + 1;
    (void)snprintf(last, sizeof last, "decoder_convs/%d/", shape->layers_decoder - 1);
    const bool is_first = strncmp(name, "encoder_convs/0/lin_", 20) == 0 && tensor->cols > 0;
    const bool is_last = strncmp(name, last, strlen(last)) == 0;
    if (!is_first && !is_last)
        return l;
    const char *letter = strchr(strchr(name, '/') + 3, '_') + 1; /* behind lin_ or bn_ */
    const rf_side role = *letter == 'u' ? RF_USER : *letter == 'v' ? RF_ENTITY : RF_EDGE;
    if (is_first)
        first_layer(&l, role, tensor->kind, rf_kinds_n(&shape->kinds));
    else
        l.rows = role == RF_USER ? RF_USER : role + 2 * tensor->kind;
    return l;
}

static int32_t old_column(const column_map *map, rf_side side, int j)
{
    return map->old[side] == NULL ? j : map->old[side][j];
}

/* out becomes `in` with rows and columns in the graph's order. */
static void place(rf_real *out, const rf_real *in, const rf_tensor *tensor, const rf_graphbean_shape *shape,
                  const column_map *map)
{
    const layout l = layout_of(tensor, shape);
    const int cols = tensor->cols > 0 ? tensor->cols : 1;
    for (int i = 0; i < tensor->rows; i++) {
        const rf_real *row = in + (int64_t)(l.rows == RF_NO_SIDE ? i : old_column(map, l.rows, i)) * cols;
        rf_real *to = out + (int64_t)i * cols;
        if (l.n_blocks == 0)
            memcpy(to, row, (size_t)cols * sizeof *to);
        for (int b = 0, at = 0; b < l.n_blocks; at += shape->in[l.block[b++]]) {
            for (int j = 0; j < shape->in[l.block[b]]; j++)
                to[at + j] = row[at + old_column(map, l.block[b], j)];
        }
    }
}

static void place_all(rf_graphbean *model, rf_adam *adam, const rf_graphbean *old, const rf_adam *old_adam,
                      const column_map *map)
{
    int n;
    size_t at = 0;
    const rf_graphbean_shape *shape = rf_graphbean_shape_get(model);
    const rf_tensor *out = rf_graphbean_tensors(model, &n), *in = rf_graphbean_tensors(old, &n);
    for (int t = 0; t < n; t++) {
        place(out[t].value, in[t].value, &out[t], shape, map);
        if (out[t].running)
            continue;
        place(adam->m + at, old_adam->m + at, &out[t], shape, map);
        place(adam->v + at, old_adam->v + at, &out[t], shape, map);
        at += rf_tensor_size(&out[t]);
    }
    adam->step = old_adam->step;
}

/* ---- the training that ended ---- */

rf_status rf_warm_start(char *why, rf_progress_state *state, rf_adam *adam, rf_graphbean *model, rf_h5 *file,
                        const rf_graph *graph, const char *options, rf_err *err)
{
    rf_status st = RF_OK;
    rf_graphbean *old = NULL;
    rf_adam old_adam = {0};
    rf_progress_state ended = {0};
    rf_model_columns columns = {0};
    column_map map = {0};
    bool fits = false;
    why[0] = '\0';
    RF_TRY(rf_checkpoint_read_model(&old, file, false, 0, err));
    const rf_graphbean_shape *shape = rf_graphbean_shape_get(old);
    if (!shapes_fit(why, shape, rf_graphbean_shape_get(model)))
        goto done;
    RF_TRY(rf_model_columns_read(&columns, file, shape, err));
    RF_TRY(map_columns(&fits, why, &map, &columns, graph, err));
    if (!fits)
        goto done;
    RF_TRY(rf_adam_init(&old_adam, old, err));
    RF_TRY(rf_checkpoint_read_ended(why, &old_adam, &ended, file, old, options, err));
    if (why[0] != '\0')
        goto done;
    place_all(model, adam, old, &old_adam, &map);
    rf_checkpoint_model_id(state->warm_from, old);
    state->warm_goal = ended.warm_from[0] != '\0' ? ended.warm_goal : ended.loss;
done:
    clear_map(&map);
    rf_model_columns_clear(&columns);
    rf_adam_clear(&old_adam);
    rf_graphbean_free(old);
    return st;
}

bool rf_warm_start_is_there(const rf_progress_state *state)
{
    return state->warm_from[0] != '\0' && state->loss <= state->warm_goal;
}
