/* spell_email.c - e-mail addresses that reach one mailbox, in one spelling.
 *
 * What a provider ignores is known of the large ones only. Of all others the part before the @ stays as it
 * is: to guess would make one mailbox of two.
 */
#include "spell_int.h"

#include <stdbool.h>
#include <string.h>

#include "id_spelling_int.h"
#include "rf_text.h"
#include "unseen_int.h"

typedef struct provider {
    const char *domains; /* with spaces between them */
    const char *home;    /* each address is also one of this domain; NULL: the domains are others */
    const char *ignored; /* characters that say nothing before the @ */
} provider;

/* All of them ignore capitals, and what follows a +. */
static const provider providers[] = {
    {"gmail.com googlemail.com", "gmail.com", "."},
    {"icloud.com me.com mac.com", "icloud.com", ""},
    {"outlook.com hotmail.com live.com msn.com windowslive.com outlook.de outlook.fr outlook.es outlook.it "
     "outlook.jp outlook.com.br hotmail.de hotmail.fr hotmail.es hotmail.it hotmail.co.uk hotmail.co.jp "
     "hotmail.com.br live.de live.fr live.it live.nl live.co.uk live.com.au",
     NULL, ""},
    {"fastmail.com fastmail.fm", NULL, ""},
    {"proton.me protonmail.com protonmail.ch pm.me", NULL, ".-_"},
};

static bool is_among(const char *words, rf_span word)
{
    for (const char *at = words; *at != '\0';) {
        size_t len = strcspn(at, " ");
        if (len == word.len && memcmp(at, word.ptr, len) == 0)
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

static const provider *provider_of(rf_span domain)
{
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        if (is_among(providers[i].domains, domain))
            return &providers[i];
    }
    return NULL;
}

/* Labels with points between them, of characters that can be in a name. */
static bool is_domain(rf_span domain)
{
    bool empty = true;
    for (size_t i = 0, len; i < domain.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, domain.ptr + i, domain.len - i);
        bool letter = (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
                      (code >= 'a' && code <= 'z') || code == '-' || code == '_' || code >= 0x80;
        if (len == 0 || rf_code_is_space(code) || rf_code_is_invisible(code) || !(letter || code == '.') ||
            (code == '.' && empty))
            return false;
        empty = code == '.';
    }
    return !empty;
}

static bool is_quoted(rf_span local)
{
    return local.len >= 2 && local.ptr[0] == '"' && local.ptr[local.len - 1] == '"';
}

static const char *wrong_before(rf_span local)
{
    if (local.len == 0)
        return "has nothing before its @";
    for (size_t i = 0, len; !is_quoted(local) && i < local.len; i += len) {
        uint32_t code = 0;
        len = rf_utf8_decode(&code, local.ptr + i, local.len - i);
        if (len == 0 || rf_code_is_space(code))
            return "has a space before its @";
        if (code == '@')
            return "has more than one @";
    }
    return NULL;
}

static const char *cut(rf_span *local, rf_span *domain, rf_span text)
{
    text = rf_spell_trimmed(text);
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != '@')
        at--;
    if (at == 0)
        return "has no @";
    *local = (rf_span){text.ptr, at - 1};
    *domain = (rf_span){text.ptr + at, text.len - at};
    domain->len -= domain->len > 0 && domain->ptr[domain->len - 1] == '.'; /* of the root */
    return is_domain(*domain) ? wrong_before(*local) : "has no domain behind its @";
}

const char *rf_spell_email_domain(rf_span *text, char *out, locale_t locale)
{
    rf_span local, domain;
    const char *wrong = cut(&local, &domain, *text);
    if (wrong == NULL)
        *text = rf_spell_lowered(out, domain, locale);
    return wrong;
}

/* Without what the provider ignores, unless nothing would be left. */
static size_t put_local(char *out, rf_span local, const provider *by)
{
    const char *plus = local.len < 2 ? NULL : memchr(local.ptr + 1, '+', local.len - 1);
    size_t end = plus == NULL ? local.len : (size_t)(plus - local.ptr), n = 0;
    for (size_t i = 0; i < end; i++) {
        char c = local.ptr[i];
        if (strchr(by->ignored, c) == NULL)
            out[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    if (n == 0)
        memcpy(out, local.ptr, n = end);
    return n;
}

const char *rf_spell_email(rf_span *text, char *out, locale_t locale)
{
    char other[RF_SPELL_BYTES], low[RF_SPELL_BYTES];
    rf_span local, domain;
    size_t n;
    const char *wrong = cut(&local, &domain, *text);
    if (wrong != NULL)
        return wrong;
    domain = rf_spell_lowered(low, domain, locale);
    const provider *known = provider_of(domain);
    if (known != NULL && known->home != NULL)
        domain = (rf_span){known->home, strlen(known->home)};
    if (known != NULL)
        n = put_local(other, local, known);
    else
        memcpy(other, local.ptr, n = local.len);
    other[n++] = '@';
    memcpy(other + n, domain.ptr, domain.len);
    n += domain.len;
    memcpy(out, other, n);
    *text = (rf_span){out, n};
    return NULL;
}
