/* number_text.c - a number's text by the style that the configuration gives: which mark begins the decimals,
 * which one parts thousands, which signs of a currency may stand beside it. What is left are plain decimal
 * digits, which rf_fixed_parse reads.
 */
#include "number_text_int.h"

#include <string.h>

/* ---- spaces ---- */

/* Bytes of the space at the text's start: ASCII, no-break, narrow no-break; 0: none is there. */
static size_t space_at(const char *text, size_t len)
{
    if (len > 0 && (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')))
        return 1;
    if (len >= 2 && memcmp(text, "\xC2\xA0", 2) == 0)
        return 2;
    return len >= 3 && memcmp(text, "\xE2\x80\xAF", 3) == 0 ? 3 : 0;
}

static size_t space_before(const char *text, size_t len)
{
    for (size_t n = 1; n <= 3 && n <= len; n++) {
        if (space_at(text + len - n, n) == n)
            return n;
    }
    return 0;
}

rf_span rf_number_trimmed(rf_span text)
{
    size_t n;
    while ((n = space_at(text.ptr, text.len)) > 0)
        text = (rf_span){text.ptr + n, text.len - n};
    while ((n = space_before(text.ptr, text.len)) > 0)
        text.len -= n;
    return text;
}

/* ---- the marks of a style ---- */

/* Takes one sign of a currency away, at either end. */
static rf_span without_currency(const rf_number_style *style, rf_span text)
{
    for (int i = 0; i < style->n_currency; i++) {
        const char *sign = style->currency[i];
        size_t len = strlen(sign);
        if (len == 0 || len > text.len)
            continue;
        if (memcmp(text.ptr, sign, len) == 0)
            return rf_number_trimmed((rf_span){text.ptr + len, text.len - len});
        if (memcmp(text.ptr + text.len - len, sign, len) == 0)
            return rf_number_trimmed((rf_span){text.ptr, text.len - len});
    }
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the mark between thousands; a space may be of any kind. */
static size_t thousands_at(const rf_number_style *style, const char *text, size_t len)
{
    if (style->thousands == ' ')
        return space_at(text, len);
    return style->thousands != 0 && len > 0 && text[0] == style->thousands;
}

/* Copies the digits before the decimals. Behind a mark there are three digits, or two and another mark, as in
 * India: "1,5" is no number where commas part thousands. False: this is none. */
static bool copy_whole(char **to, const rf_number_style *style, rf_span *text)
{
    size_t group = 0, n;
    bool marked = false;
    for (;;) {
        if (text->len > 0 && is_digit(text->ptr[0])) {
            *(*to)++ = text->ptr[0];
            *text = (rf_span){text->ptr + 1, text->len - 1};
            group++;
            continue;
        }
        n = thousands_at(style, text->ptr, text->len);
        if (n == 0)
            return !marked || group == 3;
        if (group == 0 || group > 3 || (marked && group < 2))
            return false;
        *text = (rf_span){text->ptr + n, text->len - n};
        marked = true;
        group = 0;
    }
}

/* Writes the number as rf_fixed_parse wants it; its length, 0: it is none. */
static size_t plain_number(char out[RF_LONGEST_NUMBER], const rf_number_style *style, rf_span text)
{
    char *to = out;
    bool negative = false, is_signed = false, styled = style->n_currency > 0 || style->thousands != 0;
    if (styled && text.len > 2 && text.ptr[0] == '(' &&
        text.ptr[text.len - 1] == ')') { /* bookkeepers' minus */
        text = rf_number_trimmed((rf_span){text.ptr + 1, text.len - 2});
        negative = is_signed = true;
    }
    for (int i = 0; i < 2; i++) { /* "-$5" and "$-5" */
        if (!is_signed && text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
            negative = text.ptr[0] == '-';
            is_signed = true;
            text = rf_number_trimmed((rf_span){text.ptr + 1, text.len - 1});
        }
        if (i == 0)
            text = without_currency(style, text);
    }
    if (text.len == 0 || text.len + 2 > RF_LONGEST_NUMBER || text.ptr[0] == '-' || text.ptr[0] == '+')
        return 0;
    if (negative)
        *to++ = '-';
    if (!copy_whole(&to, style, &text))
        return 0;
    if (text.len > 0 && text.ptr[0] == style->decimal) {
        *to++ = '.';
        text = (rf_span){text.ptr + 1, text.len - 1};
    } else if (text.len > 0 && text.ptr[0] == '.') {
        return 0;
    }
    memcpy(to, text.ptr, text.len); /* decimals, an exponent; or what is wrong */
    return (size_t)(to - out) + text.len;
}

rf_span rf_number_plain(char buffer[RF_LONGEST_NUMBER], const rf_number_style *style, rf_span text)
{
    rf_number_style mine = *style;
    bool by_point = style->decimal == 0 || style->decimal == '.';
    text = rf_number_trimmed(text);
    if (by_point && style->thousands == 0 && style->n_currency == 0)
        return text;
    mine.decimal = by_point ? '.' : style->decimal;
    return (rf_span){buffer, plain_number(buffer, &mine, text)};
}

rf_number_status rf_number_read(int64_t *out, const rf_number_style *style, rf_span text)
{
    char buffer[RF_LONGEST_NUMBER];
    if (style->decimal == 0 || style->decimal == '.') { /* nearly all */
        rf_number_status st = rf_fixed_parse(out, text.ptr, text.len);
        if (st != RF_NUMBER_BAD)
            return st;
    }
    text = rf_number_plain(buffer, style, text);
    return rf_fixed_parse(out, text.ptr, text.len);
}

/* ---- hints ---- */

const char *rf_number_hint(const rf_number_style *style, rf_span text)
{
    static const struct {
        int decimal, thousands;
        const char *hint;
    } styles[] = {
        {'.', 0, " (fields.numbers.decimal: point would read it)"},
        {'.', ',', " (fields.numbers.thousands: comma would read it)"},
        {',', 0, " (fields.numbers.decimal: comma would read it)"},
        {',', '.', " (fields.numbers: {decimal: comma, thousands: point} would read it)"},
        {'.', ' ', " (fields.numbers.thousands: space would read it)"},
        {',', ' ', " (fields.numbers: {decimal: comma, thousands: space} would read it)"},
        {'.', '\'', " (fields.numbers.thousands: apostrophe would read it)"},
    };
    const rf_number_style english = {.thousands = ','}, german = {.decimal = ','};
    int64_t ignored;
    if (rf_number_read(&ignored, &english, text) == RF_NUMBER_OK &&
        rf_number_read(&ignored, &german, text) == RF_NUMBER_OK && memchr(text.ptr, ',', text.len) != NULL)
        return " (fields.numbers says whether the comma begins decimals or parts thousands)";
    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++) {
        rf_number_style other = *style;
        other.decimal = styles[i].decimal;
        other.thousands = styles[i].thousands;
        if (rf_number_read(&ignored, &other, text) == RF_NUMBER_OK)
            return styles[i].hint;
    }
    text = rf_number_trimmed(text);
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++)
        digits += is_digit(text.ptr[i]);
    bool at_start =
        text.len > 0 && (text.ptr[0] == '$' || (unsigned char)text.ptr[0] >= 0x80 || text.ptr[0] == '-');
    bool at_end = text.len > 0 && (unsigned char)text.ptr[text.len - 1] >= 0x80;
    if (digits > 0 && 2 * digits + 4 >= text.len && (at_start || at_end))
        return " (fields.numbers.currency takes signs such as \"$\" away)";
    return "";
}
