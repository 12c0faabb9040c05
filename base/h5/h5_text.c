/* h5_text.c - columns of strings: written with variable length, read with variable or fixed length.
 *
 * HDF5 follows references to variable strings without checks. So reading asks it only for the references, and
 * h5_heap.c follows them.
 */
#include <string.h>

#include "h5_int.h"
#include "rf_mem.h"
#include "rf_text.h"

#define TEXT_BLOCK 4096 /* strings written or read at a time */

hid_t rf_h5_text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && (H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        H5Tclose(type);
        type = H5I_INVALID_HID;
    }
    return type;
}

/* HDF5 clears a buffer of 1 MiB for each call that converts; a block needs this much. */
static hid_t small_transfer(void)
{
    hid_t transfer = H5Pcreate(H5P_DATASET_XFER);
    if (transfer >= 0 && H5Pset_buffer(transfer, TEXT_BLOCK * RF_HEAP_REF, NULL, NULL) < 0) {
        H5Pclose(transfer);
        transfer = H5I_INVALID_HID;
    }
    return transfer;
}

/* ---- strings: writing ---- */

static rf_status write_text_block(rf_h5 *file, hid_t dataset, const char *name, hid_t type, int64_t from,
                                  int64_t n, const char *const *block, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t in_file = H5I_INVALID_HID, in_memory = H5I_INVALID_HID, transfer = small_transfer();
    RF_TRY(rf_h5_select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    if (transfer < 0 || H5Dwrite(dataset, type, in_memory, in_file, transfer, block) < 0 ||
        file->disk->error != 0)
        H5_FAIL(RF_E_IO, "cannot be written");
done:
    close_properties(transfer);
    close_space(in_memory);
    close_space(in_file);
    return st;
}

rf_status rf_h5_write_texts_from(rf_h5 *file, const char *name, int64_t n,
                                 const char *(*text_at)(void *context, int64_t i), void *context, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, type = H5I_INVALID_HID;
    rf_text bytes = {0};
    const char **block = NULL;
    size_t *at = NULL;
    RF_NEW(block, TEXT_BLOCK, err);
    RF_NEW(at, TEXT_BLOCK, err);
    type = rf_h5_text_type(H5T_VARIABLE);
    if (type < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be described");
    RF_TRY(rf_h5_create_dataset(&dataset, file, name, type, 1, &n, err));
    for (int64_t from = 0; from < n; from += TEXT_BLOCK) {
        int64_t count = n - from < TEXT_BLOCK ? n - from : TEXT_BLOCK;
        rf_text_reset(&bytes);
        for (int64_t i = 0; i < count; i++) { /* the callback may use one buffer for all of them */
            const char *text = text_at(context, from + i);
            at[i] = bytes.len;
            RF_TRY(rf_text_add(&bytes, text, strlen(text) + 1, err));
        }
        for (int64_t i = 0; i < count; i++)
            block[i] = bytes.ptr + at[i];
        RF_TRY(write_text_block(file, dataset, name, type, from, count, block, err));
    }
done:
    close_object(dataset);
    close_type(type);
    rf_text_clear(&bytes);
    rf_mem_free(at);
    rf_mem_free(block);
    return st;
}

static const char *text_of_array(void *context, int64_t i)
{
    const char *const *texts = *(const char *const **)context;
    return texts[i];
}

rf_status rf_h5_write_texts(rf_h5 *file, const char *name, const char *const *texts, int64_t n, rf_err *err)
{
    return rf_h5_write_texts_from(file, name, n, text_of_array, &texts, err);
}

/* ---- strings: reading ---- */

static herr_t keep_reference(hid_t from, hid_t to, H5T_cdata_t *data, size_t n, size_t stride,
                             size_t background_stride, void *buffer, void *background, hid_t transfer)
{
    (void)n;
    (void)stride;
    (void)background_stride;
    (void)buffer;
    (void)background;
    (void)transfer;
    if (data->command == H5T_CONV_INIT)
        return H5Tget_size(from) == RF_HEAP_REF && H5Tget_size(to) == RF_HEAP_REF ? 0 : -1;
    return 0;
}

rf_status rf_h5_begin_references(hid_t *type, rf_heap **heap, rf_h5 *file, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    hsize_t base = 0;
    hid_t text = rf_h5_text_type(H5T_VARIABLE), fcpl = H5Fget_create_plist(file->id);
    *type = H5Tcreate(H5T_OPAQUE, RF_HEAP_REF);
    if (text < 0 || *type < 0 || fcpl < 0 || H5Pget_userblock(fcpl, &base) < 0 ||
        H5Tregister(H5T_PERS_SOFT, "ringfence reference", text, *type, keep_reference) < 0)
        H5_FAIL(RF_E_INTERNAL, "cannot be read: HDF5 refuses our conversion");
    if (file->beside.temporary != NULL &&
        (H5Fflush(file->id, H5F_SCOPE_GLOBAL) < 0 || file->disk->error != 0))
        H5_FAIL(RF_E_IO, "cannot be written");
    RF_TRY(rf_heap_open(heap, file->disk, file->path, base, err));
done:
    close_properties(fcpl);
    close_type(text);
    return st;
}

void rf_h5_end_references(hid_t type, rf_heap **heap)
{
    rf_heap_close(heap);
    H5Tunregister(H5T_PERS_SOFT, "ringfence reference", H5I_INVALID_HID, H5I_INVALID_HID, keep_reference);
    H5Eclear2(H5E_DEFAULT);
    close_type(type);
}

typedef struct text_reader {
    rf_heap *heap; /* of variable strings; NULL for fixed ones */
    rf_texts texts;
    size_t used, cap;   /* of texts.bytes */
    int64_t read, most; /* bytes of all texts so far, and what the file can hold */
} text_reader;

static rf_status add_text(text_reader *r, const char *text, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    size_t need;
    if (!rf_add_size(&need, r->used, len) || !rf_add_size(&need, need, 1))
        RF_FAIL(err, RF_E_NOMEM, "out of memory: strings of more than SIZE_MAX bytes");
    RF_RESERVE(r->texts.bytes, r->cap, need, err);
    if (len > 0)
        memcpy(r->texts.bytes + r->used, text, len);
    r->texts.bytes[need - 1] = '\0';
    r->used = need;
    r->texts.at[++r->texts.n] = (int64_t)need;
done:
    return st;
}

size_t rf_h5_fixed_length(const char *field, size_t size, H5T_str_t padding)
{
    const char *nul = memchr(field, '\0', size);
    size_t len = nul == NULL ? size : (size_t)(nul - field);
    while (padding == H5T_STR_SPACEPAD && len > 0 && field[len - 1] == ' ')
        len--;
    return len;
}

/* Reads n strings of the dataset from row `from` on; buffer holds n references or n fixed fields. */
static rf_status read_text_block(text_reader *r, rf_h5 *file, hid_t dataset, const char *name, hid_t type,
                                 int64_t from, int64_t n, char *buffer, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t in_file = H5I_INVALID_HID, in_memory = H5I_INVALID_HID, transfer = small_transfer();
    size_t size = H5Tget_size(type);
    RF_TRY(rf_h5_select_rows(&in_file, &in_memory, file, dataset, name, from, n, err));
    memset(buffer, 0, (size_t)n * size);
    if (rf_h5_is_chunked(dataset)) /* references and fields are in memory as they are in the file */
        RF_TRY(rf_h5_read_chunks(file, dataset, name, type, from, n, buffer, err));
    else if (transfer < 0 || H5Dread(dataset, type, in_memory, in_file, transfer, buffer) < 0)
        H5_FAIL(RF_E_FORMAT, "cannot be read: damaged strings");
    for (int64_t i = 0; i < n; i++) {
        const char *field = buffer + (size_t)i * size;
        size_t len;
        if (r->heap != NULL)
            RF_TRY(
                rf_heap_text(r->heap, (const unsigned char *)buffer + (size_t)i * size, &field, &len, err));
        else
            len = rf_h5_fixed_length(field, size, H5Tget_strpad(type));
        r->read += (int64_t)len;
        if (r->heap != NULL && r->read > r->most) /* many references to one text */
            RF_FAIL(err, RF_E_FORMAT,
                    "%s: the texts of %s are longer than the file; the file is damaged: restore it or make "
                    "it again",
                    file->path, name);
        RF_TRY(add_text(r, field, len, err));
    }
done:
    close_properties(transfer);
    close_space(in_memory);
    close_space(in_file);
    return st;
}

rf_status rf_h5_read_texts(rf_h5 *file, const char *name, rf_texts *out, rf_err *err)
{
    rf_status st = RF_OK;
    hid_t dataset = H5I_INVALID_HID, type = H5I_INVALID_HID, references = H5I_INVALID_HID;
    text_reader r = {0};
    int rank;
    int64_t dims[RF_H5_MAX_RANK];
    char *buffer = NULL;
    RF_TRY(rf_h5_open_dataset(&dataset, file, name, err));
    RF_TRY(rf_h5_shape_of(file, dataset, name, &rank, dims, err));
    type = H5Dget_type(dataset);
    if (type < 0 || H5Tget_class(type) != H5T_STRING || rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is not a column of strings", file->path, name);
    if (H5Tis_variable_str(type) > 0)
        RF_TRY(rf_h5_begin_references(&references, &r.heap, file, name, err));
    RF_NEW(r.texts.at, dims[0] + 1, err);
    r.texts.at[0] = 0;
    r.most = rf_h5_size(file);

    hid_t read_as = r.heap != NULL ? references : type;
    size_t size = H5Tget_size(read_as);
    int64_t n = dims[0], rows = size > 256 ? (int64_t)(TEXT_BLOCK * 256 / size) + 1 : TEXT_BLOCK;
    buffer = rf_mem_new((size_t)(rows < n ? rows : n), size, err);
    if (buffer == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    for (int64_t from = 0; from < n; from += rows)
        RF_TRY(read_text_block(&r, file, dataset, name, read_as, from, n - from < rows ? n - from : rows,
                               buffer, err));
    *out = r.texts;
    r.texts = (rf_texts){0};
done:
    rf_mem_free(buffer);
    if (references >= 0)
        rf_h5_end_references(references, &r.heap);
    rf_texts_clear(&r.texts);
    close_type(type);
    close_object(dataset);
    return st;
}

/* ---- strings: from file to file ---- */

typedef struct text_copy {
    hid_t from, to, references, type;
    text_reader reader; /* of one block at a time */
    char *buffer;
    const char **block;
} text_copy;

static rf_status copy_text_block(text_copy *c, rf_h5 *to, rf_h5 *from, const char *name, int64_t at,
                                 int64_t n, rf_err *err)
{
    rf_status st = RF_OK;
    c->reader.used = 0;
    c->reader.texts.n = 0;
    RF_TRY(read_text_block(&c->reader, from, c->from, name, c->references, at, n, c->buffer, err));
    for (int64_t i = 0; i < n; i++)
        c->block[i] = rf_texts_get(&c->reader.texts, i);
    RF_TRY(write_text_block(to, c->to, name, c->type, at, n, c->block, err));
done:
    return st;
}

rf_status rf_h5_copy_texts(rf_h5 *to, rf_h5 *from, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    text_copy c = {H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID, {0}, NULL, NULL};
    int rank;
    int64_t dims[RF_H5_MAX_RANK];
    RF_TRY(rf_h5_open_dataset(&c.from, from, name, err));
    RF_TRY(rf_h5_shape_of(from, c.from, name, &rank, dims, err));
    if (rank != 1)
        RF_FAIL(err, RF_E_FORMAT, "%s: %s is not a column of strings; remove it from the file", from->path,
                name);
    RF_TRY(rf_h5_begin_references(&c.references, &c.reader.heap, from, name, err));
    RF_NEW(c.reader.texts.at, TEXT_BLOCK + 1, err);
    c.reader.texts.at[0] = 0;
    c.reader.most = rf_h5_size(from);
    RF_NEW(c.buffer, TEXT_BLOCK * RF_HEAP_REF, err);
    RF_NEW(c.block, TEXT_BLOCK, err);
    c.type = rf_h5_text_type(H5T_VARIABLE);
    if (c.type < 0)
        RF_FAIL(err, RF_E_INTERNAL, "%s: %s cannot be described", to->path, name);
    RF_TRY(rf_h5_create_dataset(&c.to, to, name, c.type, 1, dims, err));
    for (int64_t at = 0; at < dims[0]; at += TEXT_BLOCK)
        RF_TRY(copy_text_block(&c, to, from, name, at, dims[0] - at < TEXT_BLOCK ? dims[0] - at : TEXT_BLOCK,
                               err));
done:
    if (c.references >= 0)
        rf_h5_end_references(c.references, &c.reader.heap);
    rf_texts_clear(&c.reader.texts);
    rf_mem_free(c.buffer);
    rf_mem_free(c.block);
    close_type(c.type);
    close_object(c.to);
    close_object(c.from);
    return st;
}

/* ---- texts ---- */

void rf_texts_clear(rf_texts *texts)
{
    if (texts == NULL)
        return;
    rf_mem_free(texts->at);
    rf_mem_free(texts->bytes);
    *texts = (rf_texts){0};
}

const char *rf_texts_get(const rf_texts *texts, int64_t i)
{
    return texts->n == 0 ? NULL : texts->bytes + texts->at[i];
}
