/* role_kinds.c - what else do events meet: devices, cards, addresses, networks, mailboxes, texts? Columns
 * whose name says so, and whose values are such things, could be kinds of entity beside the one that is
 * proposed.
 */
#include "proposal_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "spell_int.h"

#define LEAST_DIFFERENT 5
#define LEAST_SHARE 0.01
#define MOSTLY 0.8 /* of the kept values are what the name says */
#define LONG_TEXT 40
#define FEW_WORDS 20

/* ---- what the values are ---- */

typedef bool is_such(rf_span value);

static bool is_anything(rf_span value)
{
    return value.len > 0;
}

static bool is_address_of_network(rf_span value)
{
    char out[4 * RF_MAX_ID_BYTES];
    return rf_spell_ip_prefix(&value, out, 24, 56) == NULL;
}

static bool is_mailbox(rf_span value)
{
    const char *at = memchr(value.ptr, '@', value.len);
    return at != NULL && memchr(at, '.', (size_t)(value.ptr + value.len - at)) != NULL;
}

static bool is_phone(rf_span value)
{
    char out[4 * RF_MAX_ID_BYTES];
    return rf_spell_phone(&value, out, "") == NULL && value.len >= 7;
}

static bool is_hash_of_picture(rf_span value)
{
    size_t n = 0;
    while (n < value.len && memchr("0123456789abcdefABCDEF", value.ptr[n], 22) != NULL)
        n++;
    return n == 16 && n == value.len;
}

static bool is_text(rf_span value)
{
    return value.len >= LONG_TEXT && memchr(value.ptr, ' ', value.len) != NULL;
}

/* Copies of it would be told apart by pairs of words. */
static bool is_short_text(rf_span value)
{
    int spaces = 0;
    for (size_t i = 0; i < value.len; i++)
        spaces += value.ptr[i] == ' ';
    return is_text(value) && spaces < FEW_WORDS;
}

static bool are_mostly(const rf_sample_column *column, is_such *such)
{
    int n = 0;
    for (int i = 0; i < column->n_kept; i++)
        n += such((rf_span){column->kept[i].text, column->kept[i].len});
    return n > 0 && n >= MOSTLY * column->n_kept;
}

/* ---- kinds that are known ---- */

#define TEXT_WORDS "text review comment body message about bio description reviewtext"

static const struct known_kind {
    const char *name;
    const char *words; /* one of them is in the column's name */
    is_such *such;
    bool of_content; /* the values say so, whatever else the name says */
    const char *normalise[2];
    int near_bits;
} known[] = {
    {"device",
     "device deviceid deviceinfo imei fingerprint cookie visitor geraet appareil",
     is_anything,
     false,
     {NULL},
     0},
    {"card",
     "card cardno cardnumber cardid pan karte kartennummer tarjeta carte ccnum",
     is_anything,
     false,
     {NULL},
     0},
    {"bank_account", "iban", is_anything, false, {"squeeze"}, 0},
    {"ip", "ip ipaddress ipaddr clientip remoteip", is_address_of_network, true, {"ip_prefix 24/56"}, 0},
    {"email", "email mail emailaddress", is_mailbox, true, {"email_canonical"}, 0},
    {"phone", "phone phonenumber tel telefon telephone mobile msisdn handy", is_phone, true, {"phone"}, 0},
    {"address",
     "street strasse address addr addr1 adresse direccion",
     is_anything,
     false,
     {"squeeze", "lower"},
     0},
    {"picture", "phash picture image photo avatar hash", is_hash_of_picture, true, {NULL}, 8},
    {"text", TEXT_WORDS, is_short_text, true, {"wordhash 64"}, 5},
    {"text", TEXT_WORDS, is_text, true, {"minhash 64"}, 8},
};

static bool has_word(const char *name, const char *words)
{
    char word[32];
    bool found = false;
    while (!found && *words != '\0') {
        size_t len = strcspn(words, " ");
        snprintf(word, sizeof word, "%.*s", (int)len, words);
        found = rf_words_have(name, word);
        words += len + (words[len] == ' ');
    }
    return found;
}

/* Ids, of which some come again; what says something about a device or a card is none. */
static bool are_ids(const rf_sample_column *column, const rf_column_type *type)
{
    const bool figures = column->figures > 0 && (double)column->whole < 0.999 * (double)column->figures;
    const bool padded =
        column->kept[0].len > 2 && memcmp(column->kept[0].text + column->kept[0].len - 2, ".0", 2) == 0;
    return type->meaning != RF_MEANS_TIME && !type->styled && column->truths == 0 && (!figures || padded) &&
           column->longest <= 200 && column->words[RF_WORD_ASIDE] < 7 && column->words[RF_WORD_AMOUNT] < 6 &&
           column->words[RF_WORD_LABEL] < 6;
}

/* Whatever its name says. */
static bool can_be(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const rf_meaning meaning = p->types[c].meaning;
    return !rf_is_chosen(p, c) && c != p->fraud_type && rf_is_of_event(p, c) && !rf_is_out_of_scope(p, c) &&
           rf_sample_everywhere(p->sample, c) && column->n_kept > 0 && rf_scoped_share(p, c) >= LEAST_SHARE &&
           rf_column_distinct(column) >= LEAST_DIFFERENT && meaning != RF_MEANS_NESTED &&
           meaning != RF_MEANS_TRUTH;
}

static bool is_of_kind(const rf_proposal *p, int c, const struct known_kind *kind)
{
    const rf_sample_column *column = &p->sample->columns[c];
    return has_word(column->name, kind->words) && can_be(p, c) && are_mostly(column, kind->such) &&
           (kind->of_content || are_ids(column, &p->types[c]));
}

/* ---- names ---- */

/* "merchant" of "merchant.id" and "Merchant ID". False: nothing of it is a name for a kind. */
static bool name_after(char out[RF_KIND_NAME], const rf_proposal *p, int at)
{
    const char *column = p->sample->columns[at].name;
    const size_t scope = strlen(p->scope);
    column += strncmp(column, p->scope, scope) == 0 ? scope : 0;
    static const char *const ends[] = {"_id", "_no", "_nr", "_number", "_key", "_code"};
    size_t n = 0;
    for (; *column != '\0' && n + 1 < RF_KIND_NAME; column++) {
        char c = *column >= 'A' && *column <= 'Z' ? (char)(*column | 0x20) : *column;
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (letter || (digit && n > 0))
            out[n++] = c;
        else if (n > 0 && out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t len = strlen(ends[i]);
        if (n > len && strcmp(out + n - len, ends[i]) == 0)
            out[n - len] = '\0';
    }
    return rf_kind_name_is_valid(out) && strcmp(out, "user") != 0 && strcmp(out, "entity") != 0 &&
           strcmp(out, "edge") != 0 && strcmp(out, "event") != 0 && strcmp(out, "cluster") != 0;
}

static bool is_taken(const rf_proposal *p, const char *name)
{
    bool taken = strcmp(name, p->main_kind) == 0;
    for (int i = 0; i < p->n_kinds; i++)
        taken = taken || strcmp(name, p->kinds[i].name) == 0;
    return taken;
}

/* The postcode beside the street: one without the other is no address. */
static int postcode_of(const rf_proposal *p, int street)
{
    const int n = (int)p->sample->n_columns;
    for (int c = street > 3 ? street - 3 : 0; c < n && c <= street + 4; c++) {
        if (c != street && has_word(p->sample->columns[c].name, "zip zipcode postcode plz postal addr2") &&
            p->sample->columns[c].list == p->sample->columns[street].list &&
            rf_sample_everywhere(p->sample, c))
            return c;
    }
    return -1;
}

static void add_kind(rf_proposal *p, int column, const char *name, const struct known_kind *kind)
{
    rf_proposed_kind *add = &p->kinds[p->n_kinds++];
    *add = (rf_proposed_kind){.columns = {column}, .n = 1, .near_bits = kind->near_bits};
    snprintf(add->name, sizeof add->name, "%s", name);
    for (int i = 0; i < 2 && kind->normalise[i] != NULL; i++)
        add->normalise[add->n_normalise++] = kind->normalise[i];
    int postcode = strcmp(name, "address") == 0 ? postcode_of(p, column) : -1;
    if (postcode >= 0)
        add->columns[add->n++] = postcode;
}

/* Merchants, products, terminals: kinds that are called as their columns are. A name is what one that has an
 * id is called besides. */
static void find_others(rf_proposal *p)
{
    static const struct known_kind other = {.such = is_anything};
    char name[RF_KIND_NAME];
    for (int c = 0; c < (int)p->sample->n_columns && p->n_kinds < RF_PROPOSED_KINDS; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        const double *words = column->words;
        if (!has_word(column->name, "name title") && words[RF_WORD_ENTITY] >= 8 &&
            words[RF_WORD_ENTITY] > words[RF_WORD_USER] && can_be(p, c) && are_mostly(column, other.such) &&
            are_ids(column, &p->types[c]) && name_after(name, p, c) && !is_taken(p, name))
            add_kind(p, c, name, &other);
    }
}

void rf_find_kinds(rf_proposal *p)
{
    const int entity = rf_last_column(&p->roles[RF_ROLE_ENTITY]);
    if (p->told.options->fields.schema != NULL && p->told.options->fields.schema->n_kinds > 0)
        return;
    if (entity < 0 || !name_after(p->main_kind, p, entity))
        snprintf(p->main_kind, sizeof p->main_kind, "main");
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        for (int c = 0; c < (int)p->sample->n_columns; c++) {
            if (!is_of_kind(p, c, &known[k]) || is_taken(p, known[k].name))
                continue;
            add_kind(p, c, known[k].name, &known[k]);
            break;
        }
    }
    find_others(p);
}
