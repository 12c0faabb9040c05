/* role_words.c - what the name of a column says about what it is for: words of several languages and of
 * public data sets, each with a weight. A name alone decides nothing: roles.c weighs it with the content.
 */
#include "sample_int.h"

#include <string.h>

#define MOST_WORDS 24 /* of a name */
#define WORD_BYTES 40

typedef struct known_word {
    const char *word;
    int weight;
} known_word;

static const known_word users[] = {{"user", 10},
                                   {"customer", 10},
                                   {"cust", 9},
                                   {"client", 9},
                                   {"account", 8},
                                   {"acct", 8},
                                   {"acc", 5},
                                   {"uid", 9},
                                   {"userid", 10},
                                   {"nameorig", 10},
                                   {"orig", 7},
                                   {"originator", 8},
                                   {"sender", 9},
                                   {"payer", 9},
                                   {"payor", 9},
                                   {"from", 6},
                                   {"source", 6},
                                   {"src", 6},
                                   {"reviewer", 10},
                                   {"actor", 9},
                                   {"author", 8},
                                   {"login", 7},
                                   {"member", 8},
                                   {"buyer", 9},
                                   {"consumer", 8},
                                   {"cardholder", 9},
                                   {"holder", 6},
                                   {"player", 8},
                                   {"subscriber", 8},
                                   {"debtor", 8},
                                   {"card", 6},
                                   {"cc", 7},
                                   {"ccnum", 9},
                                   {"pan", 7},
                                   {"iban", 6},
                                   {"email", 5},
                                   {"visitor", 7},
                                   {"patient", 7},
                                   {"borrower", 8},
                                   {"passenger", 7},
                                   {"rider", 8},
                                   {"guest", 6},
                                   {"profile", 5},
                                   {"username", 8},
                                   {"nick", 5},
                                   {"screen", 2},
                                   {"voter", 7},
                                   {"rater", 8},
                                   {"kunde", 10},
                                   {"kunden", 10},
                                   {"konto", 8},
                                   {"kontonummer", 9},
                                   {"nutzer", 9},
                                   {"benutzer", 9},
                                   {"absender", 8},
                                   {"auftraggeber", 8},
                                   {"karte", 6},
                                   {"kartennummer", 8},
                                   {"utilisateur", 10},
                                   {"compte", 8},
                                   {"acheteur", 9},
                                   {"emetteur", 7},
                                   {"carte", 6},
                                   {"cliente", 10},
                                   {"cuenta", 8},
                                   {"usuario", 10},
                                   {"tarjeta", 6},
                                   {"comprador", 9},
                                   {"remitente", 8},
                                   {"conta", 8},
                                   {"utente", 10},
                                   {"mittente", 8},
                                   {"klant", 10},
                                   {"rekening", 8},
                                   {"gebruiker", 10},
                                   {"klient", 10},
                                   {"uzytkownik", 10},
                                   {"txid1", 6},
                                   {"\xE7\x94\xA8\xE6\x88\xB7", 10},
                                   {"\xE5\xAE\xA2\xE6\x88\xB7", 10},
                                   {NULL, 0}};
static const known_word entities[] = {{"merchant", 10},
                                      {"shop", 9},
                                      {"store", 8},
                                      {"seller", 9},
                                      {"vendor", 9},
                                      {"terminal", 9},
                                      {"item", 8},
                                      {"product", 9},
                                      {"sku", 8},
                                      {"asin", 9},
                                      {"business", 9},
                                      {"repo", 10},
                                      {"repository", 10},
                                      {"page", 8},
                                      {"article", 8},
                                      {"target", 6},
                                      {"dst", 6},
                                      {"dest", 7},
                                      {"destination", 7},
                                      {"namedest", 10},
                                      {"to", 5},
                                      {"beneficiary", 9},
                                      {"payee", 9},
                                      {"receiver", 9},
                                      {"recipient", 9},
                                      {"counterparty", 9},
                                      {"content", 4},
                                      {"listing", 8},
                                      {"hotel", 8},
                                      {"restaurant", 8},
                                      {"movie", 8},
                                      {"film", 7},
                                      {"track", 6},
                                      {"song", 6},
                                      {"video", 7},
                                      {"book", 6},
                                      {"provider", 8},
                                      {"doctor", 7},
                                      {"driver", 7},
                                      {"fingerprint", 6},
                                      {"device", 5},
                                      {"company", 6},
                                      {"organization", 5},
                                      {"org", 4},
                                      {"app", 4},
                                      {"campaign", 6},
                                      {"ad", 4},
                                      {"host", 5},
                                      {"server", 5},
                                      {"channel", 4},
                                      {"subreddit", 8},
                                      {"room", 5},
                                      {"game", 5},
                                      {"venue", 8},
                                      {"station", 6},
                                      {"branch", 5},
                                      {"pos", 6},
                                      {"atm", 7},
                                      {"acquirer", 6},
                                      {"parent", 2},
                                      {"ratee", 8},
                                      {"emaildomain", 4},
                                      {"domain", 3},
                                      {"coupon", 4},
                                      {"resource", 5},
                                      {"creditor", 8},
                                      {"haendler", 10},
                                      {"h\xC3\xA4ndler", 10},
                                      {"empfaenger", 9},
                                      {"empf\xC3\xA4nger", 9},
                                      {"artikel", 8},
                                      {"produkt", 9},
                                      {"laden", 7},
                                      {"filiale", 7},
                                      {"verkaeufer", 9},
                                      {"marchand", 10},
                                      {"commercant", 10},
                                      {"produit", 9},
                                      {"boutique", 8},
                                      {"beneficiaire", 9},
                                      {"destinataire", 9},
                                      {"vendeur", 9},
                                      {"magasin", 8},
                                      {"comercio", 10},
                                      {"tienda", 9},
                                      {"producto", 9},
                                      {"beneficiario", 9},
                                      {"destino", 7},
                                      {"vendedor", 9},
                                      {"destinatario", 9},
                                      {"loja", 9},
                                      {"produto", 9},
                                      {"negozio", 9},
                                      {"prodotto", 9},
                                      {"esercente", 9},
                                      {"winkel", 9},
                                      {"ontvanger", 9},
                                      {"sklep", 9},
                                      {"odbiorca", 9},
                                      {"txid2", 6},
                                      {"\xE5\x95\x86\xE6\x88\xB7", 10},
                                      {"\xE5\x95\x86\xE5\x93\x81", 9},
                                      {NULL, 0}};
static const known_word times[] = {{"time", 9},
                                   {"timestamp", 10},
                                   {"datetime", 10},
                                   {"date", 8},
                                   {"ts", 9},
                                   {"created", 9},
                                   {"occurred", 10},
                                   {"happened", 9},
                                   {"when", 7},
                                   {"epoch", 8},
                                   {"unix", 7},
                                   {"unixtime", 9},
                                   {"step", 8},
                                   {"dt", 7},
                                   {"transactiondt", 9},
                                   {"day", 4},
                                   {"hour", 4},
                                   {"moment", 6},
                                   {"at", 5},
                                   {"purchased", 8},
                                   {"paid", 4},
                                   {"processed", 6},
                                   {"posted", 6},
                                   {"published", 7},
                                   {"unixreviewtime", 10},
                                   {"reviewtime", 8},
                                   {"logged", 6},
                                   {"event", 3},
                                   {"zeit", 9},
                                   {"zeitpunkt", 10},
                                   {"zeitstempel", 10},
                                   {"datum", 9},
                                   {"buchungstag", 9},
                                   {"buchungsdatum", 9},
                                   {"heure", 7},
                                   {"horodatage", 10},
                                   {"fecha", 9},
                                   {"hora", 7},
                                   {"data", 4},
                                   {"tijd", 9},
                                   {"tijdstip", 10},
                                   {"czas", 9},
                                   {"\xE6\x97\xB6\xE9\x97\xB4", 10},
                                   {"\xE6\x97\xA5\xE6\x9C\x9F", 8},
                                   {NULL, 0}};
static const known_word event_ids[] = {
    {"transaction", 8}, {"transactionid", 10}, {"trans", 7},      {"tx", 7},      {"txn", 8},
    {"txid", 9},        {"event", 8},          {"eventid", 10},   {"order", 7},   {"orderid", 9},
    {"payment", 6},     {"charge", 6},         {"review", 7},     {"uuid", 7},    {"guid", 7},
    {"id", 6},          {"reference", 6},      {"ref", 4},        {"number", 2},  {"num", 3},
    {"message", 4},     {"request", 4},        {"invoice", 6},    {"receipt", 4}, {"transaktion", 8},
    {"vorgang", 6},     {"beleg", 5},          {"bestellung", 7}, {"buchung", 5}, {"commande", 7},
    {"pedido", 7},      {"ordine", 7},         {NULL, 0}};
static const known_word labels[] = {{"fraud", 10},      {"isfraud", 10},       {"fraudulent", 10},
                                    {"label", 8},       {"class", 7},          {"target", 5},
                                    {"laundering", 10}, {"islaundering", 10},  {"chargeback", 9},
                                    {"disputed", 7},    {"dispute", 6},        {"illicit", 9},
                                    {"anomaly", 9},     {"anomalous", 9},      {"abuse", 8},
                                    {"spam", 8},        {"scam", 9},           {"suspicious", 7},
                                    {"outlier", 7},     {"malicious", 8},      {"attack", 6},
                                    {"bad", 5},         {"fake", 7},           {"truth", 6},
                                    {"y", 3},           {"betrug", 10},        {"fraude", 10},
                                    {"frode", 10},      {"betrugsfall", 10},   {"estafa", 9},
                                    {"flagged", 3},     {"isflaggedfraud", 3}, {"verdict", 7},
                                    {NULL, 0}};
static const known_word amounts[] = {
    {"amount", 10},         {"amt", 10},   {"value", 7},    {"price", 8},   {"total", 8}, {"sum", 6},
    {"transactionamt", 10}, {"paid", 5},   {"cost", 7},     {"betrag", 10}, {"summe", 7}, {"preis", 8},
    {"montant", 10},        {"prix", 8},   {"importe", 10}, {"monto", 10},  {"valor", 8}, {"importo", 10},
    {"bedrag", 10},         {"kwota", 10}, {NULL, 0}};
static const known_word personal[] = {
    {"first", 7},     {"last", 7},       {"firstname", 10},    {"lastname", 10}, {"surname", 10},
    {"fullname", 10}, {"street", 10},    {"address", 7},       {"addr", 4},      {"phone", 10},
    {"email", 10},    {"mail", 6},       {"dob", 8},           {"birth", 8},     {"birthday", 9},
    {"ssn", 10},      {"passport", 10},  {"reviewername", 10}, {"name", 6},      {"vorname", 10},
    {"nachname", 10}, {"strasse", 10},   {"telefon", 10},      {"prenom", 10},   {"nom", 8},
    {"adresse", 8},   {"telephone", 10}, {"apellido", 10},     {"nombre", 8},    {"direccion", 9},
    {"avatar", 8},    {"gravatar", 8},   {"url", 6},           {"token", 8},     {"password", 10},
    {"secret", 9},    {NULL, 0}};
static const known_word devices[] = {{"device", 10},     {"deviceid", 10}, {"ip", 9},      {"ipaddress", 10},
                                     {"fingerprint", 9}, {"imei", 9},      {"mac", 6},     {"browser", 2},
                                     {"session", 5},     {"cookie", 7},    {"geraet", 10}, {"appareil", 10},
                                     {NULL, 0}};
static const known_word asides[] = {{"type", 8},
                                    {"brand", 8},
                                    {"city", 8},
                                    {"state", 8},
                                    {"country", 8},
                                    {"zip", 8},
                                    {"zipcode", 9},
                                    {"zipcodeori", 9},
                                    {"zipmerchant", 9},
                                    {"postcode", 8},
                                    {"lat", 9},
                                    {"long", 9},
                                    {"lon", 9},
                                    {"latitude", 9},
                                    {"longitude", 9},
                                    {"age", 9},
                                    {"gender", 9},
                                    {"sex", 9},
                                    {"amount", 8},
                                    {"amt", 8},
                                    {"balance", 9},
                                    {"count", 8},
                                    {"category", 8},
                                    {"status", 8},
                                    {"bank", 6},
                                    {"currency", 9},
                                    {"domain", 4},
                                    {"emaildomain", 5},
                                    {"url", 7},
                                    {"code", 4},
                                    {"pop", 8},
                                    {"job", 8},
                                    {"score", 8},
                                    {"rating", 8},
                                    {"stars", 8},
                                    {"flag", 7},
                                    {"date", 7},
                                    {"time", 7},
                                    {"created", 6},
                                    {"updated", 7},
                                    {"version", 7},
                                    {"format", 7},
                                    {"reason", 7},
                                    {"description", 8},
                                    {"text", 7},
                                    {"title", 6},
                                    {"agent", 5},
                                    {"language", 7},
                                    {"level", 6},
                                    {"size", 6},
                                    {"quantity", 8},
                                    {"qty", 8},
                                    {"price", 8},
                                    {"last4", 7},
                                    {"exp", 7},
                                    {"expires", 7},
                                    {"oldbalanceorg", 10},
                                    {"newbalanceorig", 10},
                                    {"oldbalancedest", 10},
                                    {"newbalancedest", 10},
                                    {"dist", 7},
                                    {"method", 6},
                                    {"mode", 6},
                                    {"first", 6},
                                    {"last", 6},
                                    {"is", 5},
                                    {"has", 5},
                                    {"stars", 8},
                                    {"avatar", 7},
                                    {"gravatar", 7},
                                    {NULL, 0}};

static const known_word *const all[RF_WORD_ROLES] = {
    [RF_WORD_USER] = users,         [RF_WORD_ENTITY] = entities, [RF_WORD_TIME] = times,
    [RF_WORD_EVENT_ID] = event_ids, [RF_WORD_LABEL] = labels,    [RF_WORD_AMOUNT] = amounts,
    [RF_WORD_PERSONAL] = personal,  [RF_WORD_DEVICE] = devices,  [RF_WORD_ASIDE] = asides};

/* ---- the words of a name ---- */

typedef struct name_words {
    char words[MOST_WORDS][WORD_BYTES];
    int part[MOST_WORDS]; /* of the path that it is in, from the last one: 0, 1 ... */
    int n;
} name_words;

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A word begins here: behind what is no letter, at "nameOrig", and at the last capital of "URLName". */
static bool begins_word(const char *name, size_t i)
{
    char before = i == 0 ? ' ' : name[i - 1], c = name[i];
    if (!is_letter(before) && !is_digit(before))
        return true;
    if (is_upper(c) && !is_upper(before))
        return true;
    return is_upper(c) && is_upper(before) && name[i + 1] >= 'a' && name[i + 1] <= 'z';
}

static void cut_words(name_words *out, const char *name)
{
    size_t len = 0;
    int part = 0;
    out->n = 0;
    for (size_t i = 0; name[i] != '\0'; i++) {
        if (name[i] == '.') {
            for (int k = 0; k < out->n; k++)
                out->part[k]++;
            part++;
        }
        if (!is_letter(name[i]) && !is_digit(name[i])) {
            len = 0;
            continue;
        }
        if (len == 0 || begins_word(name, i)) {
            if (out->n == MOST_WORDS)
                return;
            out->part[out->n] = 0;
            out->words[out->n++][0] = '\0';
            len = 0;
        }
        if (len + 1 < WORD_BYTES) {
            char *word = out->words[out->n - 1];
            word[len++] = is_upper(name[i]) ? (char)(name[i] | 0x20) : name[i];
            word[len] = '\0';
        }
    }
}

/* Whether the word is the known one, or begins with it: "reviewerid", "cardno". */
static double likeness(const char *word, const char *known)
{
    size_t len = strlen(known);
    if (strcmp(word, known) == 0)
        return 1;
    if (len >= 2 && strncmp(word, known, len) == 0) {
        const char *rest = word + len;
        if (strcmp(rest, "id") == 0 || strcmp(rest, "s") == 0 || strcmp(rest, "no") == 0 ||
            strcmp(rest, "nr") == 0 || strcmp(rest, "num") == 0 || strcmp(rest, "number") == 0 ||
            strspn(rest, "0123456789") == strlen(rest))
            return 0.95;
        return len >= 5 ? 0.6 : 0;
    }
    size_t word_len = strlen(word);
    return len >= 5 && word_len > len && strcmp(word + word_len - len, known) == 0 ? 0.6 : 0;
}

static double best_of(const name_words *words, const known_word *known, const char *joined)
{
    double best = 0;
    for (; known->word != NULL; known++) {
        if (joined[0] != '\0' && strcmp(joined, known->word) == 0 && known->weight > best)
            best = known->weight;
        for (int i = 0; i < words->n; i++) {
            double like = likeness(words->words[i], known->word);
            double place = words->part[i] == 0 ? 1 : words->part[i] == 1 ? 0.8 : 0.5;
            best = like * known->weight * place > best ? like * known->weight * place : best;
        }
    }
    return best;
}

/* The last part of the path in one: "nameorig", "isflaggedfraud". */
static void join_last(char out[4 * WORD_BYTES], const name_words *words)
{
    out[0] = '\0';
    for (int i = 0; i < words->n; i++) {
        if (words->part[i] == 0 && strlen(out) + strlen(words->words[i]) < 4 * WORD_BYTES)
            strcat(out, words->words[i]);
    }
}

double rf_words_score(const char *name, rf_word_role role)
{
    name_words words;
    char joined[4 * WORD_BYTES];
    cut_words(&words, name);
    join_last(joined, &words);
    return best_of(&words, all[role], joined);
}

bool rf_words_have(const char *name, const char *word)
{
    name_words words;
    cut_words(&words, name);
    for (int i = 0; i < words.n; i++) {
        if (strcmp(words.words[i], word) == 0)
            return true;
    }
    return false;
}
