/* minimum_work.h - the least that an epoch has to read, write and multiply: what docs/PERFORMANCE.md derives.
 *
 * Per kind, with E edges, d columns in and o columns out of a layer, k columns of a node's message, n nodes,
 * P pairs asked of the structure decoder and l its width. Numbers of 4 bytes:
 *
 *   features   3 E d_e + 3 n d        first layer, loss with its gradient, first layer's weights
 *   messages   2 n k                  a layer: written (or kept) and read for the product, read for the
 * weights outputs    3 n o, 3 E o           a hidden layer: written, read by the next, read on the way back
 *   ends       2 E                    a layer: two numbers an edge on the way forward, and two on the way
 * back latents    4 n l                  of the structure decoder: written and read, and so their gradients
 *
 * What fits a cache while a block is at hand counts nothing: a reconstruction, its gradient, drawn pairs.
 * Multiplications and additions (2 each):
 *
 *   products   P (n k o + n d o_e + E d_e o_e)     P = 2 in the first layer (forward, weights), else 3
 *   decoder    3 n l l a layer of the MLPs, 3 P l  (a logit and two gradients)
 */
#ifndef MINIMUM_WORK_H
#define MINIMUM_WORK_H

#include "rf_graphbean.h"

typedef struct minimum_work {
    double bytes, flops;
} minimum_work;

/* n: rows of each side; pairs: asked of the structure decoder for each edge, true ones included. */
minimum_work minimum_work_of(const rf_graphbean_shape *model, const int64_t n[RF_SIDES_MOST], double pairs);

#endif
