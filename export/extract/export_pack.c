/* export_pack.c - the parts of a picture that nothing joins, side by side.
 *
 * A force layout pushes parts that share no link ever farther apart: thirty lone nodes would spread over ten
 * times the place of all others. So each part keeps the places it got inside itself, takes room by its number
 * of nodes, and the parts stand in rows below the largest one, the lone nodes last.
 */
#include "extract_int.h"

#include <math.h>
#include <stdlib.h>

#include "rf_mem.h"

#define SHAPE 1.5 /* width of the whole to its height, about */

typedef struct part {
    uint32_t root; /* its lowest node */
    int64_t n;
    double low[2], high[2]; /* of the places it got */
    double scale;           /* from there to points */
    double left, bottom;    /* its present place */
} part;

typedef struct picture_parts {
    uint32_t *root; /* [n] lowest node of a node's part */
    part *parts;    /* the largest first */
    int32_t *of;    /* [n] the part of the nodes that are roots */
    int64_t n_parts;
} picture_parts;

/* ---- the parts ---- */

static uint32_t root_of(uint32_t *root, uint32_t i)
{
    while (root[i] != i) {
        root[i] = root[root[i]];
        i = root[i];
    }
    return i;
}

static void join_all(picture_parts *packing, const rf_extract *extract)
{
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        packing->root[i] = (uint32_t)i;
    for (int64_t i = 0; i < extract->counts.edges; i++) {
        uint32_t a = root_of(packing->root, extract->edges[i].from);
        uint32_t b = root_of(packing->root, extract->edges[i].to);
        packing->root[a > b ? a : b] = a < b ? a : b;
    }
}

static int by_size(const void *left, const void *right)
{
    const part *a = left, *b = right;
    if (a->n != b->n)
        return a->n > b->n ? -1 : 1;
    return a->root < b->root ? -1 : a->root > b->root;
}

static void measure_parts(picture_parts *packing, const double *xy, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        uint32_t root = root_of(packing->root, (uint32_t)i);
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

/* So large that a node of the part has `room` on average. */
static void scale_part(part *one, double room)
{
    double extent = fmax(one->high[0] - one->low[0], one->high[1] - one->low[1]);
    one->scale = extent > 1e-9 ? room * sqrt((double)one->n) / extent : 0;
}

static double area_of(const part *one, double room)
{
    return (width_of(one) + room) * (height_of(one) + room);
}

/* Of a row: as wide as the widest part, or as all of them ask for where the largest is one of many. */
static double row_width(picture_parts *packing, double room)
{
    double widest = 0, area = 0;
    for (int64_t p = 0; p < packing->n_parts; p++) {
        part *one = &packing->parts[p];
        scale_part(one, room);
        widest = fmax(widest, width_of(one) + room);
        area += area_of(one, room);
    }
    if (packing->n_parts == 0 || area_of(&packing->parts[0], room) > area / 2)
        return widest;
    return fmax(widest, sqrt(area * SHAPE));
}

/* Rows from the largest part downwards. */
static void place_parts(picture_parts *packing, double room)
{
    double x = 0, y = 0, tall = 0, widest = row_width(packing, room);
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

static void move_nodes(double *xy, picture_parts *packing, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        const part *one = &packing->parts[packing->of[root_of(packing->root, (uint32_t)i)]];
        xy[2 * i] = one->left + (xy[2 * i] - one->low[0]) * one->scale;
        xy[2 * i + 1] = one->bottom + (xy[2 * i + 1] - one->low[1]) * one->scale;
    }
}

rf_status rf_extract_pack(double *xy, const rf_extract *extract, double room, rf_err *err)
{
    rf_status st = RF_OK;
    size_t n = (size_t)extract->counts.nodes;
    picture_parts packing = {.root = rf_mem_new(n, sizeof *packing.root, err),
                             .parts = rf_mem_new(n, sizeof *packing.parts, err),
                             .of = rf_mem_new(n, sizeof *packing.of, err)};
    if (packing.root == NULL || packing.parts == NULL || packing.of == NULL)
        RF_FAIL(err, RF_E_NOMEM, "export: the places of %lld nodes", (long long)extract->counts.nodes);
    join_all(&packing, extract);
    measure_parts(&packing, xy, extract->counts.nodes);
    place_parts(&packing, room);
    move_nodes(xy, &packing, extract->counts.nodes);
done:
    rf_mem_free(packing.of);
    rf_mem_free(packing.parts);
    rf_mem_free(packing.root);
    return st;
}
