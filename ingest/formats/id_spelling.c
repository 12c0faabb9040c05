/* id_spelling.c - one spelling for ids that mean the same: the steps of `normalise`, in their order. */
#include "id_spelling_int.h"

#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include "rf_secret.h"
#include "rf_text.h"
#include "spell_int.h"
#include "unseen_int.h"

static void set_key(char key[RF_SPELL_KEY], const rf_fields *fields, rf_side side)
{
    const bool own = rf_fields_spelling(fields, side).words != fields->normalise;
    const bool named = side != RF_USER && fields->schema != NULL && fields->schema->n_kinds > 0;
    const char *kind = named ? fields->schema->kinds[rf_side_kind(side)].name : "";
    if (!own)
        snprintf(key, RF_SPELL_KEY, "fields.normalise");
    else if (named)
        snprintf(key, RF_SPELL_KEY, "fields.entities.%s.normalise", kind);
    else
        snprintf(key, RF_SPELL_KEY, "fields.%s.normalise", rf_side_name(side));
}

#define ENV "${env:"
#define FILE_OF "${file:"

/* ---- the words and what may be behind them ---- */

typedef bool take_more(rf_spell_step *step, const char *more);

static bool take_nothing(rf_spell_step *step, const char *more)
{
    (void)step;
    return more[0] == '\0';
}

/* The digits of a country, or nothing. */
static bool take_country(rf_spell_step *step, const char *more)
{
    size_t n;
    more += more[0] == '+';
    n = strspn(more, "0123456789");
    if (more[n] != '\0' || n >= sizeof step->country || more[0] == '0')
        return false;
    memcpy(step->country, more, n + 1);
    return true;
}

/* "24/56" */
static bool take_bits(rf_spell_step *step, const char *more)
{
    int64_t four, six;
    const char *slash = strchr(more, '/');
    if (slash == NULL || !rf_int_parse(&four, more, (size_t)(slash - more)) ||
        !rf_int_parse(&six, slash + 1, strlen(slash + 1)) || four < 0 || four > 32 || six < 0 || six > 128)
        return false;
    step->v4_bits = (int)four;
    step->v6_bits = (int)six;
    return true;
}

static bool take_64(rf_spell_step *step, const char *more)
{
    (void)step;
    return more[0] == '\0' || strcmp(more, "64") == 0;
}

/* One reference to where the key is: "${env:NAME}" or "${file:PATH}". */
static bool take_reference(rf_spell_step *step, const char *more)
{
    size_t len = strlen(more);
    (void)step;
    return (strncmp(more, ENV, sizeof ENV - 1) == 0 || strncmp(more, FILE_OF, sizeof FILE_OF - 1) == 0) &&
           strchr(more, '}') == more + len - 1 && strchr(more, ':') != more + len - 2;
}

static const struct {
    const char *word;
    take_more *take;
    const char *takes; /* in words */
} words[RF_N_SPELL] = {
    [RF_SPELL_TRIM] = {"trim", take_nothing, NULL},
    [RF_SPELL_LOWER] = {"lower", take_nothing, NULL},
    [RF_SPELL_SQUEEZE] = {"squeeze", take_nothing, NULL},
    [RF_SPELL_DIGITS] = {"digits", take_nothing, NULL},
    [RF_SPELL_WHOLE] = {"whole", take_nothing, NULL},
    [RF_SPELL_EMAIL_DOMAIN] = {"email_domain", take_nothing, NULL},
    [RF_SPELL_EMAIL] = {"email_canonical", take_nothing, NULL},
    [RF_SPELL_PHONE] = {"phone", take_country, "the country of numbers without one, such as 49"},
    [RF_SPELL_IP_PREFIX] = {"ip_prefix", take_bits, "the bits of IPv4 and IPv6 that are kept, such as 24/56"},
    [RF_SPELL_ASCII] = {"ascii", take_nothing, NULL},
    [RF_SPELL_SIMHASH] = {"simhash", take_64, "64"},
    [RF_SPELL_MINHASH] = {"minhash", take_64, "64"},
    [RF_SPELL_WORDHASH] = {"wordhash", take_64, "64"},
    [RF_SPELL_SHA256] = {"sha256", take_reference, "where its key is, as ${env:NAME} or ${file:PATH}"},
};

static rf_status unknown_word(const rf_spelling *spelling, const char *told, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text known = {0};
    for (int i = 0; i < RF_N_SPELL; i++)
        RF_TRY(rf_text_printf(&known, err, "%s%s", i == 0 ? "" : ", ", words[i].word));
    RF_FAIL(err, RF_E_INVALID, "%s: \"%.*s\" is unknown; there are %s", spelling->key,
            (int)strcspn(told, " "), told, known.ptr); /* what follows could be a key */
done:
    rf_text_clear(&known);
    return st;
}

/* By the rules of key files; of the environment, by those for how long a key is. */
static rf_status load_key(rf_hash_key **out, const char *setting, const char *reference, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text text = {0};
    if (strncmp(reference, FILE_OF, sizeof FILE_OF - 1) == 0) {
        const char *path = reference + sizeof FILE_OF - 1;
        RF_TRY(rf_text_add(&text, path, strlen(path) - 1, err));
        RF_TRY(rf_hash_key_load(out, text.ptr, err));
    } else {
        RF_TRY(rf_secret_expand(&text, setting, reference, NULL, err));
        RF_TRY(rf_hash_key_of_bytes(out, text.ptr, text.len, reference, err));
    }
done:
    rf_secret_wipe(&text);
    return st;
}

static rf_status add_step(rf_spelling *spelling, const char *told, rf_err *err)
{
    rf_status st = RF_OK;
    rf_spell_step step = {.told = told};
    size_t len = strcspn(told, " ");
    int word = 0;
    while (word < RF_N_SPELL && (strlen(words[word].word) != len || memcmp(words[word].word, told, len) != 0))
        word++;
    if (word == RF_N_SPELL)
        return unknown_word(spelling, told, err);
    if (spelling->n == RF_SPELL_STEPS)
        RF_FAIL(err, RF_E_INVALID, "%s: \"%s\" is one too many; there may be %d", spelling->key, told,
                RF_SPELL_STEPS);
    step.word = (rf_spell)word;
    const char *more = told + len + strspn(told + len, " ");
    if (!words[word].take(&step, more))
        RF_FAIL(err, RF_E_INVALID, "%s: \"%s\" is wrong; behind %s belongs %s", spelling->key,
                word == RF_SPELL_SHA256 ? words[word].word : told, words[word].word,
                words[word].takes == NULL ? "nothing" : words[word].takes);
    if (word == RF_SPELL_SHA256)
        RF_TRY(load_key(&step.key, spelling->key, more, err));
    spelling->steps[spelling->n++] = step;
done:
    return st;
}

rf_status rf_spelling_init(rf_spelling *spelling, const rf_fields *fields, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_spelling_words told = rf_fields_spelling(fields, side);
    *spelling = (rf_spelling){.side = side};
    set_key(spelling->key, fields, side);
    for (int i = 0; i < told.n; i++) {
        RF_TRY(add_step(spelling, told.words[i], err));
        if (spelling->locale == (locale_t)0)
            spelling->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    }
done:
    return st;
}

void rf_spelling_clear(rf_spelling *spelling)
{
    if (spelling->locale != (locale_t)0)
        freelocale(spelling->locale);
    for (int i = 0; i < spelling->n; i++)
        rf_hash_key_free(spelling->steps[i].key);
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

static uint32_t lower(locale_t locale, uint32_t code)
{
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code | 0x20 : code;
    return locale == (locale_t)0 ? code : (uint32_t)towlower_l((wint_t)code, locale);
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
rf_span rf_spell_lowered(char *out, rf_span text, locale_t locale)
{
    char other[RF_SPELL_BYTES];
    size_t n = 0;
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr + i, text.len - i);
        if (len == 0)
            return text;
        n += put_code(other + n, lower(locale, code));
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

rf_span rf_spell_trimmed(rf_span text)
{
    size_t begin = 0, end = 0;
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, text.ptr + i, text.len - i);
        if (len == 0)
            return text;
        if (rf_code_is_space(code) || rf_code_is_invisible(code))
            continue;
        begin = end == 0 ? i : begin;
        end = i + len;
    }
    return (rf_span){text.ptr + begin, end - begin};
}

static rf_status hashed(rf_span *id, char *out, const rf_spelling *spelling, const rf_spell_step *step,
                        rf_err *err)
{
    rf_status st = RF_OK;
    char hash[RF_HASH_HEX];
    RF_TRY(rf_keyed_hash(hash, step->key, rf_side_name(spelling->side), id->ptr, id->len, err));
    memcpy(out, hash, RF_HASH_HEX - 1);
    *id = (rf_span){out, RF_HASH_HEX - 1};
done:
    return st;
}

/* *why: NULL, or why the step cannot take the id. */
static rf_status apply(rf_span *id, char *out, const char **why, const rf_spelling *spelling,
                       const rf_spell_step *step, rf_err *err)
{
    *why = NULL;
    switch (step->word) {
    case RF_SPELL_TRIM:
    case RF_SPELL_SQUEEZE:
        *id = without_spaces(out, *id, step->word == RF_SPELL_SQUEEZE);
        break;
    case RF_SPELL_LOWER:
        *id = rf_spell_lowered(out, *id, spelling->locale);
        break;
    case RF_SPELL_DIGITS:
        *id = digits_of(out, *id);
        break;
    case RF_SPELL_WHOLE:
        *id = whole(*id);
        break;
    case RF_SPELL_EMAIL_DOMAIN:
        *why = rf_spell_email_domain(id, out, spelling->locale);
        break;
    case RF_SPELL_EMAIL:
        *why = rf_spell_email(id, out, spelling->locale);
        break;
    case RF_SPELL_PHONE:
        *why = rf_spell_phone(id, out, step->country);
        break;
    case RF_SPELL_IP_PREFIX:
        *why = rf_spell_ip_prefix(id, out, step->v4_bits, step->v6_bits);
        break;
    case RF_SPELL_ASCII:
        *id = rf_spell_ascii(out, *id);
        break;
    case RF_SPELL_SIMHASH:
        *why = rf_spell_simhash(id, out);
        break;
    case RF_SPELL_MINHASH:
        *why = rf_spell_minhash(id, out);
        break;
    case RF_SPELL_WORDHASH:
        *why = rf_spell_wordhash(id, out);
        break;
    case RF_SPELL_SHA256:
        return hashed(id, out, spelling, step, err);
    case RF_N_SPELL:
        break;
    }
    return RF_OK;
}

static bool makes_hash(const rf_spell_step *step)
{
    return step->word == RF_SPELL_SIMHASH || step->word == RF_SPELL_MINHASH ||
           step->word == RF_SPELL_WORDHASH || step->word == RF_SPELL_SHA256;
}

rf_status rf_spelling_apply(rf_span *id, char out[RF_SPELL_BYTES], const rf_spelling *spelling,
                            rf_spell_refusal *refusal, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < spelling->n && id->len > 0; i++) {
        refusal->step = &spelling->steps[i];
        if (id->len > RF_MAX_ID_BYTES && !makes_hash(refusal->step))
            break;
        RF_TRY(apply(id, out, &refusal->why, spelling, refusal->step, err));
        if (refusal->why != NULL)
            return RF_SKIPPED;
    }
done:
    return st;
}

bool rf_spelling_takes_long(const rf_spelling *spelling)
{
    return spelling->n > 0 && makes_hash(&spelling->steps[0]);
}
