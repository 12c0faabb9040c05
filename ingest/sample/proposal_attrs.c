/* proposal_attrs.c - which of the other columns say something about an event, and as what: an amount, a
 * category, a flag, an age. What is constant, names a person, or is free text, is left out, and that is said.
 */
#include "proposal_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define USUAL_ATTRS 24 /* of a table with very many columns, the first ones */
#define FEW_VALUES 60  /* different texts of a category whose every value may matter */
#define USUAL_TOP 20
#define MOST_PAIRS 300  /* of columns that are compared */
#define FEW_SPELLINGS 5 /* of fewer values two columns agree by chance */
#define NAME_BYTES 256

/* ---- names ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Where the name begins: at the last part of its path, or the one before, where the last says little. */
static const char *telling_part(const char *name)
{
    static const char *const little[] = {"id",     "name", "type",   "value", "code",       "key",
                                         "number", "size", "status", "login", "created_at", "created"};
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot[1] == '\0')
        return name;
    for (size_t i = 0; i < sizeof little / sizeof *little; i++) {
        if (strcmp(dot + 1, little[i]) != 0)
            continue;
        while (dot > name && dot[-1] != '.')
            dot--;
        return dot;
    }
    return dot + 1;
}

/* "Payment Format" is payment_format, "items[*].unitPrice" is unit_price, "org.id" is org_id. */
static void short_name(char out[64], const char *name)
{
    char plain[NAME_BYTES];
    const char *type = strstr(name, ".$"); /* "amount.$numberDecimal" is amount */
    if (type != NULL && type > name && (size_t)(type - name) < sizeof plain) {
        snprintf(plain, sizeof plain, "%.*s", (int)(type - name), name);
        name = plain;
    }
    const char *from = telling_part(name);
    size_t n = 0;
    for (size_t i = 0; from[i] != '\0' && n < 44; i++) {
        char c = from[i], low = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
        bool turns = c != low && i > 0 && from[i - 1] >= 'a' && from[i - 1] <= 'z';
        if ((turns || !is_name_char(low)) && n > 0 && out[n - 1] != '_')
            out[n++] = '_';
        if (is_name_char(low))
            out[n++] = low;
    }
    while (n >= 44 && (unsigned char)out[n - 1] >= 0x80)
        n--; /* a character that was cut goes as a whole */
    while (n > 0 && out[n - 1] == '_')
        n--;
    out[n] = '\0';
    if (n == 0 || (out[0] >= '0' && out[0] <= '9')) {
        char digits[64];
        memcpy(digits, out, sizeof digits);
        snprintf(out, 64, "column_%.40s", n == 0 ? "x" : digits);
    }
}

static bool name_is_taken(const rf_proposal *p, const char *name)
{
    for (int i = 0; i < p->n_attrs; i++) {
        if (strcmp(p->attrs[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The names that the shipped rules know stand for what they mean. */
static const char *known_name(const rf_proposal *p, int c)
{
    static const struct {
        const char *word, *name;
        rf_meaning meaning;
    } known[] = {{"refund", "refund", RF_MEANS_TRUTH},     {"refunded", "refund", RF_MEANS_TRUTH},
                 {"declined", "declined", RF_MEANS_TRUTH}, {"stars", "rating", RF_MEANS_NUMBER},
                 {"overall", "rating", RF_MEANS_NUMBER},   {"rating", "rating", RF_MEANS_NUMBER},
                 {"country", "country", RF_MEANS_TEXT},    {"channel", "channel", RF_MEANS_TEXT}};
    const char *name = p->sample->columns[c].name;
    if (p->types[c].meaning == RF_MEANS_NUMBER && p->sample->columns[c].words[RF_WORD_AMOUNT] >= 10)
        return "amount";
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (p->types[c].meaning == known[i].meaning && rf_words_have(name, known[i].word))
            return known[i].name;
    }
    return NULL;
}

static void name_attr(rf_proposal *p, rf_proposed_attr *attr, int c)
{
    char base[64];
    const char *known = known_name(p, c);
    if (known != NULL && !name_is_taken(p, known)) {
        snprintf(attr->name, sizeof attr->name, "%s", known);
        return;
    }
    const char *end = attr->age ? "_days" : "";
    short_name(base, p->sample->columns[c].name);
    snprintf(attr->name, sizeof attr->name, "%.44s%s", base, end);
    for (int i = 2; name_is_taken(p, attr->name); i++)
        snprintf(attr->name, sizeof attr->name, "%.44s_%d%s", base, i, end);
}

/* ---- what a column is good for ---- */

/* The share of the most frequent values. */
static double top_share(const rf_sample_column *column)
{
    int64_t counts[USUAL_TOP] = {0}, sum = 0;
    for (int i = 0; i < column->n_top; i++) {
        int64_t count = column->top[i].count;
        for (int k = 0; k < USUAL_TOP; k++) {
            if (count > counts[k]) {
                int64_t other = counts[k];
                counts[k] = count;
                count = other;
            }
        }
    }
    for (int k = 0; k < USUAL_TOP; k++)
        sum += counts[k];
    int64_t values = column->values - column->null_words;
    return values == 0 ? 0 : (double)sum / (double)values;
}

/* What the record's envelope says of itself. */
static bool is_part_of_time(const rf_proposal *p, int c)
{
    return p->types[c].meaning == RF_MEANS_NUMBER && strstr(p->sample->columns[c].name, "ts_ms") != NULL;
}

/* Names a device, an address or the like: no count of them. */
static bool is_device(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    return column->words[RF_WORD_DEVICE] >= 8 && column->words[RF_WORD_ASIDE] < 7 &&
           (p->types[c].meaning == RF_MEANS_TEXT || column->longest >= 6);
}

/* What is known only when the event has long passed; the rules know a flag for money that went back. */
static bool is_outcome(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    bool flag = p->types[c].meaning == RF_MEANS_TRUTH && known_name(p, c) != NULL;
    return column->words[RF_WORD_OUTCOME] >= 8 && !flag;
}

/* A name or an address of a person; what is sold and where has names, too. */
static bool is_personal(const rf_sample_column *column, double distinct)
{
    const double *words = column->words;
    bool of_thing = words[RF_WORD_ENTITY] >= 5 && words[RF_WORD_ENTITY] > words[RF_WORD_USER];
    return words[RF_WORD_PERSONAL] >= 7 || (words[RF_WORD_PERSONAL] >= 6 && distinct > 20 && !of_thing);
}

static const char *why_not(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const char *name = column->name;
    double values = (double)(column->values - column->null_words), distinct = rf_column_distinct(column);
    bool device = is_device(p, c);
    if (p->types[c].meaning == RF_MEANS_NOTHING || p->types[c].meaning == RF_MEANS_NESTED)
        return "empty";
    if (!rf_sample_everywhere(p->sample, c))
        return "not in every file";
    if (p->types[c].meaning == RF_MEANS_CONSTANT)
        return "always the same";
    if (column->words[RF_WORD_LABEL] >= 8)
        return "may say what is fraud";
    if (is_outcome(p, c))
        return "an outcome";
    if (p->types[c].clock_only)
        return "a time of day";
    if (p->types[c].may_be_epoch && column->words[RF_WORD_TIME] >= 5)
        return "another moment";
    if (is_part_of_time(p, c))
        return "part of another moment";
    if (strncmp(name, "__", 2) == 0 && p->changes)
        return "of the change of a row";
    if (rf_column_share(p->sample, c) < 0.02)
        return "nearly always empty";
    if (!device && is_personal(column, distinct))
        return "personal";
    if (p->types[c].meaning == RF_MEANS_TEXT && !device && distinct > FEW_VALUES && top_share(column) < 0.5)
        return distinct > 0.9 * values ? "nearly always another one" : "too many different values";
    if (column->name[0] == '#' && c == 0 && column->rising > 0 && column->falling == 0 &&
        distinct > 0.97 * values)
        return "a row's number";
    if (p->types[c].meaning == RF_MEANS_NUMBER && distinct > 0.97 * values &&
        column->whole == column->figures && rf_words_have(name, "id"))
        return "an id";
    return NULL;
}

#define LEAST_CODE 10000.0 /* 2520377 to 2520383: numbers of something, not how much of it */

/* Whole numbers that are names: postal codes, codes of categories. */
static bool is_code(const rf_sample_column *column)
{
    static const char *const words[] = {
        "zip",      "zipcode", "mcc",      "code",     "postcode", "plz",     "category", "id",
        "scenario", "card1",   "card2",    "card3",    "card5",    "addr1",   "addr2",    "bank",
        "branch",   "type",    "kind",     "status",   "channel",  "app",     "os",       "device",
        "brand",    "gender",  "country",  "currency", "region",   "state",   "city",     "language",
        "class",    "product", "merchant", "shop",     "store",    "campaign"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (rf_words_have(column->name, words[i]))
            return true;
    }
    for (int i = 0; i < column->n_kept; i++) { /* 007 */
        if (column->kept[i].len > 1 && column->kept[i].text[0] == '0' && column->kept[i].text[1] != '.')
            return true;
    }
    if (column->name[0] == '#') { /* sparse numbers that come again */
        double distinct = rf_column_distinct(column);
        if (distinct > 20 && distinct < 0.3 * (double)column->values &&
            column->most - column->least > 20 * distinct)
            return true;
    }
    bool measure = column->words[RF_WORD_ASIDE] >= 5 || column->words[RF_WORD_AMOUNT] >= 5;
    bool near = column->least >= LEAST_CODE && column->most - column->least < 0.1 * column->least;
    return !measure &&
           (column->words[RF_WORD_USER] >= 5 || (near && !column->more_top && column->n_top < 50));
}

#define EXACT_DIGITS 14 /* a number of more was computed, and its last digits say nothing */
#define ROOM 17         /* the highest power of ten of a number without decimals */

/* How many places must be kept, where the usual six are not right. */
static void place_digits(rf_proposed_attr *attr, const rf_sample_column *column)
{
    int64_t first, last, most = INT64_MIN, least = 0;
    for (int i = 0; i < column->n_kept; i++) {
        if (!rf_decimal_extent(&first, &last, column->kept[i].text, column->kept[i].len))
            continue;
        most = first > most ? first : most;
        least = last < least && first - last < EXACT_DIGITS ? last : least;
    }
    if (most > ROOM)
        attr->ethers = true;
    else if (most >= ROOM - RF_FIXED_PLACES)
        attr->decimals = (int)(ROOM - most);
    else if (least < -RF_FIXED_PLACES && most != INT64_MIN)
        attr->decimals = (int)(-least + most > ROOM ? ROOM - most : -least);
}

/* Stars: the shares of each say more than their mean. */
static bool is_rating(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const char *known = known_name(p, c);
    return known != NULL && strcmp(known, "rating") == 0 && column->least >= 0 && !column->more_top &&
           column->n_top <= 11;
}

static void type_attr(rf_proposed_attr *attr, const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    double distinct = rf_column_distinct(column);
    bool device = is_device(p, c);
    attr->top = USUAL_TOP;
    switch (p->types[c].meaning) {
    case RF_MEANS_TRUTH:
        attr->type = RF_ATTR_BOOLEAN;
        break;
    case RF_MEANS_NUMBER:
        attr->type = device || (is_code(column) && column->whole == column->figures) ? RF_ATTR_CATEGORY
                                                                                     : RF_ATTR_NUMBER;
        attr->log1p = attr->type == RF_ATTR_NUMBER && column->least >= 0 &&
                      (column->most > 1000 || column->words[RF_WORD_AMOUNT] >= 7);
        if (attr->type == RF_ATTR_NUMBER && p->types[c].plain_number)
            place_digits(attr, column);
        break;
    case RF_MEANS_TIME:
        attr->type = RF_ATTR_NUMBER;
        attr->age = true;
        break;
    default:
        attr->type = RF_ATTR_CATEGORY;
        break;
    }
    if (is_rating(p, c))
        attr->type = RF_ATTR_CATEGORY;
    if (attr->type == RF_ATTR_CATEGORY)
        attr->log1p = false;
    if (attr->type == RF_ATTR_CATEGORY && device)
        attr->top = 1; /* who shares one? */
    else if (attr->type == RF_ATTR_CATEGORY && distinct < USUAL_TOP)
        attr->top = distinct < 1 ? 1 : (int)distinct;
}

/* A moment whose spelling the event's time has, or ISO 8601: the days since then. */
static bool can_be_age(const rf_proposal *p, int c)
{
    const rf_column_type *type = &p->types[c];
    bool same = type->notation == p->notation && strcmp(type->pattern, p->pattern) == 0 && !p->counts_from;
    return p->roles[RF_ROLE_TIME].n > 0 && (same || type->notation == RF_TIME_ISO8601) &&
           !rf_words_have(p->sample->columns[c].name, "updated");
}

/* Of two columns that every record has, the i-th kept values are of one record. */
static bool lies_behind_event(const rf_proposal *p, int c)
{
    const rf_choice *time = &p->roles[RF_ROLE_TIME];
    if (time->n != 1 || time->columns[0] < 0)
        return false;
    const rf_sample_column *event = &p->sample->columns[time->columns[0]], *other = &p->sample->columns[c];
    int both = 0, behind = 0;
    for (int i = 0; i < event->n_kept && event->n_offered == other->n_offered; i++) {
        int64_t event_us, other_us;
        if (!rf_kept_moment(&event_us, &p->types[time->columns[0]], &event->kept[i]) ||
            !rf_kept_moment(&other_us, &p->types[c], &other->kept[i]))
            continue;
        both++;
        behind += other_us > event_us;
    }
    return behind > both / 2;
}

static void leave_out(rf_proposal *p, const char *name, const char *why)
{
    size_t len = strlen(p->aside);
    if (len + strlen(name) + strlen(why) + 8 < sizeof p->aside - 8)
        snprintf(p->aside + len, sizeof p->aside - len, "%s%s (%s)", len == 0 ? "" : ", ", name, why);
    else if (len + 6 < sizeof p->aside && strcmp(p->aside + len - 3, "...") != 0)
        strcat(p->aside, ", ...");
}

static bool is_in_reach(const rf_proposal *p, int c)
{
    const char *name = p->sample->columns[c].name;
    bool scoped = p->scope[0] == '\0' || strncmp(name, p->scope, strlen(p->scope)) == 0;
    return scoped && rf_is_of_event(p, c);
}

/* Amounts first, then flags and categories, then other numbers: of very many columns the first are kept. */
static int rank_of(const rf_proposal *p, int c)
{
    if (p->sample->columns[c].words[RF_WORD_AMOUNT] >= 7)
        return 0;
    if (p->sample->columns[c].words[RF_WORD_DEVICE] >= 8)
        return 1;
    return p->sample->n_columns <= USUAL_ATTRS ? 2 : p->types[c].meaning == RF_MEANS_NUMBER ? 3 : 2;
}

static void add_attr(rf_proposal *p, int c)
{
    rf_proposed_attr attr = {.column = c, .decimals = -1};
    const char *name = p->sample->columns[c].name;
    if (p->types[c].meaning == RF_MEANS_TIME && (!can_be_age(p, c) || lies_behind_event(p, c))) {
        leave_out(p, name, can_be_age(p, c) ? "a moment after the event" : "another moment");
        return;
    }
    type_attr(&attr, p, c);
    name_attr(p, &attr, c);
    attr.required = rf_scoped_share(p, c) >= 1 && !p->types[c].gaps;
    p->attrs[p->n_attrs++] = attr;
}

/* ---- columns that say the same ---- */

static bool may_be_attr(const rf_proposal *p, int c)
{
    return !rf_is_chosen(p, c) && c != p->fraud_type && is_in_reach(p, c) && why_not(p, c) == NULL;
}

static bool is_of_role(const rf_proposal *p, int c, rf_role role)
{
    for (int i = 0; i < p->roles[role].n; i++) {
        if (p->roles[role].columns[i] == c)
            return true;
    }
    return false;
}

static bool is_side(const rf_proposal *p, int c)
{
    return is_of_role(p, c, RF_ROLE_USER) || is_of_role(p, c, RF_ROLE_ENTITY);
}

static bool may_be_same(const rf_sample_column *a, const rf_sample_column *b)
{
    double first = rf_column_distinct(a), second = rf_column_distinct(b);
    return a->list == b->list && a->records == b->records && a->values == b->values && first >= 2 &&
           fabs(first - second) <= 0.03 * first;
}

/* Of ids and categories another spelling is enough, of numbers their values must be equal. */
static bool say_the_same(const rf_proposal *p, const rf_column_pair *pair)
{
    const rf_sample_column *a = &p->sample->columns[pair->a];
    double distinct = rf_column_distinct(a);
    bool numbers = p->types[pair->a].meaning == RF_MEANS_NUMBER &&
                   p->types[pair->b].meaning == RF_MEANS_NUMBER && !is_side(p, pair->a);
    if (is_of_role(p, pair->a, RF_ROLE_TIME) ||
        is_device(p, pair->b)) /* who shares a device may come later */
        return pair->equal;
    return pair->equal || (pair->a_tells_b && pair->b_tells_a && !numbers && distinct >= FEW_SPELLINGS &&
                           distinct < 0.5 * (double)a->values);
}

/* In same_as[n_columns] which column says the same already; -1: none does. */
static rf_status find_same(int *same_as, rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_column_pair *pairs = NULL;
    int n = 0, columns = (int)p->sample->n_columns;
    RF_NEW(pairs, MOST_PAIRS, err);
    for (int b = 0; b < columns; b++) {
        same_as[b] = -1;
        for (int a = 0; a < columns && may_be_attr(p, b) && n < MOST_PAIRS; a++) {
            bool first = is_side(p, a) || is_of_role(p, a, RF_ROLE_TIME) || (a < b && may_be_attr(p, a));
            if (a != b && first && may_be_same(&p->sample->columns[a], &p->sample->columns[b]))
                pairs[n++] = (rf_column_pair){.a = a, .b = b};
        }
    }
    RF_TRY(rf_compare_columns(pairs, n, p->sample, err));
    for (int i = 0; i < n; i++) {
        if (same_as[pairs[i].b] < 0 && same_as[pairs[i].a] < 0 && say_the_same(p, &pairs[i]))
            same_as[pairs[i].b] = pairs[i].a;
    }
done:
    rf_mem_free(pairs);
    return st;
}

static void leave_out_same(rf_proposal *p, int c, int same)
{
    char why[128];
    snprintf(why, sizeof why, "the same as %.100s", p->sample->columns[same].name);
    leave_out(p, p->sample->columns[c].name, why);
}

rf_status rf_find_attrs(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    int left_out = 0, *same_as = NULL;
    RF_NEW(same_as, p->sample->n_columns, err);
    RF_TRY(find_same(same_as, p, err));
    for (int rank = 0; rank <= 3; rank++) {
        for (int c = 0; c < (int)p->sample->n_columns; c++) {
            if (rank_of(p, c) != rank || rf_is_chosen(p, c) || c == p->fraud_type || !is_in_reach(p, c))
                continue;
            const char *why = why_not(p, c);
            if (why != NULL)
                leave_out(p, p->sample->columns[c].name, why);
            else if (same_as[c] >= 0)
                leave_out_same(p, c, same_as[c]);
            else if (p->n_attrs < USUAL_ATTRS)
                add_attr(p, c);
            else
                left_out++;
        }
    }
    if (left_out > 0)
        rf_doubt(
            p,
            "fields.attributes: the first %d of %d columns that could be attributes; at most %d are possible",
            p->n_attrs, p->n_attrs + left_out, RF_MAX_ATTRS);
done:
    rf_mem_free(same_as);
    return st;
}
