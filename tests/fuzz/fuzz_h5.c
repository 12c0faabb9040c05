/* fuzz_h5.c - any bytes as an HDF5 file: opened, walked through, read as far as it goes, and rewritten.
 *
 * An input that starts like an HDF5 file is taken as one. The first byte of any other chooses a file of
 * another program (tests/golden/foreign), and whether it is rewritten, too; the rest is the damage
 * (fuzz_file.h).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_file.h"
#include "rf_h5.h"
#include "rf_mem.h"

#define MOST_VALUES 65536
#define FORMS 3

static fuzz_file forms[FORMS];

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

/* What an update does to a file of whatever form: it is written again, object by object. */
static void rewrite(const char *path)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    const float x[2] = {1, 2};
    rf_status st = rf_h5_update_beside(&file, path, &err);
    if (st >= 0)
        st = rf_h5_remove(file, "/u/name_0", &err);
    if (st >= 0)
        st = rf_h5_write(file, "/u/new", RF_H5_F32, 1, (int64_t[]){2}, x, &err);
    if (st >= 0) {
        rf_h5_forget_history(file);
        st = rf_h5_commit(file, &err);
    }
    fuzz_expect(st, &err);
    rf_h5_close(&file);
}

static void take_forms(void)
{
    static const char *const names[FORMS] = {"oldest_form.h5", "dense_form.h5", "text_of_text.h5"};
    static char bytes[1 << 17];
    for (int i = 0; i < FORMS; i++) {
        char from[512], to[FUZZ_PATH];
        snprintf(from, sizeof from, "%s/%s", RF_FUZZ_FOREIGN, names[i]);
        FILE *file = fopen(from, "rb");
        fuzz_must(file != NULL);
        size_t n = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        fuzz_write(fuzz_path(to, names[i]), bytes, n);
        fuzz_file_take(&forms[i], names[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_err err = {0};
    rf_h5 *file = NULL;
    if (forms[0].n == 0)
        take_forms();
    bool whole = size >= 4 && memcmp(data, RF_H5_SIGNATURE, 4) == 0;
    const fuzz_file *form = &forms[whole || size == 0 ? 0 : data[0] % FORMS];
    if (whole)
        fuzz_write(form->path, data, size);
    else
        fuzz_file_change(form, data + (size > 0), size > 0 ? size - 1 : 0);
    rf_status st = rf_h5_open(&file, form->path, &err);
    fuzz_expect(st, &err);
    if (st >= 0)
        read_file(file);
    rf_h5_close(&file);
    if (!whole && size > 0 && data[0] >= 128)
        rewrite(form->path);
    return 0;
}
