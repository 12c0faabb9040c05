/* consumer.c - a program of somebody else: uses one thing of each room that holds algorithms. */
#include <stdio.h>

#include "rf_adj.h"
#include "rf_h5.h"
#include "rf_metrics.h"
#include "rf_model.h"
#include "rf_source.h"

int main(int argc, char **argv)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    rf_model *model = NULL;
    if (argc != 2 || rf_h5_create_beside(&file, argv[1], &err) < 0 ||
        rf_h5_write_format(file, "ringfence-graph", 1, &err) < 0 || rf_h5_commit(file, &err) < 0) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    rf_h5_close(&file);
    if (rf_model_load(&model, argv[1], &err) != RF_E_FORMAT) /* no model in there: it must say so */
        return 1;
    printf("%s\n", err.msg);
    return 0;
}
