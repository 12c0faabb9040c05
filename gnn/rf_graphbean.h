/* rf_graphbean.h - GraphBEAN: encoder, feature decoder and structure decoder over one graph of users and
 * entities.
 *
 *   encoder   BEANConv + batch norm (+ ReLU + dropout but after the last) x layers_encoder   -> zu, zv
 *   features  BEANConv + batch norm (+ ReLU + dropout but after the last) x layers_decoder   -> x̂u, x̂v, x̂e
 *   structure an MLP a side, then p(u, v) = sigmoid(mlp(zu) . mlp(zv))
 *   loss      mse(x̂u) + mse(x̂v) + mse(x̂e) + eta * binary cross-entropy over the sampled pairs
 *
 * With several kinds of entity each has its own convolutions of entities and edges, and its own MLPs; a user
 * hears all kinds (rf_bean_conv.h), and in the loss a kind's three terms count with its weight.
 *
 * Parameters lie in one block, gradients in another of the same layout; a run's activations in a workspace
 * that is planned once for a model, a graph and a purpose. E-sized matrices in training: the linear output of
 * each hidden layer that reads edges, its gradient, and that of the last layer's outputs or of its edges'
 * ends, whichever is narrower. Neither the E x d_e reconstruction nor messages are held. Source: Fathony, Ng,
 * Chen, IJCNN 2023.
 */
#ifndef RF_GRAPHBEAN_H
#define RF_GRAPHBEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_adj.h"
#include "rf_edge_sampler.h"
#include "rf_graph.h"
#include "rf_pool.h"
#include "rf_real.h"
#include "rf_side.h"
#include "rf_status.h"

#define RF_MAX_LAYERS 16 /* of an encoder, a decoder, an MLP */

/* How an edge counts in the mean of a message: like every other, or with 1 / log(1 + degree) of the node at
 * its other end, so that what everybody meets says less. */
typedef enum rf_gate { RF_GATE_OFF, RF_GATE_DEGREE } rf_gate;

typedef struct rf_graphbean_shape {
    rf_kinds kinds;
    rf_gate gate;
    int in[RF_SIDES_MOST];
    int hidden[RF_SIDES]; /* users, entities and edges of all kinds */
    int latent[2];        /* users, entities */
    int edge_latent;      /* width of the structure decoder */
    int layers_encoder, layers_decoder,
        layers_mlp; /* at least 2, 2, 1: fewer make no sense in the reference */
    double dropout;
} rf_graphbean_shape;

/* Are a graph's kinds those of the shape, in their order? A main kind without a name of its own is any. */
bool rf_graphbean_has_kinds(const rf_graphbean_shape *shape, const rf_kinds *kinds);
/* The same; RF_E_FORMAT lists those of both where they are not. */
RF_MUST_CHECK rf_status rf_graphbean_check_kinds(const rf_graphbean_shape *shape, const rf_kinds *kinds,
                                                 rf_err *err);
/* Are all widths, depths and kinds the same? Dropout may differ. */
bool rf_graphbean_shapes_equal(const rf_graphbean_shape *a, const rf_graphbean_shape *b);
/* What is drawn for kind k is drawn from this seed: the main kind's is `seed`, another's follows from its
 * name, whichever kinds stand before it. */
uint64_t rf_kind_seed(uint64_t seed, const rf_kinds *kinds, int kind);

typedef struct rf_tensor {
    char name[96];  /* "encoder_convs/0/lin_u/weight": the reference's state_dict name with / for .; of a kind
                       that is not the main one behind "kinds/NAME/" */
    int kind;       /* 0: users and the main kind */
    int rows, cols; /* cols 0: a vector of `rows` */
    int main_cols;  /* so many of cols are for what users and the main kind send, the first ones */
    bool running;   /* a running statistic, not a parameter */
    int fan_in;     /* of a linear layer's weight or bias; 0 for batch norm */
    rf_real *value;
    rf_real *grad; /* NULL for running statistics, or a model without gradients */
} rf_tensor;

static inline size_t rf_tensor_size(const rf_tensor *tensor)
{
    return (size_t)tensor->rows * (size_t)(tensor->cols > 0 ? tensor->cols : 1);
}

typedef struct rf_graphbean rf_graphbean;

/* All zeros but running variances and batch-norm gains (1). RF_E_INVALID names the bad width or depth. */
RF_MUST_CHECK rf_status rf_graphbean_new(rf_graphbean **out, const rf_graphbean_shape *shape,
                                         bool with_gradients, rf_err *err);
void rf_graphbean_free(rf_graphbean *model);
const rf_graphbean_shape *rf_graphbean_shape_get(const rf_graphbean *model);
/* In the reference's order, kind by kind; borrowed. */
const rf_tensor *rf_graphbean_tensors(const rf_graphbean *model, int *n);

/* What becomes of the first layer's outputs of edges. Kept: (n_e, hidden width) numbers. Remade wherever they
 * are read, from features and the tables of both ends: in a product as wide as the features. Auto: remade
 * where they would take 512 MB or more and are not narrower than the features. */
typedef enum rf_hidden_edges {
    RF_HIDDEN_EDGES_AUTO,
    RF_HIDDEN_EDGES_KEPT,
    RF_HIDDEN_EDGES_REMADE
} rf_hidden_edges;

/* A graph as the model reads it; everything borrowed, and unchanged as long as a workspace is bound to it. */
typedef struct rf_graphbean_input {
    const rf_adj *adj[RF_KINDS_MOST];
    const rf_real *x[RF_SIDES_MOST];      /* widths: shape.in */
    const rf_bf16 *narrow[RF_SIDES_MOST]; /* of edges, in place of x, or NULL */
    rf_hidden_edges hidden_edges;         /* with dropout: always kept */
} rf_graphbean_input;
rf_graphbean_input rf_graphbean_input_of(const rf_graph *graph);

typedef enum rf_graphbean_use { RF_USE_APPLY, RF_USE_TRAIN } rf_graphbean_use;
typedef struct rf_workspace rf_workspace;

/* Plans, reserves and binds all memory that forward (and backward) will need, and computes what never
 * changes: the first layer's messages, if they take no more than the features. RF_E_INVALID when a size does
 * not fit BLAS's 32-bit integers. */
RF_MUST_CHECK rf_status rf_workspace_new(rf_workspace **out, rf_graphbean *model,
                                         const rf_graphbean_input *input, rf_graphbean_use use, rf_pool *pool,
                                         rf_err *err);
void rf_workspace_free(rf_workspace *workspace);
typedef struct rf_workspace_form { /* what a workspace's size depends on beside model and graph */
    rf_graphbean_use use;
    rf_hidden_edges hidden_edges;
    bool is_narrow; /* edges' features in bfloat16 */
    int threads;
} rf_workspace_form;
/* The bytes that rf_workspace_new would reserve for so many users, entities and edges; SIZE_MAX: more than
 * can be addressed. kept (or NULL): those that are still there after rf_graphbean_forward. */
RF_MUST_CHECK rf_status rf_workspace_bytes(size_t *out, size_t *kept, rf_graphbean *model,
                                           const int64_t n[RF_SIDES_MOST], const rf_workspace_form *form,
                                           rf_err *err);

typedef struct rf_kind_losses {
    double xv, xe, e;
} rf_kind_losses;

typedef struct rf_losses {
    double xu, xv, xe, e, total; /* xv, xe, e: sums of weight times those of the kinds */
    rf_kind_losses kind[RF_KINDS_MOST];
    double concentration; /* of the error on few nodes: 1 if all nodes err alike */
} rf_losses;

typedef struct rf_loss_weights {
    double eta;                 /* of the cross-entropies */
    double kind[RF_KINDS_MOST]; /* of a kind's terms */
} rf_loss_weights;

/* One full-batch pass: forward with batch statistics (running ones are updated), loss, gradients
 * (overwritten). samples: one a kind. Dropout coins belong to (seed, epoch). Allocates nothing. */
void rf_graphbean_step(rf_losses *losses, rf_workspace *workspace, const rf_edge_sampler *samples,
                       const rf_loss_weights *weights, uint64_t seed, int64_t epoch);

/* Where outputs go. Those of nodes are always made; the edges' may be NULL. */
typedef struct rf_graphbean_output {
    rf_real *x[RF_SIDES_MOST];
    rf_real *z[RF_SIDES_MOST]; /* users and entities */
} rf_graphbean_output;

/* Forward alone, no dropout, once in a workspace that applies a model; frozen: running statistics instead of
 * this graph's. Allocates nothing. */
void rf_graphbean_forward(rf_workspace *workspace, bool frozen, const rf_graphbean_output *output);
/* Probabilities of n pairs of users and entities of a kind, after rf_graphbean_forward, whose output's z must
 * still be there. */
void rf_graphbean_pairs(rf_real *prob, rf_workspace *workspace, int kind, const uint32_t *u,
                        const uint32_t *v, int64_t n);

/* ---- initial.c ---- */
typedef enum rf_init { RF_INIT_KAIMING_UNIFORM, RF_INIT_ORTHOGONAL } rf_init;

/* Kaiming-uniform: weights and biases of linear layers uniform in +-1/sqrt(fan_in), number for number those
 * that the reference draws from the same seed. Orthogonal: weights by QR, zero biases, a stream of its own
 * each tensor. What other kinds have is drawn from streams of their own (rf_kind_seed): the main kind's
 * numbers are those of a model without them, but for the bound of the users' weights, whose fan-in is wider.
 */
RF_MUST_CHECK rf_status rf_graphbean_initialise(rf_graphbean *model, rf_init init, uint64_t seed,
                                                rf_err *err);

#endif
