/* role_words.c - what the name of a column says about what it is for: words of several languages and of
 * public data sets, each with a weight. A name alone decides nothing: roles.c weighs it with the content.
 */
#include "sample_int.h"

#include <string.h>

#define MOST_WORDS 24 /* of a name */
#define WORD_BYTES 40

typedef struct word_group {
    int weight;
    const char *words; /* with spaces between them; NULL ends a table */
} word_group;

static const word_group users[] = {
    {10, "asiakas kund klijent zákazník klient ügyfél pelanggan khách العميل ग्राहक клиент Клиент "
         "пользователь Пользователь 顧客 고객 müşteri user customer userid nameorig "
         "reviewer kunde kunden utilisateur cliente usuario utente klant gebruiker klient "
         "uzytkownik usr auftragskonto 用户 客户"},
    {9, "shopper cust client uid sender payer payor actor buyer cardholder ccnum kontonummer nutzer "
        "benutzer emp employee mitarbeiter acheteur comprador"},
    {8, "anumber anum msisdn kártyaszám kortnummer счет Счет hesap caller donor applicant viewer follower "
        "account acct originator author "
        "member consumer player subscriber debtor borrower rider username rater konto absender "
        "auftraggeber kartennummer compte cuenta remitente conta mittente rekening"},
    {7, "distinct orig login cc pan visitor patient passenger voter emetteur"},
    {6, "from source src holder card iban guest karte carte tarjeta txid1"},
    {5, "acc email profile nick"},
    {2, "screen"},
    {0, NULL}};
static const word_group entities[] = {
    {10, "kereskedő obchodník obchod kauppa butik handlare estabelecimento comerciant pedagang toko магазин "
         "Магазин продавец Продавец 店舗 상점 商店 entity merchant repo repository namedest "
         "haendler händler marchand commercant comercio 商户"},
    {9, "beguenstigter zahlungspflichtiger zahlungsbeteiligter zahlungsempfaenger товар Товар satıcı mağaza "
        "merch mrch mcht callee shop seller vendor terminal product "
        "asin business beneficiary payee receiver recipient counterparty empfaenger empfänger "
        "produkt verkaeufer produit beneficiaire destinataire vendeur tienda producto "
        "beneficiario vendedor destinatario loja produto negozio prodotto esercente winkel "
        "ontvanger sklep odbiorca 商品"},
    {8, "bnumber bnum stockcode lender charity streamer followee votee course store item sku page article "
        "listing hotel "
        "restaurant movie provider subreddit venue ratee creditor artikel boutique magasin"},
    {7, "dest destination film video doctor driver atm laden filiale destino"},
    {6, "bucket target dst track song book fingerprint company campaign station pos acquirer txid2"},
    {5, "table to device organization host server room game branch resource"},
    {4, "content org app ad channel emaildomain coupon"},
    {3, "domain"},
    {2, "parent"},
    {0, NULL}};
static const word_group times[] = {
    {10, "время Время 日時 시간 tarih timestamp datetime occurred unixreviewtime zeitpunkt zeitstempel "
         "horodatage tijdstip 时间"},
    {9, "dátum dátuma päivä tanggal ngày التاريخ дата Дата time ts created happened unixtime transactiondt "
        "zeit datum buchungstag "
        "buchungsdatum fecha tijd czas"},
    {8, "date epoch step purchased reviewtime 日期"},
    {7, "when unix dt published heure hora"},
    {6, "moment processed posted logged"},
    {5, "at"},
    {4, "day hour paid data"},
    {3, "event"},
    {0, NULL}};
static const word_group event_ids[] = {
    {10, "transactionid eventid txhash"},
    {9, "txid orderid"},
    {8, "transaction txn event transaktion"},
    {7, "trans tx order review uuid guid bestellung commande pedido ordine"},
    {6, "receipt payment charge id reference invoice vorgang"},
    {5, "beleg buchung hash"},
    {4, "ref message request"},
    {3, "num"},
    {2, "number"},
    {0, NULL}};
static const word_group labels[] = {
    {10, "csalás podvod bedrägeri svindel petos oszustwo penipuan dolandırıcılık احتيال 欺诈 мошенничество "
         "frd fraud isfraud fraudulent laundering islaundering betrug fraude "
         "frode betrugsfall"},
    {9, "chargeback illicit anomaly anomalous scam estafa"},
    {8, "label abuse spam malicious ring alike"},
    {7, "class disputed suspicious outlier fake verdict"},
    {6, "dispute attack truth"},
    {5, "target bad"},
    {3, "y flagged isflaggedfraud"},
    {0, NULL}};
static const word_group amounts[] = {
    {10, "összeg částka belopp beløb summa suma jumlah المبلغ сумма Сумма 金额 金額 금액 tutar amount amt "
         "transactionamt betrag montant importe monto "
         "importo bedrag kwota"},
    {8, "price total preis prix valor"},
    {7, "value cost summe"},
    {6, "sum"},
    {5, "paid"},
    {0, NULL}};
static const word_group personal[] = {
    {10, "firstname lastname surname fullname street phone email ssn passport reviewername vorname "
         "nachname strasse telefon prenom telephone apellido password"},
    {9, "birthday direccion secret"},
    {8, "dob birth nom adresse nombre avatar gravatar token"},
    {7, "first last address"},
    {6, "mail name url"},
    {4, "addr"},
    {0, NULL}};
static const word_group devices[] = {{10, "device deviceid ipaddress geraet appareil"},
                                     {9, "ip fingerprint imei"},
                                     {7, "cookie"},
                                     {6, "mac"},
                                     {5, "session"},
                                     {2, "browser"},
                                     {0, NULL}};
static const word_group outcomes[] = {
    {10,
     "dispute disputed chargeback refund refunded cancelled canceled cancellation reversed reversal storno "
     "storniert erstattung erstattet rembourse remboursement reembolso rimborso annule cancelado "
     "writeoff recovered"},
    {0, NULL}};
static const word_group asides[] = {
    {10, "oldbalanceorg newbalanceorig oldbalancedest newbalancedest"},
    {9, "zipcode zipcodeori zipmerchant lat long lon latitude longitude age gender sex balance "
        "currency"},
    {8, "duration os type brand city state country zip postcode amount amt count category status "
        "pop job score rating stars description quantity qty price days hours months years ratio "
        "share playtime reviews votes followers following friends likes views clicks plays comments"},
    {7, "browser platform locale lang url flag date time updated version format reason text "
        "language last4 exp expires accounts mean max rate dist avatar gravatar"},
    {6, "bank created title level size min method mode first last"},
    {5, "emaildomain agent is has"},
    {4, "domain code"},
    {0, NULL}};

static const word_group *const all[RF_WORD_ROLES] = {
    [RF_WORD_USER] = users,         [RF_WORD_ENTITY] = entities, [RF_WORD_TIME] = times,
    [RF_WORD_EVENT_ID] = event_ids, [RF_WORD_LABEL] = labels,    [RF_WORD_AMOUNT] = amounts,
    [RF_WORD_PERSONAL] = personal,  [RF_WORD_DEVICE] = devices,  [RF_WORD_OUTCOME] = outcomes,
    [RF_WORD_ASIDE] = asides};

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
        if (name[i] == '.' && name[i + 1] == '$')
            return; /* "amount.$numberDecimal": what follows says a type */
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
static double likeness(const char *word, const char *known, size_t len)
{
    static const char *const ends[] = {"id", "s", "no", "nr", "num", "number"};
    size_t word_len = strlen(word);
    if (strncmp(word, known, len) == 0) {
        const char *rest = word + len;
        bool numbered = strspn(rest, "0123456789") == strlen(rest);
        for (size_t i = 0; !numbered && i < sizeof ends / sizeof *ends; i++)
            numbered = strcmp(rest, ends[i]) == 0;
        return *rest == '\0' ? 1 : len >= 2 && numbered ? 0.95 : len >= 5 ? 0.6 : 0;
    }
    return len >= 5 && word_len > len && strncmp(word + word_len - len, known, len) == 0 ? 0.6 : 0;
}

/* How much the name is like one of the words, from 0 to 1. */
static double like_one(const name_words *name, const char *joined, const char *words)
{
    double best = 0;
    for (const char *known = words; *known != '\0';) {
        size_t len = strcspn(known, " ");
        if (strlen(joined) == len && strncmp(joined, known, len) == 0)
            return 1;
        for (int i = 0; i < name->n; i++) {
            double place = name->part[i] == 0 ? 1 : name->part[i] == 1 ? 0.8 : 0.5;
            double like = likeness(name->words[i], known, len) * place;
            best = like > best ? like : best;
        }
        known += len + (known[len] == ' ');
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
    double best = 0;
    cut_words(&words, name);
    join_last(joined, &words);
    for (const word_group *group = all[role]; group->words != NULL && group->weight > best; group++) {
        double score = group->weight * like_one(&words, joined, group->words);
        best = score > best ? score : best;
    }
    return best;
}

void rf_words_all(double out[RF_WORD_ROLES], const char *name)
{
    for (rf_word_role role = 0; role < RF_WORD_ROLES; role++)
        out[role] = rf_words_score(name, role);
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
