/* simulate_names.c - cards, IPs and addresses of the simulated world as texts. */
#include "simulate_traces_int.h"

#include <ctype.h>
#include <string.h>

enum { ASK_STREET = 40 };

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len + 1);
    return at + len;
}

static char *put_number(char *at, uint32_t n)
{
    char digits[10];
    int len = 0;
    do
        digits[len++] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    while (len > 0)
        *at++ = digits[--len];
    *at = '\0';
    return at;
}

/* Without a branch: how many digits a byte has is a matter of chance. */
static char *put_byte(char *at, uint32_t n)
{
    *at = (char)('0' + n / 100);
    at += n >= 100;
    *at = (char)('0' + n / 10 % 10);
    at += n >= 10;
    *at = (char)('0' + n % 10);
    return at + 1;
}

static char *put_hex(char *at, uint32_t n)
{
    static const char hex[] = "0123456789abcdef";
    int shift = 28;
    while (shift > 0 && n >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *at++ = hex[n >> shift & 15];
    *at = '\0';
    return at;
}

/* ---- cards and IPs ---- */

/* Twelve digits from an invertible scrambling of 48 bits: no two cards share a name. */
void rf_sim_card_name(char out[RF_SIM_CARD_TEXT], const rf_sim_world *world, uint64_t card)
{
    static const char hex[] = "0123456789abcdef";
    const uint64_t mask = (UINT64_C(1) << 48) - 1;
    uint64_t x = ((card ^ world->seed) * UINT64_C(0x9e3779b97f4a7c15)) & mask;
    x ^= x >> 25;
    x = (x * UINT64_C(0xbf58476d1ce4e5b9)) & mask;
    x ^= x >> 23;
    out[0] = 'c';
    for (int i = 0; i < 12; i++)
        out[1 + i] = hex[x >> (44 - 4 * i) & 15];
    out[13] = '\0';
}

void rf_sim_ip_name(char out[RF_SIM_IP_TEXT], const rf_sim_ip *ip)
{
    char *at = out;
    if (ip->version == 4) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            at = put_byte(at, ip->v4 >> shift & 255);
            *at++ = '.';
        }
    } else {
        for (int shift = 112; shift >= 0; shift -= 16) {
            uint64_t half = shift >= 64 ? ip->network : ip->host;
            at = put_hex(at, (uint32_t)(half >> shift % 64 & 0xffff));
            *at++ = ':';
        }
    }
    at[-1] = '\0';
}

/* ---- addresses ---- */

static const char *const streets[] = {
    "Orchid",   "Maple",   "Harbour",  "Station",  "Temple", "Garden",   "Mill",     "Bamboo",
    "Palm",     "Church",  "Market",   "River",    "Lotus",  "Cedar",    "Hill",     "School",
    "Victoria", "Jasmine", "Bridge",   "Acacia",   "Lake",   "Sunrise",  "Coral",    "Mango",
    "Canal",    "Forest",  "Pearl",    "Hibiscus", "North",  "Willow",   "Jade",     "Meadow",
    "Castle",   "Ginger",  "Airport",  "Lantern",  "Rose",   "Bishop",   "Cinnamon", "Park",
    "Ferry",    "Banyan",  "Elm",      "Clove",    "South",  "Tamarind", "Quarry",   "Vine",
    "Angsana",  "Holly",   "Fountain", "Nutmeg",   "Kent",   "Raintree", "Ash",      "Pepper",
    "Chapel",   "Heron",   "Sandal",   "Walnut",   "Tower",  "Swallow",  "Juniper",  "Beach",
};
static const char *const ways[8] = {" Street", " Road", " Lane",     " Avenue",
                                    " Drive",  " Walk", " Crescent", " Close"};
static const char *const short_ways[8] = {" St", " Rd", " Ln", " Ave", " Dr", " Wk", " Cres", " Cl"};

static void respell(char *street, uint8_t spelling)
{
    char *blank = strchr(street, ' '), *last = street + strlen(street) - 1;
    if (spelling == RF_SIM_LOWER || spelling == RF_SIM_UPPER) {
        for (char *c = street; *c != '\0'; c++)
            *c = (char)(spelling == RF_SIM_LOWER ? tolower(*c) : toupper(*c));
        return;
    }
    if (spelling == RF_SIM_TWO_BLANKS) {
        memmove(blank + 1, blank, strlen(blank) + 1);
    } else if (spelling == RF_SIM_DOUBLED_LETTER) {
        while (last > street && !islower(*last))
            last--;
        memmove(last + 1, last, strlen(last) + 1);
    }
}

/* Two homes with one address are as rare as in life: an area has twelve million addresses, and flats. */
void rf_sim_address(char street[RF_SIM_STREET_TEXT], char zip[RF_SIM_ZIP_TEXT], const rf_sim_world *world,
                    const rf_sim_traces *traces)
{
    const rf_sim_place *to = &traces->to;
    uint64_t subject = (uint64_t)to->site << 56 | (uint64_t)to->area << 40 | to->number;
    uint64_t h = rf_sim_hash(world, ASK_STREET, subject);
    char *at = street;
    if (traces->spelling == RF_SIM_NUMBER_SIGN)
        at = put_text(at, "No. ");
    at = put_number(at, 1 + (uint32_t)(h & 0xffff) % 240);
    *at++ = ' ';
    at = put_text(at, streets[h >> 16 & 63]);
    at = put_text(at, (traces->spelling == RF_SIM_ABBREVIATED ? short_ways : ways)[h >> 22 & 7]);
    if (to->site == RF_SIM_DWELLING && (h >> 25 & 3) == 0) {
        at = put_number(put_text(at, " #"), 1 + (uint32_t)(h >> 27 & 15));
        at = put_number(put_text(at, "-"), 1 + (uint32_t)(h >> 31 & 63));
    }
    if (traces->spelling == RF_SIM_WITH_UNIT) {
        at = put_text(at, " Apt ");
        *at++ = (char)('A' + traces->unit % 20);
        *at = '\0';
    }
    respell(street, traces->spelling);
    uint32_t code = 10000 + to->area * 1000u + (uint32_t)(h >> 40) % 100 * 7;
    put_number(zip, code);
}
