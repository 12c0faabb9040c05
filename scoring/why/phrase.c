/* phrase.c - a feature's words and values as text that is safe to print.
 *
 * Control characters become spaces, marks that turn the direction of writing are dropped, and nothing is cut
 * inside a character.
 */
#include "why_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_text.h"

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, and the separators U+2028 and U+2029. */
static bool turns_text(const unsigned char *at, size_t length)
{
    if (length != 3 || at[0] != 0xE2)
        return false;
    return (at[1] == 0x80 && ((at[2] >= 0xA8 && at[2] <= 0xAE) || at[2] == 0x8E || at[2] == 0x8F)) ||
           (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
}

/* text: valid UTF-8, or it becomes "?". */
static void add_bytes(char *out, size_t cap, const char *text, size_t len, bool underscores_are_spaces)
{
    size_t used = strlen(out);
    if (!rf_utf8_valid(text, len)) {
        text = "?";
        len = 1;
    }
    const unsigned char *at = (const unsigned char *)text, *end = at + len;
    while (at < end) {
        size_t length = at[0] < 0x80 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
        if (used + length + 1 > cap)
            break;
        if (*at < 0x20 || *at == 0x7F || (*at == '_' && underscores_are_spaces))
            out[used++] = ' ';
        else if (!turns_text(at, length)) {
            memcpy(out + used, at, length);
            used += length;
        }
        at += length;
    }
    out[used] = '\0';
}

void rf_phrase_add(char *out, size_t cap, const char *text)
{
    add_bytes(out, cap, text, strlen(text), false);
}

rf_feature_words rf_phrase_name(char out[RF_PHRASE_TEXT], const char *feature)
{
    rf_feature_words words = rf_feature_words_of(feature);
    out[0] = '\0';
    for (int i = 0; i < words.n_pieces; i++)
        add_bytes(out, RF_PHRASE_TEXT, words.piece[i].text, words.piece[i].len, words.piece[i].is_name);
    return words;
}

static void duration(char out[32], double seconds)
{
    static const struct {
        double length;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {0, "seconds"}};
    int i = 0;
    while (fabs(seconds) < 2 * units[i].length)
        i++;
    snprintf(out, 32, "%.3g %s", units[i].length > 0 ? seconds / units[i].length : seconds, units[i].name);
}

char *rf_phrase_value(char out[32], rf_unit unit, double value)
{
    bool is_whole = value == round(value);
    if (!isfinite(value))
        snprintf(out, 32, "nothing");
    else if (unit == RF_UNIT_SHARE)
        snprintf(out, 32, fabs(value) < 0.0995 && fabs(value) > 0.0005 ? "%.1f %%" : "%.0f %%", 100 * value);
    else if (unit == RF_UNIT_SECONDS)
        duration(out, value);
    else if (unit == RF_UNIT_LOG)
        snprintf(out, 32, "%.3g", exp(value));
    else if ((is_whole || fabs(value) >= 1000) && fabs(value) < 1e9) /* in full, others with three digits */
        snprintf(out, 32, "%.0f", value == 0 ? 0.0 : value);
    else
        snprintf(out, 32, "%.3g", value);
    return out;
}
