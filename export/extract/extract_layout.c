/* extract_layout.c - places for all nodes, by igraph's force layout, in points around 0, 0; unconnected parts
 * are side by side.
 *
 * A force layout pushes parts that share no link ever farther apart: thirty lone nodes would spread over ten
 * times the place of all others. So each part keeps the places it got inside itself, takes room by its number
 * of nodes, and the parts lie in rows below the largest one, the lone nodes last.
 */
#include "extract_int.h"

#include <math.h>
#include <stdlib.h>

#include "rf_layout.h"
#include "rf_mem.h"
#include "rf_sets.h"

#define LAYOUT_SEED 1
#define COLUMN_X 155 /* of a ring's users and entities, left and right of the middle */
#define ROW 42       /* points, more than the largest node */
#define LEAST_ROWS 6
#define NODE_ROOM 90 /* points between neighbours, about: a large node and its label */
#define SHAPE 1.5    /* width of the whole to its height, about */

typedef struct part {
    uint32_t root; /* its lowest node */
    int64_t n;
    double low[2], high[2]; /* of the places it got */
    double scale;           /* from there to points */
    double left, bottom;    /* where it is now */
} part;

typedef struct picture_parts {
    uint32_t *root; /* [n] lowest node of a node's part */
    part *parts;    /* the largest first */
    int32_t *of;    /* [n] the part of the nodes that are roots */
    int64_t n_parts;
} picture_parts;

/* ---- the parts ---- */

static int by_size(const void *left, const void *right)
{
    const part *a = left, *b = right;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->root < b->root ? -1 : a->root > b->root;
}

/* Which nodes hang together, and where each part's nodes are. */
static void find_parts(picture_parts *packing, const double *xy, const rf_extract *extract)
{
    int64_t n = extract->counts.nodes;
    for (int64_t i = 0; i < n; i++)
        packing->root[i] = (uint32_t)i;
    for (int64_t i = 0; i < extract->counts.edges; i++)
        rf_sets_join(packing->root, extract->edges[i].from, extract->edges[i].to);
    for (int64_t i = 0; i < n; i++) {
        uint32_t root = rf_sets_root(packing->root, (uint32_t)i);
        if (root == i) /* the lowest comes first */
            packing->of[i] = (int32_t)packing->n_parts++;
        part *to = &packing->parts[packing->of[root]];
        if (root == i)
            *to = (part){.root = root, .low = {INFINITY, INFINITY}, .high = {-INFINITY, -INFINITY}};
        to->n++;
        for (int c = 0; c < 2; c++) {
            to->low[c] = fmin(to->low[c], xy[2 * i + c]);
            to->high[c] = fmax(to->high[c], xy[2 * i + c]);
        }
    }
    qsort(packing->parts, (size_t)packing->n_parts, sizeof *packing->parts, by_size);
    for (int64_t p = 0; p < packing->n_parts; p++)
        packing->of[packing->parts[p].root] = (int32_t)p;
}

/* ---- their places ---- */

static double width_of(const part *one)
{
    return (one->high[0] - one->low[0]) * one->scale;
}

static double height_of(const part *one)
{
    return (one->high[1] - one->low[1]) * one->scale;
}

static double area_of(const part *one, double room)
{
    return (width_of(one) + room) * (height_of(one) + room);
}

/* Each part so large that a node of it has `room` on average; then rows from the largest part downwards. A
 * row is as wide as the widest part, or as all of them ask for where the largest is one of many. */
static void place_parts(picture_parts *packing, double room)
{
    double x = 0, y = 0, tall = 0, widest = 0, area = 0;
    for (int64_t p = 0; p < packing->n_parts; p++) {
        part *one = &packing->parts[p];
        double extent = fmax(one->high[0] - one->low[0], one->high[1] - one->low[1]);
        one->scale = extent > 1e-9 ? room * sqrt((double)one->n) / extent : 0;
        widest = fmax(widest, width_of(one) + room);
        area += area_of(one, room);
    }
    if (packing->n_parts > 0 && area_of(&packing->parts[0], room) <= area / 2)
        widest = fmax(widest, sqrt(area * SHAPE));
    for (int64_t p = 0; p < packing->n_parts; p++) {
        part *one = &packing->parts[p];
        double width = width_of(one) + room, height = height_of(one) + room;
        if (x > 0 && x + width > widest + 1e-6) {
            x = 0;
            y -= tall;
            tall = 0;
        }
        one->left = x;
        one->bottom = y - height;
        x += width;
        tall = fmax(tall, height);
    }
}

/* xy: [nodes, 2], places of any unit in, points out: a node has `room` on average, and parts that no edge
 * joins lie side by side, the largest first. O(nodes log nodes + edges). */
static rf_status pack_parts(double *xy, const rf_extract *extract, double room, rf_err *err)
{
    rf_status st = RF_OK;
    picture_parts packing = {0};
    RF_NEW(packing.root, extract->counts.nodes, err);
    RF_NEW(packing.parts, extract->counts.nodes, err);
    RF_NEW(packing.of, extract->counts.nodes, err);
    find_parts(&packing, xy, extract);
    place_parts(&packing, room);
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        const part *one = &packing.parts[packing.of[rf_sets_root(packing.root, (uint32_t)i)]];
        xy[2 * i] = one->left + (xy[2 * i] - one->low[0]) * one->scale;
        xy[2 * i + 1] = one->bottom + (xy[2 * i + 1] - one->low[1]) * one->scale;
    }
done:
    rf_mem_free(packing.of);
    rf_mem_free(packing.parts);
    rf_mem_free(packing.root);
    return st;
}

/* ---- all ---- */

/* Rows of one column, users or all entities, by the mean row of the partners. */
static void order_column(int *row, rf_side role, const rf_extract *extract, double *mean, int *order)
{
    int n = 0;
    for (int i = 0; i < extract->counts.nodes; i++) {
        double links = 0, sum = 0;
        if (rf_side_role(extract->nodes[i].side) != role)
            continue;
        for (int64_t e = 0; e < extract->counts.edges; e++) {
            const rf_extract_edge *edge = &extract->edges[e];
            bool parallel = e > 0 && edge->from == edge[-1].from && edge->to == edge[-1].to;
            if (parallel || (edge->from != (uint32_t)i && edge->to != (uint32_t)i))
                continue;
            sum += row[edge->from == (uint32_t)i ? edge->to : edge->from];
            links++;
        }
        mean[i] = links > 0 ? sum / links : row[i];
        int at = n++;
        for (; at > 0 && mean[order[at - 1]] > mean[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (int i = 0; i < n; i++)
        row[order[i]] = i;
}

/* Of a ring, which is small: users in a column at the left, entities at the right, so ordered that few edges
 * cross. O(nodes edges). */
static rf_status place_in_columns(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    int *row = NULL, *order = NULL;
    double *mean = NULL;
    int n[] = {0, 0}, rows = LEAST_ROWS; /* by rf_side_role */
    RF_NEW(row, extract->counts.nodes, err);
    RF_NEW(order, extract->counts.nodes, err);
    RF_NEW(mean, extract->counts.nodes, err);
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        row[i] = n[rf_side_role(extract->nodes[i].side)]++;
        rows = row[i] + 1 > rows ? row[i] + 1 : rows;
    }
    for (int round = 0; round < 8; round++) { /* untangles most crossings */
        order_column(row, RF_ENTITY, extract, mean, order);
        order_column(row, RF_USER, extract, mean, order);
    }
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        rf_extract_node *node = &extract->nodes[i];
        double down = (row[i] + 0.5) / n[rf_side_role(node->side)];
        node->x = node->side == RF_USER ? -COLUMN_X : COLUMN_X;
        node->y = (float)(round(10 * ROW * rows * (0.5 - down)) / 10 + 0.0);
    }
    extract->in_columns = true;
done:
    rf_mem_free(mean);
    rf_mem_free(order);
    rf_mem_free(row);
    return st;
}

rf_status rf_extract_layout(rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t *from = NULL, *to = NULL;
    double *xy = NULL, low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    int64_t n_links = 0;
    if (extract->options->select.type == RF_SELECT_RING)
        return place_in_columns(extract, err);
    RF_NEW(from, extract->counts.edges, err);
    RF_NEW(to, extract->counts.edges, err);
    RF_NEW(xy, 2 * extract->counts.nodes, err);
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        const rf_extract_edge *edge = &extract->edges[i];
        if (i > 0 && edge->from == edge[-1].from && edge->to == edge[-1].to)
            continue; /* one link a pair: parallel edges lie side by side */
        from[n_links] = edge->from;
        to[n_links++] = edge->to;
    }
    RF_TRY(rf_layout_places(xy, extract->counts.nodes, from, to, n_links, LAYOUT_SEED, err));
    RF_TRY(pack_parts(xy, extract, NODE_ROOM, err));
    /* centred; whole tenths */
    for (int64_t i = 0; i < 2 * extract->counts.nodes; i++) {
        low[i % 2] = fmin(low[i % 2], xy[i]);
        high[i % 2] = fmax(high[i % 2], xy[i]);
    }
    for (int64_t i = 0; i < extract->counts.nodes; i++) {
        /* adding 0: no minus before a zero */
        extract->nodes[i].x = (float)(round(10 * (xy[2 * i] - (low[0] + high[0]) / 2)) / 10 + 0.0);
        extract->nodes[i].y = (float)(round(10 * (xy[2 * i + 1] - (low[1] + high[1]) / 2)) / 10 + 0.0);
    }
done:
    rf_mem_free(xy);
    rf_mem_free(to);
    rf_mem_free(from);
    return st;
}
