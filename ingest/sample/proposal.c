/* proposal.c - a proposal from a sample: what was told is taken, the rest is found, in the order in which one
 * choice depends on another.
 */
#include "proposal_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "rf_mem.h"
#include "rf_quote.h"

/* ---- what the parts share ---- */

void rf_doubt(rf_proposal *p, const char *format, ...)
{
    va_list args;
    if (p->n_doubts == RF_DOUBTS)
        return;
    va_start(args, format);
    (void)vsnprintf(p->doubts[p->n_doubts++], RF_DOUBT_TEXT, format, args);
    va_end(args);
}

void rf_choose(rf_proposal *p, rf_role role, int column, double score)
{
    rf_choice *choice = &p->roles[role];
    choice->columns[0] = column;
    choice->n = 1;
    choice->score = score;
}

bool rf_is_chosen(const rf_proposal *p, int column)
{
    for (rf_role role = 0; role < RF_ROLES; role++) {
        for (int i = 0; i < p->roles[role].n; i++) {
            if (p->roles[role].columns[i] == column)
                return true;
        }
    }
    return false;
}

int rf_chosen_list(const rf_proposal *p)
{
    for (rf_role role = RF_ROLE_USER; role <= RF_ROLE_ENTITY; role++) {
        int side = p->roles[role].n > 0 ? p->roles[role].columns[0] : -1;
        if (side >= 0 && p->sample->columns[side].list >= 0)
            return p->sample->columns[side].list;
    }
    return -1;
}

bool rf_is_of_event(const rf_proposal *p, int column)
{
    int list = p->sample->columns[column].list;
    return list < 0 || list == rf_chosen_list(p);
}

/* ---- a choice in words ---- */

const char *rf_column_seen(char out[RF_COLUMN_SEEN], const rf_proposal *p, int column)
{
    return rf_view_seen(out, &p->sample->columns[column], p->sample->records, &p->types[column]);
}

static const char *name_of(const rf_proposal *p, const rf_choice *choice, int i)
{
    int column = choice->columns[i];
    return column < 0 ? choice->names[i] : p->sample->columns[column].name;
}

static int first_column(const rf_choice *choice)
{
    for (int i = 0; i < choice->n; i++) {
        if (choice->columns[i] >= 0)
            return choice->columns[i];
    }
    return -1;
}

int rf_last_column(const rf_choice *choice)
{
    int last = -1;
    for (int i = 0; i < choice->n; i++)
        last = choice->columns[i] >= 0 ? choice->columns[i] : last;
    return last;
}

static void describe_column(rf_proposal *p, rf_role role, int column)
{
    rf_column_type type = p->types[column];
    if (role == RF_ROLE_LABEL)
        type.meaning = RF_MEANS_TRUTH;
    else if (role != RF_ROLE_TIME)
        type.meaning = RF_MEANS_ID;
    type.of_event = role == RF_ROLE_TIME;
    (void)rf_view_seen(p->roles[role].seen, &p->sample->columns[column], p->sample->records, &type);
}

/* Text and `seen` of a choice whose columns are set. */
static rf_status describe(rf_proposal *p, rf_role role, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *choice = &p->roles[role];
    rf_text text = {0};
    if (choice->n == 0)
        return RF_OK;
    RF_TRY(rf_text_printf(&text, err, "%s", choice->joined ? "{join: [" : choice->n > 1 ? "[" : ""));
    for (int i = 0; i < choice->n; i++) {
        RF_TRY(rf_text_printf(&text, err, "%s", i == 0 ? "" : ", "));
        RF_TRY(rf_yaml_scalar(&text, name_of(p, choice, i), err));
    }
    RF_TRY(rf_text_printf(&text, err, "%s", choice->joined ? "]}" : choice->n > 1 ? "]" : ""));
    if (text.len >= sizeof choice->text)
        RF_FAIL(err, RF_E_INVALID, "%s: the names of the columns of one field are longer than %d bytes",
                p->sample->inputs[0].name, RF_CHOICE_TEXT - 1);
    snprintf(choice->text, sizeof choice->text, "%s", text.ptr);
    int shown = choice->joined ? rf_last_column(choice) : first_column(choice);
    if (shown >= 0)
        describe_column(p, role, shown);
done:
    rf_text_clear(&text);
    return st;
}

/* ---- what was told ---- */

static rf_status take_name(rf_proposal *p, rf_choice *choice, const char *name, const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    const char *nearest = NULL;
    if (choice->n == RF_CHOICE_COLUMNS)
        RF_FAIL(err, RF_E_INVALID, "%s: more than %d columns", what, RF_CHOICE_COLUMNS);
    int column = name[0] == '$' ? -1 : rf_sample_find_told(p->sample, name);
    if (column < 0 && name[0] != '$' && !rf_sample_has_column(p->sample, name, &nearest))
        RF_FAIL(err, RF_E_INVALID, "%s: %s has no column \"%s\"%s%s%s", what, p->sample->inputs[0].name, name,
                nearest == NULL ? "" : "; did you mean \"", nearest == NULL ? "" : nearest,
                nearest == NULL ? "" : "\"?");
    choice->names[choice->n] = name;
    choice->columns[choice->n++] = column;
    choice->told = true;
    choice->score = 20;
done:
    return st;
}

static rf_status take_told(rf_proposal *p, rf_role role, const char *name, const rf_more_names *more,
                           const char *what, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *choice = &p->roles[role];
    if (name == NULL)
        return RF_OK;
    RF_TRY(take_name(p, choice, name, what, err));
    for (int i = 0; more != NULL && i < more->n; i++)
        RF_TRY(take_name(p, choice, more->names[i], what, err));
    choice->joined = more != NULL && more->joined && role != RF_ROLE_TIME && choice->n > 1;
done:
    return st;
}

/* What somebody was asked about, and left as it was. */
static void take_kept(rf_proposal *p)
{
    const rf_proposal *before = p->told.before;
    for (rf_role role = 0; role < RF_ROLES; role++) {
        if (!p->told.keeps[role])
            continue;
        p->roles[role] = before->roles[role];
        p->roles[role].told = true;
    }
    if (p->told.keeps[RF_ROLE_TIME] && !p->told.time_format) {
        p->notation = before->notation;
        snprintf(p->pattern, sizeof p->pattern, "%s", before->pattern);
    }
}

static rf_status take_all(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_fields *fields = &p->told.options->fields;
    RF_TRY(take_told(p, RF_ROLE_USER, fields->user, &fields->user_more, "user", err));
    RF_TRY(take_told(p, RF_ROLE_ENTITY, fields->entity, &fields->entity_more, "entity", err));
    RF_TRY(take_told(p, RF_ROLE_TIME, fields->time, &fields->time_more, "time", err));
    RF_TRY(take_told(p, RF_ROLE_EVENT_ID, fields->event_id, &fields->event_id_more, "event id", err));
    RF_TRY(take_told(p, RF_ROLE_LABEL, fields->label, NULL, "label", err));
    p->notation = fields->time_format;
    if (fields->time_pattern != NULL)
        snprintf(p->pattern, sizeof p->pattern, "%s", fields->time_pattern);
    take_kept(p);
    if (p->told.time_since) {
        char since[RF_TIME_TEXT];
        snprintf(p->since, sizeof p->since, "%s", rf_time_format(since, fields->time_since_us));
        p->counts_from = true;
        p->zoned = true;
    }
done:
    return st;
}

/* ---- all of it ---- */

static bool is_null_word(const rf_proposal *p, const char *text)
{
    for (int i = 0; i < p->n_nulls; i++) {
        if (strcmp(p->nulls[i], text) == 0)
            return true;
    }
    return false;
}

/* A word that people write where there is nothing; an id of letters among ids of digits is none. */
static bool says_nothing(const char *text)
{
    static const char *const words[] = {
        "unknown",        "missing", "none",  "nil",     "n.a.",       "n.d.", "unk",
        "unspecified",    "empty",   "void",  "blank",   "tba",        "tbd",  "not available",
        "not applicable", "no data", "keine", "inconnu", "desconocido"};
    bool marks = true;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];
        marks = marks && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
                (unsigned char)c < 0x80;
    }
    for (size_t i = 0; !marks && i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(text, words[i]) == 0)
            return true;
    }
    return marks;
}

static rf_status take_nulls(rf_proposal *p, int c, const rf_kept_value *const words[2], int n, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < n; i++) {
        bool fits = words[i]->len <= 20 && rf_utf8_valid(words[i]->text, words[i]->len);
        if (!fits || p->n_nulls == RF_PROPOSED_NULLS || is_null_word(p, words[i]->text))
            continue;
        p->nulls[p->n_nulls] = rf_mem_text(words[i]->text, words[i]->len, err);
        if (p->nulls[p->n_nulls] == NULL)
            return RF_E_NOMEM;
        p->n_nulls++;
        rf_doubt(p,
                 "fields.null_values: \"%s\" stands among the numbers of \"%s\" and is taken for nothing, "
                 "everywhere",
                 words[i]->text, p->sample->columns[c].name);
    }
    p->types[c] = (rf_column_type){.meaning = RF_MEANS_NUMBER, .plain_number = true, .gaps = true, .fits = 1};
    return st;
}

#define MOSTLY 0.5 /* of the values are numbers: then two other words at most are none */

/* Words such as "?" among the numbers of a column. */
static rf_status find_nulls(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        int64_t values = column->values - column->null_words, others = values - column->figures, named = 0;
        const rf_kept_value *words[2];
        int n = 0;
        double number;
        for (int i = 0; i < column->n_top && n < 3; i++) {
            const rf_kept_value *top = &column->top[i];
            if (rf_double_parse(&number, top->text, top->len))
                continue;
            others += says_nothing(top->text) ? 0 : values; /* it says something */
            if (n < 2)
                words[n] = top;
            named += top->count;
            n++;
        }
        if (others == 0 || n == 0 || n > 2 || named != others ||
            (double)column->figures < MOSTLY * (double)values || column->texts == 0)
            continue;
        RF_TRY(take_nulls(p, c, words, n, err));
    }
done:
    return st;
}

static rf_status find_types(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    int n = (int)p->sample->n_columns, n_currency = 0;
    if (p->told.numbers)
        p->style = p->told.options->fields.numbers;
    else
        RF_TRY(rf_columns_style(&p->style, p->currency, &n_currency, p->sample->columns, n, err));
    for (int c = 0; c < n; c++)
        rf_column_type_find(&p->types[c], &p->sample->columns[c], &p->style);
    if (p->told.options->fields.null_values == rf_usual_null_values)
        RF_TRY(find_nulls(p, err));
done:
    return st;
}

static bool names_currency(const char *name)
{
    static const char *const words[] = {"currency", "waehrung", "währung", "devise",
                                        "moneda",   "moeda",    "valuta"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (rf_words_have(name, words[i]))
            return true;
    }
    return false;
}

static void doubt_signs(rf_proposal *p)
{
    char names[64] = "";
    if (p->told.numbers || p->style.n_currency < 2)
        return;
    for (int i = 0; i < p->style.n_currency; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i > 0 ? ", " : "",
                 p->currency[i]);
    rf_doubt(p, "fields.numbers: amounts are in several currencies (%s), and nothing converts them", names);
}

#define LONGEST_CURRENCY 24 /* "Australian Dollar" */

/* Sums and tails of amounts mean little where some are yen and others are euros. */
static void doubt_currencies(rf_proposal *p)
{
    doubt_signs(p);
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        if (column->n_top < 2 || column->longest > LONGEST_CURRENCY || p->types[c].meaning != RF_MEANS_TEXT ||
            !names_currency(column->name))
            continue;
        rf_doubt(
            p,
            "fields.attributes: \"%s\" has several currencies, and nothing converts amounts: source.where "
            "can keep one, such as \"%s = %.*s\"",
            column->name, column->name, (int)column->top[0].len, column->top[0].text);
        break;
    }
}

static void doubt_content(rf_proposal *p)
{
    const rf_sample *sample = p->sample;
    if (sample->found_encoding)
        rf_doubt(
            p,
            "source.encoding: it is not UTF-8 and taken as %s: --set source.encoding=NAME, one of `iconv -l`",
            sample->encoding);
    if (sample->left_out_columns)
        rf_doubt(p, "the records have more than %zu different keys; the rest was not looked at",
                 sample->n_columns);
    if (sample->format == RF_FORMAT_CSV && !sample->header && !sample->lists_columns)
        rf_doubt(p, "source.csv.header: the first record looks like values, so columns go by position: --set "
                    "source.csv.header=true");
}

static rf_status propose(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(find_types(p, err));
    RF_TRY(take_all(p, err));
    doubt_content(p);
    doubt_currencies(p);
    rf_find_scope(p);
    RF_TRY(rf_find_sides(p, err));
    RF_TRY(rf_find_time(p, err));
    RF_TRY(rf_find_event_id(p, err));
    RF_TRY(rf_find_label(p, err));
    RF_TRY(rf_fill_gaps(p, err));
    RF_TRY(rf_find_spelling(p, err));
    RF_TRY(rf_find_attrs(p, err));
    rf_find_kinds(p);
    for (rf_role role = 0; role < RF_ROLES; role++)
        RF_TRY(describe(p, role, err));
done:
    return st;
}

rf_status rf_propose(rf_proposal **out, rf_sample *sample, const rf_told *told, rf_err *err)
{
    rf_status st = RF_OK;
    rf_proposal *p = NULL;
    RF_ZERO(p, 1, err);
    p->sample = sample;
    p->told = *told;
    p->fraud_type = -1;
    RF_ZERO(p->types, sample->n_columns, err);
    RF_ZERO(p->user_score, sample->n_columns, err);
    RF_ZERO(p->entity_score, sample->n_columns, err);
    RF_TRY(propose(p, err));
    p->told.before = NULL;
    *out = p;
    p = NULL;
done:
    rf_proposal_free(p);
    return st;
}

void rf_proposal_free(rf_proposal *p)
{
    if (p == NULL)
        return;
    for (int i = 0; i < p->n_yes; i++)
        rf_mem_free(p->yes[i]);
    for (int i = 0; i < p->n_no; i++)
        rf_mem_free(p->no[i]);
    for (int i = 0; i < p->n_nulls; i++)
        rf_mem_free(p->nulls[i]);
    rf_mem_free(p->types);
    rf_mem_free(p->user_score);
    rf_mem_free(p->entity_score);
    rf_mem_free(p);
}

const char *rf_proposal_field(const rf_proposal *proposal, rf_role role)
{
    return proposal->roles[role].text;
}

const char *rf_proposal_seen(const rf_proposal *proposal, rf_role role)
{
    return proposal->roles[role].seen;
}

const char *rf_proposal_doubt(const rf_proposal *proposal, int i)
{
    return i < proposal->n_doubts ? proposal->doubts[i] : NULL;
}

int rf_proposal_attributes(const rf_proposal *proposal)
{
    return proposal->n_attrs;
}
