/* input_stream.c - the content of one file or of standard input: plain, gzip or zstd, as its first bytes say.
 *
 * Several gzip members or zstd frames in a row are one content. Truncated or corrupt data is a failure with
 * path and offset, never a reject, because its records are unknown. It knows nothing of lines.
 */
#include "input_stream_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "rf_mem.h"
#include "rf_stop.h"

#define STORED_BYTES (256u << 10)
#define LOOK_MS 200   /* between looks whether to stop, while nothing comes */
#define MAGIC_BYTES 6 /* enough to tell packings apart */

struct rf_input {
    const char *name; /* owned unless it is "stdin" */
    char *owned_name;
    int fd;
    rf_packing packing;
    int64_t size, stored, content; /* file's bytes (-1 unknown); bytes read of it; bytes handed out */
    char *buffer;                  /* [STORED_BYTES] as stored, not yet used: [from, to) */
    size_t from, to;
    bool fd_ended, inside; /* inside: a member or frame has begun and not ended */
    z_stream gzip;
    bool gzip_ready;
    ZSTD_DStream *zstd;
};

/* ---- stored bytes ---- */

/* Waits until a pipe or a terminal has something, and looks every now and then whether to stop: a signal that
 * comes just before a read would not end it. */
static rf_status await_bytes(const rf_input *input, rf_err *err)
{
    rf_status st = RF_OK;
    struct pollfd waiting = {.fd = input->fd, .events = POLLIN};
    int ready;
    do {
        RF_TRY(rf_stop_check(err));
        ready = input->size < 0 ? poll(&waiting, 1, LOOK_MS) : 1;
    } while (ready == 0 || (ready < 0 && errno == EINTR));
done:
    return st;
}

static rf_status read_fd(rf_input *input, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    ssize_t got;
    *n = 0;
    do {
        RF_TRY(await_bytes(input, err));
        got = read(input->fd, buffer, cap);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0 && errno == EBADF && input->fd == STDIN_FILENO)
        RF_FAIL(err, RF_E_IO, "stdin: cannot be read: it is closed; send the events into it, or name files");
    if (got < 0)
        RF_FAIL(err, RF_E_IO, "%s: reading failed at byte %lld: %s", input->name, (long long)input->stored,
                strerror(errno));
    input->fd_ended = got == 0;
    input->stored += got;
    *n = (size_t)got;
done:
    return st;
}

/* Refills an empty buffer. */
static rf_status refill(rf_input *input, rf_err *err)
{
    size_t n;
    if (input->from < input->to || input->fd_ended)
        return RF_OK;
    rf_status st = read_fd(input, input->buffer, STORED_BYTES, &n, err);
    if (st == RF_OK) {
        input->from = 0;
        input->to = n;
    }
    return st;
}

static size_t left(const rf_input *input)
{
    return input->to - input->from;
}

static int64_t stored_at(const rf_input *input)
{
    return input->stored - (int64_t)left(input);
}

static rf_status corrupt(const rf_input *input, const char *kind, const char *why, rf_err *err)
{
    return rf_err_set(
        err, RF_E_FORMAT, __FILE__, __LINE__,
        "%s: the %s data is broken near byte %lld of the file, after %lld bytes of content: %s; make or "
        "copy the file again",
        input->name, kind, (long long)stored_at(input), (long long)input->content, why);
}

/* ---- packings ---- */

static void *zlib_take(void *context, unsigned n, unsigned size)
{
    (void)context;
    return rf_mem_new(n, size, NULL);
}

static void zlib_give(void *context, void *block)
{
    (void)context;
    rf_mem_free(block);
}

/* Reads until there are enough bytes or the end: a pipe may hand out single bytes. */
static rf_status detect(rf_input *input, rf_err *err)
{
    rf_status st = RF_OK;
    while (input->to < MAGIC_BYTES && !input->fd_ended) {
        size_t n;
        RF_TRY(read_fd(input, input->buffer + input->to, STORED_BYTES - input->to, &n, err));
        input->to += n;
    }
    const unsigned char *p = (const unsigned char *)input->buffer;
    bool is_frame = input->to >= 4 && p[0] == 0x28 && p[1] == 0xB5 && p[2] == 0x2F && p[3] == 0xFD;
    bool is_skippable =
        input->to >= 4 && (p[0] & 0xF0) == 0x50 && p[1] == 0x2A && p[2] == 0x4D && p[3] == 0x18;
    input->packing = RF_PACKING_PLAIN;
    if (input->to >= 2 && p[0] == 0x1F && p[1] == 0x8B) {
        input->packing = RF_PACKING_GZIP;
        input->gzip.zalloc = zlib_take;
        input->gzip.zfree = zlib_give;
        input->gzip_ready = inflateInit2(&input->gzip, 15 + 16) == Z_OK; /* 16: gzip wrapping */
    } else if (is_frame || is_skippable) {
        input->packing = RF_PACKING_ZSTD;
        input->zstd = ZSTD_createDStream();
    }
    if ((input->packing == RF_PACKING_GZIP && !input->gzip_ready) ||
        (input->packing == RF_PACKING_ZSTD && input->zstd == NULL))
        RF_FAIL(err, RF_E_NOMEM, "%s: out of memory for decompression", input->name);
done:
    return st;
}

rf_status rf_input_open(rf_input **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input *input = NULL;
    RF_ZERO(input, 1, err);
    input->fd = path == NULL ? STDIN_FILENO : -1;
    input->size = -1;
    input->owned_name = path == NULL ? NULL : rf_mem_text(path, strlen(path), err);
    input->name = path == NULL ? "stdin" : input->owned_name;
    input->buffer = rf_mem_new(STORED_BYTES, 1, err);
    if (input->name == NULL || input->buffer == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    if (path != NULL) /* a pipe is waited for where it is read */
        input->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat info;
    if (input->fd < 0 || fstat(input->fd, &info) != 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be opened: %s", input->name, strerror(errno));
    if (S_ISDIR(info.st_mode))
        RF_FAIL(err, RF_E_IO, "%s: is a folder; name the files in it, as in %s/*.jsonl", input->name,
                input->name);
    if (S_ISREG(info.st_mode))
        input->size = info.st_size;
    *out = input;
    input = NULL;
done:
    rf_input_close(input);
    return st;
}

void rf_input_close(rf_input *input)
{
    if (input == NULL)
        return;
    if (input->gzip_ready)
        (void)inflateEnd(&input->gzip);
    if (input->zstd != NULL)
        (void)ZSTD_freeDStream(input->zstd);
    if (input->fd >= 0 && input->fd != STDIN_FILENO)
        (void)close(input->fd);
    rf_mem_free(input->buffer);
    rf_mem_free(input->owned_name);
    rf_mem_free(input);
}

/* ---- content ---- */

/* Between members: true when another one begins. Zero bytes are padding, as gzip(1) takes them. */
static rf_status next_member(rf_input *input, bool *more, rf_err *err)
{
    rf_status st = RF_OK;
    *more = false;
    for (;;) {
        RF_TRY(refill(input, err));
        if (left(input) == 0)
            break;
        if (input->buffer[input->from] != 0) {
            *more = true;
            break;
        }
        input->from++;
    }
    if (*more && inflateReset(&input->gzip) != Z_OK)
        RF_FAIL(err, RF_E_INTERNAL, "%s: zlib cannot start again", input->name);
done:
    return st;
}

static rf_status read_gzip(rf_input *input, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    z_stream *gzip = &input->gzip;
    unsigned room = cap > (1u << 30) ? 1u << 30 : (unsigned)cap;
    gzip->next_out = (unsigned char *)buffer;
    gzip->avail_out = room;
    while (gzip->avail_out == room) {
        if (!input->inside) {
            bool more;
            RF_TRY(next_member(input, &more, err));
            if (!more)
                break;
            input->inside = true;
        }
        RF_TRY(refill(input, err));
        gzip->next_in = (unsigned char *)input->buffer + input->from;
        gzip->avail_in = (unsigned)left(input);
        int result = inflate(gzip, Z_NO_FLUSH);
        input->from = input->to - gzip->avail_in;
        if (result == Z_STREAM_END)
            input->inside = false;
        else if (result == Z_MEM_ERROR)
            RF_FAIL(err, RF_E_NOMEM, "%s: out of memory for decompression", input->name);
        else if (result != Z_OK && result != Z_BUF_ERROR)
            RF_TRY(corrupt(input, "gzip", gzip->msg == NULL ? "not gzip" : gzip->msg, err));
        if (input->inside && left(input) == 0 && input->fd_ended && gzip->avail_out == room)
            RF_TRY(corrupt(input, "gzip", "it ends early", err));
    }
    *n = room - gzip->avail_out;
done:
    return st;
}

static rf_status read_zstd(rf_input *input, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    ZSTD_outBuffer out = {buffer, cap, 0};
    while (out.pos == 0) {
        RF_TRY(refill(input, err));
        if (left(input) == 0 && !input->inside)
            break;
        ZSTD_inBuffer in = {input->buffer + input->from, left(input), 0};
        size_t result = ZSTD_decompressStream(input->zstd, &out, &in);
        input->from += in.pos;
        if (ZSTD_isError(result))
            RF_TRY(corrupt(input, "zstd", ZSTD_getErrorName(result), err));
        input->inside = result != 0;
        if (input->inside && left(input) == 0 && input->fd_ended && out.pos == 0)
            RF_TRY(corrupt(input, "zstd", "it ends early", err));
    }
    *n = out.pos;
done:
    return st;
}

rf_status rf_input_read(rf_input *input, char *buffer, size_t cap, size_t *n, rf_err *err)
{
    rf_status st = RF_OK;
    *n = 0;
    if (input->packing == RF_PACKING_UNKNOWN)
        RF_TRY(detect(input, err));
    if (input->packing == RF_PACKING_GZIP)
        st = read_gzip(input, buffer, cap, n, err);
    else if (input->packing == RF_PACKING_ZSTD)
        st = read_zstd(input, buffer, cap, n, err);
    else if (left(input) == 0)
        st = read_fd(input, buffer, cap, n, err);
    else { /* what was read to look at the first bytes */
        *n = left(input) < cap ? left(input) : cap;
        memcpy(buffer, input->buffer + input->from, *n);
        input->from += *n;
    }
    input->content += (int64_t)*n;
done:
    return st;
}

bool rf_input_seek(rf_input *input, int64_t offset)
{
    if (input->packing != RF_PACKING_PLAIN || input->size < 0 || lseek(input->fd, offset, SEEK_SET) != offset)
        return false;
    input->from = input->to = 0;
    input->stored = input->content = offset;
    input->fd_ended = false;
    return true;
}

int64_t rf_input_stored(const rf_input *input)
{
    return stored_at(input);
}

rf_packing rf_input_packing(const rf_input *input)
{
    return input->packing;
}
