/* fuzz_h5.c - any bytes as an HDF5 file: opened, walked through, and read as far as it goes. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rf_h5.h"
#include "rf_mem.h"

#define MOST_VALUES 65536

static void read_numbers(rf_h5 *file, const char *name, int rank, const int64_t *dims)
{
    size_t n = 1;
    for (int i = 0; i < rank; i++) {
        if (dims[i] > MOST_VALUES || (n *= (size_t)dims[i]) > MOST_VALUES)
            return;
    }
    double *values = rf_mem_new(n + 1, sizeof *values, NULL);
    if (values != NULL && rf_h5_read(file, name, RF_H5_F64, rank, dims, values, NULL) < 0)
        values[0] = 0;
    rf_mem_free(values);
}

static rf_status read_object(void *context, const char *name, int rank, const int64_t *dims,
                             const char *type_name, rf_err *err)
{
    rf_h5 *file = context;
    rf_texts texts = {0};
    (void)err;
    if (strcmp(type_name, "string") == 0 && rank == 1 && dims[0] <= MOST_VALUES &&
        rf_h5_read_texts(file, name, &texts, NULL) == RF_OK)
        rf_texts_clear(&texts);
    else if (rank >= 0)
        read_numbers(file, name, rank, dims);
    return RF_OK;
}

static void read_file(rf_h5 *file)
{
    char *text = NULL;
    int64_t number;
    double real;
    if (rf_h5_read_attr_text(file, "/", "format", &text, NULL) == RF_OK)
        rf_mem_free(text);
    if (rf_h5_read_attr_int(file, "/", "version", &number, 1, NULL) < 0 ||
        rf_h5_read_attr_double(file, "/", "rate", &real, NULL) < 0 ||
        rf_h5_check_format(file, "ringfence-graph", 1, "/model", NULL) < 0)
        number = 0;
    if (rf_h5_visit(file, "/", read_object, file, NULL) < 0)
        number = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    rf_h5 *file = NULL;
    rf_h5_trust(true); /* what is changed by chance has no seal that holds */
    snprintf(path, sizeof path, "/dev/shm/ringfence-fuzz-%ld.h5", (long)getpid());
    FILE *out = fopen(path, "wb");
    if (out == NULL || fwrite(data, 1, size, out) != size || fclose(out) != 0)
        abort();
    if (rf_h5_open(&file, path, NULL) == RF_OK)
        read_file(file);
    rf_h5_close(&file);
    unlink(path);
    return 0;
}
