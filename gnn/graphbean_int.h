/* graphbean_int.h - the model and its workspace as graphbean.c, workspace.c, forward.c, backward.c and
 * structure.c share them.
 *
 * Layers have consecutive numbers: encoder 0 .. n_enc-1, decoder n_enc .. n_convs-1. Sides and kinds as
 * rf_side.h numbers them.
 */
#ifndef RF_GRAPHBEAN_INT_H
#define RF_GRAPHBEAN_INT_H

#include "rf_bean_conv.h"
#include "rf_graphbean.h"
#include "rf_mem.h"
#include "rf_side.h"

#define MAX_CONVS (2 * RF_MAX_LAYERS)
#define STRUCTURE_PARTS 8 /* runs of users whose gradients to entities are summed apart, then in order */
#define PAIRS_AT_ONCE 2048
#define REMADE_FROM ((int64_t)1 << 29) /* bytes of the first layer's outputs of edges */

typedef struct bn_params {
    int d;
    rf_real *gain, *bias, *running_mean, *running_var;
    rf_real *dgain, *dbias;
} bn_params;

typedef struct mlp_layer {
    int d, o;
    rf_real *w, *b, *dw, *db;
} mlp_layer;

struct rf_graphbean {
    rf_graphbean_shape shape;
    bool with_gradients;
    int n_enc, n_convs, n_kinds, n_sides;
    /* all kinds share the users' weights, w_u and b_u */
    rf_bean_conv conv[MAX_CONVS][RF_KINDS_MOST], dconv[MAX_CONVS][RF_KINDS_MOST];
    bn_params bn[MAX_CONVS][RF_SIDES_MOST];
    mlp_layer mlp[RF_KINDS_MOST][2][RF_MAX_LAYERS];
    rf_tensor *tensors;
    int n_tensors;
    size_t n_params, n_running;
    rf_real *params, *grads, *running; /* one block each; tensors are slices */
};

typedef struct layer_memory {
    rf_real *y[RF_SIDES_MOST];  /* linear outputs; of edges: NULL where they are made of the tables again */
    rf_real *h[RF_SIDES_MOST];  /* nodes, after normalisation and activation. Training: the same memory for
                                   all layers, see remake_nodes; applying: in the place of y */
    rf_real *dh[RF_SIDES_MOST]; /* nodes: gradient of h, then of y */
    rf_real *table[RF_KINDS_MOST][2]; /* of users and entities, for edges; NULL where their ends are joined */
    rf_norm norm[RF_SIDES_MOST];
    rf_activation act[RF_SIDES_MOST];
} layer_memory;

typedef struct kind_memory { /* what a kind's edges and its structure decoder have for themselves */
    const rf_adj *adj;       /* the main kind's, as it is; else met */
    rf_adj met;      /* of the users that have edges of the kind, numbered anew; its arrays are the input's,
                        but for those of users */
    int64_t n_users; /* that convolutions of the kind see: those of adj */
    uint32_t *users; /* [n_users] their rows; NULL: all */
    int64_t *users_ptr;         /* [n_users + 1] */
    uint32_t *edge_user;        /* [n_e] */
    rf_real *share_u, *share_v; /* gated: of each edge in the means of its user and of its entity */
    rf_real *msg_u, *msg_v;     /* training: the first layer's messages, or NULL: made again in every step */
    rf_real *e_h; /* training with dropout: [n_e, widest hidden edge] finished input of the layer at hand.
                     Applying: the linear output of a hidden layer */
    rf_real *e_grad[2]; /* [n_e, widest hidden edge] by turns; the second may be NULL */
    rf_real *e_last;    /* gradient of the last layer's linear outputs [n_e, o_e], or of its joined ends [n_e,
                           d_u + d_v] */
    double *e_blocks;   /* per-block sums, alive across layers */
    rf_activation mlp_act[2][RF_MAX_LAYERS];
    int64_t part_end[STRUCTURE_PARTS];
} kind_memory;

enum { ROWS_Y, ROWS_OUT, ROWS_IN, ROWS_DIN, ROWS_X, ROWS_KINDS }; /* blocks of edges in flight */

struct rf_workspace {
    rf_graphbean *model;
    rf_graphbean_input in;
    int64_t n[RF_SIDES_MOST]; /* rows */
    rf_graphbean_use use;
    bool is_narrow; /* features of edges are in bfloat16 */
    rf_pool *pool;
    int workers;
    rf_arena *arena;

    layer_memory layer[MAX_CONVS];
    kind_memory kind[RF_KINDS_MOST];
    rf_bean_scratch scratch;
    double *blocks; /* per-block sums of the widest matrix of nodes */
    rf_real *coef;
    rf_real *users_in, *users_out; /* of a kind whose users are not all: what goes in, and what comes out */
    rf_real *users_grad;           /* and the gradient of what came out */
    rf_real *rows[ROWS_KINDS];     /* [workers, RF_BLOCK, widest edge, or joined message] */

    /* applying a model */
    rf_arena *passing; /* all e_h */
    struct block_made {
        int kind;
        int64_t block; /* whose reconstruction is in rows[0], or -1 */
    } * block_made;    /* [workers] */

    /* structure decoder: of one kind after the other */
    rf_real *mlp_h[2][RF_MAX_LAYERS]; /* activated in place */
    rf_real *mlp_grad[2][2];          /* ping-pong [n, widest] */
    rf_real *dzv_parts;               /* [STRUCTURE_PARTS, n_v, edge_latent] */
    double part_loss[STRUCTURE_PARTS];
    int64_t part_pairs[STRUCTURE_PARTS];
    uint64_t *seen;   /* [workers, words] */
    uint32_t *pair_v; /* [workers, PAIRS_AT_ONCE] */
    uint8_t *pair_y;
    rf_real *pair_logit;
};

/* Nodes' sides one after the other: users, and the entities of each kind. */
static inline rf_side next_nodes(rf_side side)
{
    return side == RF_USER ? RF_ENTITY : side + 2;
}
static inline int output_width(const rf_bean_conv *conv, rf_side role)
{
    return role == RF_USER ? conv->o_u : role == RF_ENTITY ? conv->o_v : conv->o_e;
}
/* Of layer i's outputs of a side. */
static inline int width_of(const rf_graphbean *model, int i, rf_side side)
{
    return output_width(&model->conv[i][rf_side_kind(side)], rf_side_role(side));
}
static inline int widest(int a, int b)
{
    return a > b ? a : b;
}
static inline int64_t block_rows(int64_t n, int64_t block)
{
    int64_t left = n - block * RF_BLOCK;
    return left < RF_BLOCK ? left : RF_BLOCK;
}

/* A hidden layer whose edges read none: what they are is the sum of two nodes' rows. */
static inline bool is_sum(const rf_graphbean *model, int i, int kind)
{
    const rf_bean_conv *conv = &model->conv[i][kind];
    return i < model->n_convs - 1 && conv->o_e > 0 && conv->d_e == 0;
}
/* A hidden layer whose edges' linear outputs are no sums. They are kept, unless the first layer's are remade.
 * Applying: by one layer after the other in the same place. */
static inline bool keeps_edges(const rf_graphbean *model, int i, int kind)
{
    const rf_bean_conv *conv = &model->conv[i][kind];
    return i < model->n_convs - 1 && conv->o_e > 0 && conv->d_e > 0;
}
/* The last layer's edges: gathers the rows of both ends instead of wider rows of tables. */
static inline bool joins_ends(const rf_graphbean *model, int i, int kind)
{
    const rf_bean_conv *conv = &model->conv[i][kind];
    return i == model->n_convs - 1 && conv->o_e > conv->d_u + conv->d_v;
}
static inline bool drops(const rf_workspace *ws)
{
    return ws->use == RF_USE_TRAIN && ws->model->shape.dropout > 0;
}
/* The first layer's linear outputs of edges are made wherever they are read (rf_hidden_edges). */
static inline bool forgets_edges(const rf_workspace *ws, int kind)
{
    const rf_bean_conv *conv = &ws->model->conv[0][kind];
    const int64_t n_e = ws->n[rf_edge_side(kind)];
    if (!keeps_edges(ws->model, 0, kind) || drops(ws) || ws->in.hidden_edges == RF_HIDDEN_EDGES_KEPT)
        return false;
    return ws->in.hidden_edges == RF_HIDDEN_EDGES_REMADE ||
           (conv->d_e <= conv->o_e && n_e >= REMADE_FROM / ((int64_t)sizeof(rf_real) * conv->o_e));
}
static inline bool holds_edges(const rf_workspace *ws, int i, int kind)
{
    return keeps_edges(ws->model, i, kind) && !(i == 0 && forgets_edges(ws, kind));
}

/* Tables of users and entities that are still read when the next layer's are made: in the first layer and in
 * the decoder's first, which never need theirs at the same time (remake_first_tables). */
static inline bool keeps_tables(const rf_workspace *ws, int i, int kind)
{
    return is_sum(ws->model, i, kind) || (i == 0 && forgets_edges(ws, kind));
}

typedef struct edge_set { /* edges that are made together, RF_BLOCK at most */
    int kind;
    const uint32_t *u, *v; /* of each */
    const int64_t *at;     /* their numbers; NULL: first, first + 1, ... */
    int64_t first, n;
} edge_set;

/* edge_rows.c: a block of edges, on one thread */
edge_set edges_of_block(const rf_workspace *ws, int kind, int64_t block);
/* Linear outputs (n, o_e) of layer i; its input is in ROWS_IN afterwards, unless it is the graph's. */
const rf_real *linear_rows(const rf_workspace *ws, int i, rf_real *out, const edge_set *edges, int worker);
/* Those of a hidden layer after forward: where they are kept, or made in room again, with ROWS_X. */
const rf_real *hidden_rows(const rf_workspace *ws, int i, const edge_set *edges, rf_real *room, int worker);
/* The graph's rows (n, d) of edges that follow each other, to compare with: themselves, or in ROWS_X. */
const rf_real *feature_rows(const rf_workspace *ws, const edge_set *edges, int worker);
/* What layer i reads of its edges (n, d_e): the graph's rows, or room. */
const rf_real *input_rows(const rf_workspace *ws, int i, const edge_set *edges, rf_real *room, int64_t ld,
                          int worker);
static inline rf_real *rows_of(const rf_workspace *ws, int kind_of_rows, int64_t width, int worker)
{
    return ws->rows[kind_of_rows] + worker * RF_BLOCK * width;
}

/* forward.c */
const rf_real *layer_input(const rf_workspace *ws, int i, rf_side side); /* of users or entities */
/* What a kind's nodes read in layer i. Its rows of users are those that the kind meets (met_rows). */
rf_bean_source source_of(rf_workspace *ws, int i, int kind);
/* Linear outputs of layer i's users and entities. */
void layer_nodes(rf_workspace *ws, int i);
/* Users and entities of layer i from y to h. */
void finish_nodes(rf_workspace *ws, int i, bool frozen, bool update_running);
/* h of layer i again, in training, where another layer's is now. */
void remake_nodes(rf_workspace *ws, int i);
/* Edges of layer i, from their node tables: their moments, and linear outputs if they are kept. */
void layer_edges(rf_workspace *ws, int i, int kind, bool frozen, bool update_running);
/* Training, backward: the first layer's tables that are kept, again, where the decoder's are now. */
void remake_first_tables(rf_workspace *ws);
/* With dropout: the edges of layer i as the layer behind it reads them. */
void remake_edges(rf_workspace *ws, int i, int kind);
void first_messages(rf_workspace *ws); /* of layer 0, where they are kept */
void forward_layers(rf_workspace *ws); /* but for the last one's edges */

/* apply.c */
/* Are edges of any kind kept that somebody will read, after layer i? */
bool edges_are_needed(const rf_workspace *ws, int i);
/* rf_made_rows_at and a block of rf_made_rows_pick, after rf_graphbean_forward. n <= RF_BLOCK */
const rf_real *made_rows(rf_workspace *ws, int kind, int64_t first, int64_t *n, int worker);
void make_picked_rows(const rf_workspace *ws, int kind, rf_real *out, const int64_t *at, int64_t n,
                      int worker);

/* met_users.c: convolutions of a kind see only the users that it meets */
int64_t count_met(const rf_adj *adj);
void find_met(kind_memory *kind, const rf_adj *adj); /* fills what has been reserved */
/* The rows of users of x (all users, d columns) that the kind meets: x itself, or room (users_in,
 * users_grad). */
const rf_real *met_rows(rf_workspace *ws, int kind, rf_real *room, const rf_real *x, int d);
/* Where the kind's own rows of d columns go that will be added to those of all users: to itself where the
 * kind meets all; else to users_out, zeroed. */
rf_real *begin_met(rf_workspace *ws, int kind, rf_real *to, int d);
void end_met(rf_workspace *ws, int kind, rf_real *to, int d);

/* structure.c: of one kind */
void structure_forward(rf_workspace *ws, int kind);
/* Cross-entropy (mean), its gradient times eta added to the latents' gradients. */
double structure_step(rf_workspace *ws, int kind, const rf_edge_sampler *samples, double eta);

#endif
