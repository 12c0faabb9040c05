/* spell_ip.c - the network that an IP address is in, as RFC 5952 writes it. */
#include "spell_int.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rf_decimal.h"

static const char none[] = "is no IP address";

typedef struct network {
    unsigned char bytes[16];
    int bits;  /* of the address: 32 or 128 */
    int width; /* told behind a /; bits: none was */
} network;

static bool number_of(int *out, rf_span text, int most)
{
    int64_t value;
    if (text.len == 0 || text.ptr[0] < '0' || text.ptr[0] > '9' ||
        !rf_int_parse(&value, text.ptr, text.len) || value > most)
        return false;
    *out = (int)value;
    return true;
}

/* At the first `mark` in it: what is before it, *behind what follows; false: there is none. */
static bool cut_at(rf_span *text, rf_span *behind, char mark)
{
    const char *at = text->len == 0 ? NULL : memchr(text->ptr, mark, text->len);
    if (at == NULL)
        return false;
    *behind = (rf_span){at + 1, text->len - (size_t)(at + 1 - text->ptr)};
    text->len = (size_t)(at - text->ptr);
    return true;
}

/* "[::1]:80" and "1.2.3.4:80" without brackets and port; false: there is something else. */
static bool unwrap(rf_span *text)
{
    rf_span behind, port, more = {0};
    int number;
    if (text->len > 0 && text->ptr[0] == '[') {
        *text = (rf_span){text->ptr + 1, text->len - 1};
        if (!cut_at(text, &behind, ']'))
            return false;
        return behind.len == 0 ||
               (behind.ptr[0] == ':' && number_of(&number, (rf_span){behind.ptr + 1, behind.len - 1}, 65535));
    }
    rf_span address = *text;
    if (!cut_at(&address, &port, ':') || memchr(address.ptr, '.', address.len) == NULL)
        return true;
    rf_span rest = port;
    if (cut_at(&rest, &more, ':') || !number_of(&number, port, 65535))
        return false;
    *text = address;
    return true;
}

static bool read_address(network *out, rf_span text)
{
    static const unsigned char mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char copy[INET6_ADDRSTRLEN];
    rf_span width = {0}, zone = {0};
    bool told = cut_at(&text, &width, '/');
    bool six = text.len > 0 && memchr(text.ptr, ':', text.len) != NULL;
    if (six)
        (void)cut_at(&text, &zone, '%');
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    out->bits = out->width = six ? 128 : 32;
    if (inet_pton(six ? AF_INET6 : AF_INET, copy, out->bytes) != 1 ||
        (told && !number_of(&out->width, width, out->bits)))
        return false;
    if (six && out->width >= 96 && memcmp(out->bytes, mapped, sizeof mapped) == 0) {
        memmove(out->bytes, out->bytes + 12, 4);
        out->bits = 32;
        out->width -= 96;
    }
    return true;
}

const char *rf_spell_ip_prefix(rf_span *text, char *out, int v4_bits, int v6_bits)
{
    network net;
    char shown[INET6_ADDRSTRLEN];
    rf_span address = rf_spell_trimmed(*text);
    if (!unwrap(&address) || !read_address(&net, address))
        return none;
    int bits = net.bits == 32 ? v4_bits : v6_bits;
    if (net.width < bits)
        return "is a wider network";
    for (int i = 0; i < net.bits / 8; i++) {
        int kept = bits - 8 * i;
        net.bytes[i] &= (unsigned char)(kept >= 8 ? 0xFF : kept <= 0 ? 0 : 0xFF << (8 - kept));
    }
    if (inet_ntop(net.bits == 32 ? AF_INET : AF_INET6, net.bytes, shown, sizeof shown) == NULL)
        return none;
    text->len = (size_t)snprintf(out, sizeof shown + 4, "%s/%d", shown, bits);
    text->ptr = out;
    return NULL;
}
