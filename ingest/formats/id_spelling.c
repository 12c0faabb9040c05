/* id_spelling.c - one spelling for ids that mean the same: the steps of `normalise`, in their order. */
#include "id_spelling_int.h"

#include <string.h>
#include <wctype.h>

#include "rf_text.h"
#include "unseen_int.h"

rf_spelling_words rf_fields_spelling(const rf_fields *fields, rf_side side)
{
    const rf_spelling_words *own = side == RF_USER ? &fields->user_normalise : &fields->entity_normalise;
    return own->words != NULL ? *own : (rf_spelling_words){fields->normalise, fields->n_normalise};
}

static const char *key_of(const rf_fields *fields, rf_side side)
{
    if (side == RF_USER && fields->user_normalise.words != NULL)
        return "fields.user.normalise";
    if (side != RF_USER && fields->entity_normalise.words != NULL)
        return "fields.entity.normalise";
    return "fields.normalise";
}

rf_status rf_spelling_init(rf_spelling *spelling, const rf_fields *fields, rf_side side, rf_err *err)
{
    static const char *const words[] = {[RF_SPELL_TRIM] = "trim",
                                        [RF_SPELL_LOWER] = "lower",
                                        [RF_SPELL_SQUEEZE] = "squeeze",
                                        [RF_SPELL_DIGITS] = "digits",
                                        [RF_SPELL_WHOLE] = "whole"};
    rf_status st = RF_OK;
    const rf_spelling_words told = rf_fields_spelling(fields, side);
    *spelling = (rf_spelling){.key = key_of(fields, side)};
    for (int i = 0; i < told.n; i++) {
        int step = 0;
        while (step < RF_N_SPELL && strcmp(words[step], told.words[i]) != 0)
            step++;
        if (step == RF_N_SPELL || spelling->n == RF_SPELL_STEPS)
            RF_FAIL(err, RF_E_INVALID,
                    "%s: \"%s\" is unknown or one too many; there are trim, lower, squeeze, "
                    "digits, whole",
                    spelling->key, told.words[i]);
        spelling->steps[spelling->n++] = (rf_spell)step;
        if (step == RF_SPELL_LOWER && spelling->locale == (locale_t)0)
            spelling->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    }
done:
    return st;
}

void rf_spelling_clear(rf_spelling *spelling)
{
    if (spelling->locale != (locale_t)0)
        freelocale(spelling->locale);
    *spelling = (rf_spelling){0};
}

/* ---- steps: each from `text` to `out`, which may be the same place, unless it grows ---- */

static size_t put_code(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

static uint32_t lower(const rf_spelling *spelling, uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code | 0x20 : code;
    return spelling->locale == (locale_t)0 ? code : (uint32_t)towlower_l((wint_t)code, spelling->locale);
}

/* Without spaces at both ends and what nobody sees anywhere; squeeze: other spaces become one each. */
static rf_span without_spaces(char *out, rf_span text, bool squeeze)
{
    size_t n = 0, end = 0, pending = 0;
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr + i, text.len - i);
        if (len == 0)
            return text;
        if (rf_code_is_invisible(code))
            continue;
        bool space = rf_code_is_space(code);
        if (space && end == 0)
            continue; /* before the first character */
        if (squeeze && space) {
            pending = 1;
            continue;
        }
        if (pending > 0)
            out[n++] = ' ';
        pending = 0;
        memmove(out + n, text.ptr + i, len);
        n += len;
        end = space ? end : n;
    }
    return (rf_span){out, end};
}

/* A character may grow, and the text may lie in out. */
static rf_span lowered(const rf_spelling *spelling, char *out, rf_span text)
{
    char other[RF_SPELL_BYTES];
    size_t n = 0;
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr + i, text.len - i);
        if (len == 0)
            return text;
        n += put_code(other + n, lower(spelling, code));
    }
    if (n > 0)
        memcpy(out, other, n);
    return (rf_span){out, n};
}

static rf_span digits_of(char *out, rf_span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
            out[n++] = text.ptr[i];
    }
    return (rf_span){out, n};
}

bool rf_spelling_is_padded_number(rf_span id)
{
    size_t at = id.len > 0 && id.ptr[0] == '-', digits = at, point;
    while (digits < id.len && id.ptr[digits] >= '0' && id.ptr[digits] <= '9')
        digits++;
    if (digits == at || digits + 1 >= id.len || id.ptr[digits] != '.')
        return false;
    for (point = digits + 1; point < id.len; point++) {
        if (id.ptr[point] != '0')
            return false;
    }
    return true;
}

/* "100.0" is 100. */
static rf_span whole(rf_span text)
{
    if (rf_spelling_is_padded_number(text))
        text.len = (size_t)((const char *)memchr(text.ptr, '.', text.len) - text.ptr);
    return text;
}

rf_span rf_spelling_apply(char out[RF_SPELL_BYTES], const rf_spelling *spelling, rf_span id)
{
    if (id.len > RF_MAX_ID_BYTES)
        return id;
    for (int i = 0; i < spelling->n; i++) {
        switch (spelling->steps[i]) {
        case RF_SPELL_TRIM:
        case RF_SPELL_SQUEEZE:
            id = without_spaces(out, id, spelling->steps[i] == RF_SPELL_SQUEEZE);
            break;
        case RF_SPELL_LOWER:
            id = lowered(spelling, out, id);
            break;
        case RF_SPELL_DIGITS:
            id = digits_of(out, id);
            break;
        case RF_SPELL_WHOLE:
            id = whole(id);
            break;
        }
        if (id.len > RF_MAX_ID_BYTES)
            break;
    }
    return id;
}
