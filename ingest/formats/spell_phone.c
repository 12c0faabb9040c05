/* spell_phone.c - phone numbers as ITU-T E.164 has them, without the +: country and number, digits alone.
 *
 * "+49 (0)170 12", "0049 170 12" and, where the country is told, "0170 12" are 4917012. What a country's own
 * numbers begin with inside of it, and how long they are, is known where it is not a 0 that is left out.
 */
#include "spell_int.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "rf_text.h"
#include "unseen_int.h"

#define MOST_DIGITS 15 /* of a number with its country */
#define ROOM 32

typedef struct numbering {
    const char *country;
    const char *trunk; /* what its numbers begin with inside of it, and not outside; "": nothing */
    size_t digits;     /* of the longest of its numbers, without the trunk; 0: see has_country */
} numbering;

static const numbering plans[] = {
    {"1", "1", 10},  {"7", "8", 10},  {"30", "", 10}, {"34", "", 9},  {"36", "06", 0}, {"39", "", 10},
    {"45", "", 8},   {"47", "", 8},   {"48", "", 9},  {"52", "", 10}, {"57", "", 10},  {"65", "", 8},
    {"225", "", 10}, {"229", "", 10}, {"242", "", 9}, {"351", "", 9}, {"352", "", 9},  {"354", "", 7},
    {"356", "", 8},  {"357", "", 8},  {"371", "", 8}, {"372", "", 8}, {"376", "", 6},  {"377", "", 8},
    {"378", "", 10}, {"420", "", 9},  {"852", "", 8}, {"853", "", 8}, {"965", "", 8},  {"968", "", 8},
    {"973", "", 8},  {"974", "", 8},
};
static const numbering usual = {"", "0", 0};

typedef struct dialled {
    char digits[ROOM];
    size_t n;
    bool abroad; /* begins with its country */
} dialled;

static int digit_of(uint32_t code)
{
    static const uint32_t zeros[] = {'0', 0x660, 0x6F0, 0xFF10}; /* ASCII, Arabic, Persian, full width */
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
        if (code >= zeros[i] && code <= zeros[i] + 9)
            return (int)(code - zeros[i]);
    }
    return -1;
}

static bool says_nothing(uint32_t code)
{
    return rf_code_is_space(code) || rf_code_is_invisible(code) || (code >= 0x2010 && code <= 0x2015) ||
           code == 0x2212 || (code < 0x80 && code > ' ' && strchr("-./()", (int)code) != NULL);
}

static bool begins(rf_span text, const char *with)
{
    size_t len = strlen(with);
    return text.len >= len && strncasecmp(text.ptr, with, len) == 0;
}

static rf_span behind(rf_span text, size_t n)
{
    return (rf_span){text.ptr + n, text.len - n};
}

/* Behind a number: which telephone inside of a house. */
static bool is_extension(rf_span text)
{
    return begins(text, "x") || begins(text, "ext") || begins(text, ";") || begins(text, "#");
}

static const char *read_digits(dialled *to, rf_span text)
{
    if (begins(text, "tel"))
        text = behind(text, 3);
    if (begins(text, ":"))
        text = behind(text, 1);
    for (size_t len; text.len > 0; text = behind(text, len)) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr, text.len);
        int digit = digit_of(code);
        if (len == 0 || to->n == ROOM)
            return len == 0 ? "is no phone number" : "has more than 15 digits";
        if (digit >= 0) {
            to->digits[to->n++] = (char)('0' + digit);
        } else if (to->n > 0 && begins(text, "(0)")) { /* left out where the country is dialled */
            to->abroad = true;
            len = 3;
        } else if (to->n == 0 && !to->abroad && (code == '+' || code == 0xFF0B)) {
            to->abroad = true;
        } else if (!says_nothing(code)) {
            return to->n > 0 && is_extension(text) ? NULL : "is no phone number";
        }
    }
    return NULL;
}

static bool pass(dialled *number, const char *prefix)
{
    size_t len = strlen(prefix);
    if (number->n < len || memcmp(number->digits, prefix, len) != 0)
        return false;
    number->n -= len;
    memmove(number->digits, number->digits + len, number->n);
    return true;
}

static const numbering *plan_of(const char *country)
{
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        if (strcmp(plans[i].country, country) == 0)
            return &plans[i];
    }
    return &usual;
}

/* The country is there, though nothing says so: its own numbers begin otherwise, or are shorter. */
static bool has_country(const dialled *number, const numbering *plan, const char *country)
{
    size_t len = strlen(country);
    return number->n > len && memcmp(number->digits, country, len) == 0 && number->n > plan->digits;
}

static void put_country(dialled *number, const char *country)
{
    const numbering *plan = plan_of(country);
    size_t trunk = strlen(plan->trunk), len = strlen(country);
    bool has = has_country(number, plan, country);
    if (has || number->n + len > ROOM)
        return;
    if (trunk > 0 && (plan->digits == 0 || number->n == plan->digits + trunk))
        (void)pass(number, plan->trunk);
    memmove(number->digits + len, number->digits, number->n);
    memcpy(number->digits, country, len);
    number->n += len;
}

const char *rf_spell_phone(rf_span *text, char *out, const char *country)
{
    dialled number = {.n = 0};
    const char *wrong = read_digits(&number, rf_spell_trimmed(*text));
    if (wrong != NULL)
        return wrong;
    if (number.n == 0)
        return "has no digit";
    bool prefixed =
        pass(&number, "00") || (!number.abroad && strcmp(country, "1") == 0 && pass(&number, "011"));
    number.abroad = number.abroad || prefixed;
    if (number.abroad && (number.n == 0 || number.digits[0] == '0'))
        return "has no country";
    if (!number.abroad && country[0] != '\0')
        put_country(&number, country);
    if (number.n > MOST_DIGITS)
        return "has more than 15 digits";
    memcpy(out, number.digits, number.n);
    *text = (rf_span){out, number.n};
    return NULL;
}
