/* packed_output.c - writes a file as it was packed before: plain, gzip or zstd. input_stream.c reads it. */
#include "packed_output_int.h"

#include <zlib.h>
#include <zstd.h>

#include "rf_mem.h"

#define PACKED_BYTES ((size_t)1 << 16)

struct rf_packed {
    rf_file *file;
    rf_packing packing;
    z_stream gzip;
    bool gzip_ready;
    ZSTD_CStream *zstd;
    char *buffer; /* [PACKED_BYTES] */
};

rf_status rf_packed_create(rf_packed **out, const char *path, rf_packing packing, rf_err *err)
{
    rf_status st = RF_OK;
    rf_packed *packed = NULL;
    RF_ZERO(packed, 1, err);
    packed->packing = packing;
    RF_NEW(packed->buffer, PACKED_BYTES, err);
    if (packing == RF_PACKING_GZIP)
        packed->gzip_ready = deflateInit2(&packed->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
                                          Z_DEFAULT_STRATEGY) == Z_OK; /* 16: gzip wrapping */
    if (packing == RF_PACKING_ZSTD)
        packed->zstd = ZSTD_createCStream();
    if ((packing == RF_PACKING_GZIP && !packed->gzip_ready) ||
        (packing == RF_PACKING_ZSTD && packed->zstd == NULL))
        RF_FAIL(err, RF_E_NOMEM, "%s: out of memory for compression", path);
    RF_TRY(rf_file_create_beside(&packed->file, path, err));
    *out = packed;
    packed = NULL;
done:
    rf_packed_close(&packed);
    return st;
}

static rf_status write_gzip(rf_packed *packed, const char *bytes, size_t len, int flush, rf_err *err)
{
    rf_status st = RF_OK;
    z_stream *gzip = &packed->gzip;
    gzip->next_in = (unsigned char *)(uintptr_t)bytes;
    gzip->avail_in = (unsigned)len;
    do {
        gzip->next_out = (unsigned char *)packed->buffer;
        gzip->avail_out = (unsigned)PACKED_BYTES;
        (void)deflate(gzip, flush);
        RF_TRY(rf_file_write(packed->file, packed->buffer, PACKED_BYTES - gzip->avail_out, err));
    } while (gzip->avail_out == 0);
done:
    return st;
}

static rf_status write_zstd(rf_packed *packed, const char *bytes, size_t len, ZSTD_EndDirective end,
                            rf_err *err)
{
    rf_status st = RF_OK;
    ZSTD_inBuffer in = {bytes, len, 0};
    size_t left = 0;
    do {
        ZSTD_outBuffer out = {packed->buffer, PACKED_BYTES, 0};
        left = ZSTD_compressStream2(packed->zstd, &out, &in, end);
        if (ZSTD_isError(left))
            RF_FAIL(err, RF_E_INTERNAL, "zstd cannot compress: %s", ZSTD_getErrorName(left));
        RF_TRY(rf_file_write(packed->file, packed->buffer, out.pos, err));
    } while (end == ZSTD_e_end ? left != 0 : in.pos < in.size);
done:
    return st;
}

rf_status rf_packed_write(rf_packed *packed, const char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    if (packed->packing == RF_PACKING_PLAIN)
        return rf_file_write(packed->file, bytes, len, err);
    if (packed->packing == RF_PACKING_ZSTD)
        return write_zstd(packed, bytes, len, ZSTD_e_continue, err);
    for (size_t most = (size_t)1 << 30; len > 0; bytes += most, len -= most) {
        most = len < most ? len : most;
        RF_TRY(write_gzip(packed, bytes, most, Z_NO_FLUSH, err));
    }
done:
    return st;
}

rf_status rf_packed_commit(rf_packed *packed, rf_err *err)
{
    rf_status st = RF_OK;
    if (packed->packing == RF_PACKING_GZIP)
        RF_TRY(write_gzip(packed, "", 0, Z_FINISH, err));
    if (packed->packing == RF_PACKING_ZSTD)
        RF_TRY(write_zstd(packed, "", 0, ZSTD_e_end, err));
    RF_TRY(rf_file_commit(packed->file, err));
done:
    return st;
}

void rf_packed_close(rf_packed **packed)
{
    if (packed == NULL || *packed == NULL)
        return;
    rf_packed *p = *packed;
    *packed = NULL;
    if (p->gzip_ready)
        (void)deflateEnd(&p->gzip);
    if (p->zstd != NULL)
        (void)ZSTD_freeCStream(p->zstd);
    rf_file_close(&p->file);
    rf_mem_free(p->buffer);
    rf_mem_free(p);
}
