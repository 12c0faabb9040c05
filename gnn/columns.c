/* columns.c - /model/columns: which columns a model was trained on, and how they were standardised.
 *
 * Written with every checkpoint, read with the model. Models of other programs have none, and none are
 * required here. align.c matches them with a graph.
 */
#include "columns_int.h"

#include <math.h>
#include <stdio.h>

#include "rf_mem.h"

const char *rf_columns_path(char out[RF_COLUMNS_PATH], const rf_kinds *kinds, rf_side side, const char *what)
{
    char path[RF_SIDE_PATH];
    (void)snprintf(out, RF_COLUMNS_PATH, "/model/columns%s", rf_side_path(path, kinds, side, what));
    return out;
}

/* ---- reading ---- */

static rf_status check_length(rf_h5 *file, const char *name, int d, rf_err *err)
{
    rf_status st = RF_OK;
    int rank;
    int64_t dims[4];
    RF_TRY(rf_h5_shape(file, name, &rank, dims, err));
    if (rank != 1 || dims[0] != d)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s does not have an entry for each of the model's %d columns",
                rf_h5_path(file), name, d);
done:
    return st;
}

static rf_status read_numbers(void **out, rf_h5 *file, const char *name, rf_h5_type type, int d, rf_err *err)
{
    rf_status st = RF_OK;
    const int64_t dims[1] = {d};
    void *data = NULL;
    if (!rf_h5_exists(file, name))
        return RF_OK;
    RF_TRY(check_length(file, name, d, err));
    data = rf_mem_new((size_t)d, rf_h5_type_size(type), err);
    if (data == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_h5_read(file, name, type, 1, dims, data, err));
    *out = data;
    data = NULL;
done:
    rf_mem_free(data);
    return st;
}

static rf_status read_side(rf_side_columns *side, rf_h5 *file, const rf_kinds *kinds, rf_side which, int d,
                           rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_COLUMNS_PATH];
    if (!rf_h5_exists(file, rf_columns_path(name, kinds, which, "name")))
        return RF_OK;
    RF_TRY(check_length(file, name, d, err));
    RF_TRY(rf_h5_read_texts(file, name, &side->name, err));
    rf_columns_path(name, kinds, which, "mean");
    RF_TRY(read_numbers((void **)&side->mean, file, name, RF_H5_F32, d, err));
    rf_columns_path(name, kinds, which, "scale");
    RF_TRY(read_numbers((void **)&side->scale, file, name, RF_H5_F32, d, err));
    rf_columns_path(name, kinds, which, "transform");
    RF_TRY(read_numbers((void **)&side->transform, file, name, RF_H5_U8, d, err));
    rf_columns_path(name, kinds, which, "");
    if ((side->mean != NULL) != (side->scale != NULL))
        RF_FAIL(err, RF_E_FORMAT, "%s: %s has one of mean and scale; was the file damaged?", rf_h5_path(file),
                name);
    for (int j = 0; side->mean != NULL && j < d; j++) {
        if (!isfinite(side->mean[j]) || !isfinite(side->scale[j]))
            RF_FAIL(err, RF_E_FORMAT, "%s: mean or scale of column %d of %s is not finite", rf_h5_path(file),
                    j, name);
    }
done:
    return st;
}

rf_status rf_model_columns_read(rf_model_columns *out, rf_h5 *file, const rf_graphbean_shape *shape,
                                rf_err *err)
{
    rf_status st = RF_OK;
    rf_model_columns columns = {0};
    for (rf_side s = 0; s < rf_sides(&shape->kinds); s++)
        RF_TRY(read_side(&columns.side[s], file, &shape->kinds, s, shape->in[s], err));
    *out = columns;
    return RF_OK;
done:
    rf_model_columns_clear(&columns);
    return st;
}

/* ---- writing ---- */

static const char *text_at(void *context, int64_t i)
{
    return rf_texts_get(context, i);
}

static rf_status write_side(rf_h5 *file, const rf_graph *graph, rf_side which, rf_err *err)
{
    rf_status st = RF_OK;
    char name[RF_COLUMNS_PATH];
    const rf_kinds *kinds = &graph->kinds;
    const rf_graph_side *side = &graph->side[which];
    rf_texts names = side->feature_names; /* borrowed */
    const int64_t d[1] = {side->d};
    if (names.n == 0)
        return RF_OK;
    rf_columns_path(name, kinds, which, "name");
    RF_TRY(rf_h5_write_texts_from(file, name, names.n, text_at, &names, err));
    if (side->mean != NULL && side->scale != NULL) {
        rf_columns_path(name, kinds, which, "mean");
        RF_TRY(rf_h5_write(file, name, RF_H5_F32, 1, d, side->mean, err));
        rf_columns_path(name, kinds, which, "scale");
        RF_TRY(rf_h5_write(file, name, RF_H5_F32, 1, d, side->scale, err));
    }
    if (side->transform != NULL) {
        rf_columns_path(name, kinds, which, "transform");
        RF_TRY(rf_h5_write(file, name, RF_H5_U8, 1, d, side->transform, err));
    }
done:
    return st;
}

rf_status rf_model_columns_write(rf_h5 *file, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        RF_TRY(write_side(file, graph, s, err));
done:
    return st;
}

void rf_model_columns_clear(rf_model_columns *columns)
{
    for (rf_side s = 0; s < RF_SIDES_MOST; s++) {
        rf_texts_clear(&columns->side[s].name);
        rf_mem_free(columns->side[s].mean);
        rf_mem_free(columns->side[s].scale);
        rf_mem_free(columns->side[s].transform);
    }
    *columns = (rf_model_columns){0};
}
