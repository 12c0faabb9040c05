/* h5_scan_bytes.c - bytes of the file under scan, their checksums, and how a scan says no. */
#include <string.h>
#include <unistd.h>

#include "h5_disk.h"
#include "h5_scan_int.h"

/* ---- cursors ---- */

const unsigned char *rf_h5_take_bytes(rf_h5_cursor *c, uint64_t n)
{
    const unsigned char *at = c->at;
    if (c->over || n > c->left) {
        c->over = true;
        return NULL;
    }
    c->at += n;
    c->left -= (size_t)n;
    return at;
}

uint64_t rf_h5_take(rf_h5_cursor *c, size_t bytes)
{
    const unsigned char *at = rf_h5_take_bytes(c, bytes);
    uint64_t value = 0;
    while (at != NULL && bytes > 0)
        value = value << 8 | at[--bytes];
    return value;
}

bool rf_h5_take_mark(rf_h5_cursor *c, const char mark[4])
{
    const unsigned char *at = rf_h5_take_bytes(c, 4);
    return at != NULL && memcmp(at, mark, 4) == 0;
}

const char *rf_h5_take_text(rf_h5_cursor *c, size_t *len)
{
    const unsigned char *nul = c->over || c->left == 0 ? NULL : memchr(c->at, '\0', c->left);
    if (nul == NULL) {
        c->over = true;
        return NULL;
    }
    *len = (size_t)(nul - c->at);
    return (const char *)rf_h5_take_bytes(c, *len + 1);
}

/* ---- the checksum of metadata: Bob Jenkins's lookup3, byte by byte ---- */

static uint32_t rotated(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

static uint32_t word_of(const unsigned char *p, size_t n)
{
    uint32_t word = 0;
    for (size_t i = 0; i < n && i < 4; i++)
        word |= (uint32_t)p[i] << (8 * i);
    return word;
}

static void add_words(uint32_t s[3], const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < 3 && n > 4 * i; i++)
        s[i] += word_of(p + 4 * i, n - 4 * i);
}

uint32_t rf_h5_checksum(const unsigned char *bytes, size_t len)
{
    static const int mix[6] = {4, 6, 8, 16, 19, 4}, last[7] = {14, 11, 25, 16, 4, 14, 24};
    uint32_t s[3];
    s[0] = s[1] = s[2] = 0xdeadbeefU + (uint32_t)len;
    for (; len > 12; bytes += 12, len -= 12) {
        add_words(s, bytes, 12);
        for (int i = 0; i < 6; i++) { /* a -= c, a ^= rot(c), c += b; then b, c, a in their turn */
            uint32_t *a = &s[i % 3], *b = &s[(i + 1) % 3], *c = &s[(i + 2) % 3];
            *a = (*a - *c) ^ rotated(*c, mix[i]);
            *c += *b;
        }
    }
    if (len == 0)
        return s[2];
    add_words(s, bytes, len);
    for (int i = 0; i < 7; i++) { /* c ^= b, c -= rot(b); then a with c, b with a */
        uint32_t *x = &s[(i + 2) % 3];
        const uint32_t *y = &s[(i + 1) % 3];
        *x = (*x ^ *y) - rotated(*y, last[i]);
    }
    return s[2];
}

/* ---- blocks ---- */

bool rf_h5_scan_holds(const rf_h5_scan *scan, uint64_t address, uint64_t len)
{
    return address <= scan->size && len <= scan->size - address;
}

rf_status rf_h5_scan_load(unsigned char **out, rf_h5_scan *scan, uint64_t address, uint64_t len)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    if (!rf_h5_scan_holds(scan, address, len))
        H5_DAMAGED("a part of it lies after the file's end");
    if (len > scan->budget)
        H5_DAMAGED("its parts lead in circles");
    scan->budget -= len;
    RF_NEW(block, len, scan->err);
    if (rf_h5_disk_read(scan->disk, scan->base + address, (size_t)len, block) < 0)
        RF_TRY(rf_h5_disk_status(scan->disk, scan->path, scan->err));
    *out = block;
    block = NULL;
done:
    rf_mem_free(block);
    return st;
}

rf_status rf_h5_scan_sum(rf_h5_scan *scan, uint64_t address, const unsigned char *block, size_t len,
                         size_t sum_at, uint32_t found)
{
    rf_status st = RF_OK;
    uint32_t sum = rf_h5_checksum(block, len);
    if (sum != found && scan->mend) {
        const unsigned char right[4] = {sum & 0xff, sum >> 8 & 0xff, sum >> 16 & 0xff,
                                        (unsigned char)(sum >> 24)};
        if (pwrite(scan->disk->fd, right, 4, (off_t)(scan->base + address + sum_at)) != 4)
            RF_FAIL(scan->err, RF_E_IO, "%s: cannot be written", scan->path);
    } else if (sum != found) {
        H5_DAMAGED("a checksum is wrong");
    }
done:
    return st;
}

rf_status rf_h5_scan_summed(rf_h5_cursor *c, rf_h5_scan *scan, uint64_t address, const unsigned char *block,
                            size_t len)
{
    rf_status st = RF_OK;
    if (len < 4)
        H5_DAMAGED("a part of it is too short");
    RF_TRY(rf_h5_scan_sum(scan, address, block, len - 4, len - 4, word_of(block + len - 4, 4)));
    *c = (rf_h5_cursor){block, len - 4, false};
done:
    return st;
}

rf_status rf_h5_scan_load_summed(unsigned char **out, rf_h5_cursor *c, rf_h5_scan *scan, uint64_t address,
                                 uint64_t len)
{
    rf_status st = RF_OK;
    unsigned char *block = NULL;
    RF_TRY(rf_h5_scan_load(&block, scan, address, len));
    RF_TRY(rf_h5_scan_summed(c, scan, address, block, (size_t)len));
    *out = block;
    block = NULL;
done:
    rf_mem_free(block);
    return st;
}

/* ---- refusals ---- */

rf_status rf_h5_scan_damaged(rf_h5_scan *scan, int line, const char *what)
{
    return rf_err_set(scan->err, RF_E_FORMAT, __FILE__, line,
                      "%s: the file is damaged: %s: %s; restore the file or make it again", scan->path,
                      scan->name, what);
}

rf_status rf_h5_scan_refuse(rf_h5_scan *scan, int line, const char *what, const char *advice)
{
    return rf_err_set(scan->err, RF_E_FORMAT, __FILE__, line, "%s: %s %s; %s", scan->path, scan->name, what,
                      advice);
}
