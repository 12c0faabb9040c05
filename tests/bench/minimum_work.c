/* minimum_work.c - see minimum_work.h. */
#include "minimum_work.h"

typedef struct layer_widths { /* of one kind, and the users' */
    const int *in, *out;      /* [RF_SIDES] */
    int k_u, k_v;             /* of messages; k_u without the users' own columns for kinds but the main one */
    int products;
    bool is_hidden; /* its edges are an input of the next layer */
} layer_widths;

static void add_layer(minimum_work *w, const layer_widths *l, int kind, double n_u, double n_v, double n_e)
{
    const double users_out = kind == 0 ? l->out[RF_USER] : 0; /* other kinds add to the main kind's */
    const double nodes = n_u * l->k_u * l->out[RF_USER] + n_v * l->k_v * l->out[RF_ENTITY];
    const double tables = (n_u * l->in[RF_USER] + n_v * l->in[RF_ENTITY]) * l->out[RF_EDGE];
    double numbers = 2 * (n_u * l->k_u + n_v * l->k_v) + 4 * n_e;
    if (l->is_hidden)
        numbers += 3 * (n_u * users_out + n_v * l->out[RF_ENTITY] + n_e * l->out[RF_EDGE]);
    w->bytes += 4 * numbers;
    w->flops += 2.0 * l->products * (nodes + tables + n_e * l->in[RF_EDGE] * l->out[RF_EDGE]);
}

static void add_decoder(minimum_work *w, const rf_graphbean_shape *m, double n_u, double n_v, double asked)
{
    const double l = m->edge_latent;
    for (int i = 0; i < m->layers_mlp; i++)
        w->flops += 2.0 * 3 * l * (n_u * (i == 0 ? m->latent[0] : l) + n_v * (i == 0 ? m->latent[1] : l));
    w->bytes += 4 * 4 * l * (n_u + n_v);
    w->flops += 2.0 * 3 * asked * l;
}

static void add_kind(minimum_work *w, const rf_graphbean_shape *m, int kind, const int64_t n[RF_SIDES_MOST],
                     double pairs)
{
    const int n_convs = m->layers_encoder + m->layers_decoder;
    const int ends[RF_SIDES] = {m->in[RF_USER], m->in[rf_entity_side(kind)], m->in[rf_edge_side(kind)]};
    const int latent[RF_SIDES] = {m->latent[0], m->latent[1], 0};
    const double n_u = (double)n[RF_USER], n_v = (double)n[rf_entity_side(kind)],
                 n_e = (double)n[rf_edge_side(kind)];
    for (int i = 0; i < n_convs; i++) {
        const bool self = i != m->layers_encoder - 1;
        const int *in = i == 0 ? ends : i == m->layers_encoder ? latent : m->hidden;
        const layer_widths l = {.in = in,
                                .out = !self              ? latent
                                       : i == n_convs - 1 ? ends
                                                          : m->hidden,
                                .k_u = (self && kind == 0 ? in[RF_USER] : 0) + 2 * in[RF_ENTITY] +
                                       2 * in[RF_EDGE],
                                .k_v = (self ? in[RF_ENTITY] : 0) + 2 * in[RF_USER] + 2 * in[RF_EDGE],
                                .products = i == 0 ? 2 : 3,
                                .is_hidden = i < n_convs - 1};
        add_layer(w, &l, kind, n_u, n_v, n_e);
    }
    w->bytes += 4 * 3 * ((kind == 0 ? n_u * ends[RF_USER] : 0) + n_v * ends[RF_ENTITY] + n_e * ends[RF_EDGE]);
    add_decoder(w, m, n_u, n_v, pairs * n_e);
}

minimum_work minimum_work_of(const rf_graphbean_shape *model, const int64_t n[RF_SIDES_MOST], double pairs)
{
    minimum_work work = {0};
    for (int kind = 0; kind < rf_kinds_n(&model->kinds); kind++)
        add_kind(&work, model, kind, n, pairs);
    return work;
}
