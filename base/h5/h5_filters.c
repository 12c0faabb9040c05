/* h5_filters.c - gzip, the shuffle of bytes, and Fletcher's checksum, undone within bounds. */
#include "h5_filters.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

static int64_t inflated(unsigned char *to, size_t room, const unsigned char *from, size_t len)
{
    z_stream stream = {.next_in = (unsigned char *)from, .next_out = to}; /* zlib only reads it */
    if (len > UINT_MAX || room > UINT_MAX || inflateInit(&stream) != Z_OK)
        return -1;
    stream.avail_in = (unsigned)len;
    stream.avail_out = (unsigned)room;
    int end = inflate(&stream, Z_FINISH);
    int64_t written = (int64_t)stream.total_out;
    inflateEnd(&stream);
    return end == Z_STREAM_END ? written : -1;
}

/* First bytes of all values, then all second ones, and so on; what is left over stands at the end. */
static int64_t unshuffled(size_t element, unsigned char *to, size_t room, const unsigned char *from,
                          size_t len)
{
    if (len > room || element == 0)
        return -1;
    size_t n = len / element;
    for (size_t byte = 0; byte < element; byte++) {
        for (size_t i = 0; i < n; i++)
            to[i * element + byte] = from[byte * n + i];
    }
    memcpy(to + n * element, from + n * element, len - n * element);
    return (int64_t)len;
}

static uint32_t folded(uint32_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* Over words of two bytes, the higher one first; half a word at the end counts as a high byte. */
static uint32_t fletcher32(const unsigned char *bytes, size_t len)
{
    uint32_t low = 0, high = 0;
    for (size_t i = 0; i < len; i += 2) {
        low = folded(low + ((uint32_t)bytes[i] << 8) + (i + 1 < len ? bytes[i + 1] : 0U));
        high = folded(high + low);
    }
    return high << 16 | low;
}

static int64_t verified(unsigned char *to, size_t room, const unsigned char *from, size_t len)
{
    if (len < 4 || len - 4 > room)
        return -1;
    len -= 4;
    uint32_t found = 0;
    for (size_t i = 4; i > 0; i--)
        found = found << 8 | from[len + i - 1];
    if (found != fletcher32(from, len))
        return -1;
    memcpy(to, from, len);
    return (int64_t)len;
}

int64_t rf_h5_unfilter(unsigned filter, size_t element, unsigned char *to, size_t room,
                       const unsigned char *from, size_t len)
{
    switch (filter) {
    case RF_H5_DEFLATE:
        return inflated(to, room, from, len);
    case RF_H5_SHUFFLE:
        return unshuffled(element, to, room, from, len);
    case RF_H5_FLETCHER32:
        return verified(to, room, from, len);
    default:
        return -1;
    }
}
