/* role_truth.c - which column is the event's own id, and which one says what is known to be fraud?
 */
#include "proposal_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

/* ---- event ids ---- */

#define LEAST_ID 4.0 /* the score of an event id */

/* "recommendationid", and nothing says that it is somebody's or something's. */
static bool ends_with_id(const rf_sample_column *column)
{
    const size_t len = strlen(column->name);
    return len >= 6 && strcmp(column->name + len - 2, "id") == 0 && column->words[RF_WORD_USER] < 4 &&
           column->words[RF_WORD_ENTITY] < 4 && column->words[RF_WORD_DEVICE] < 4;
}

static double event_id_score(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const rf_column_type *type = &p->types[c];
    const char *name =
        column->name + (strncmp(column->name, p->scope, strlen(p->scope)) == 0 ? strlen(p->scope) : 0);
    double values = (double)(column->values - column->null_words);
    bool other_scope = p->scope[0] != '\0' && name == column->name;
    bool number = type->meaning == RF_MEANS_NUMBER && column->whole < column->figures;
    if (rf_is_chosen(p, c) || !rf_sample_everywhere(p->sample, c) || other_scope || !rf_is_of_event(p, c) ||
        number || type->meaning == RF_MEANS_TIME || type->styled || name[0] == '#' ||
        strncmp(name, "Unnamed", 7) == 0 || column->n_kept == 0)
        return 0;
    double least = p->changes ? 0.4 : 0.97; /* rows that change come again */
    if (rf_column_distinct(column) < least * values || rf_scoped_share(p, c) < 0.999 ||
        column->longest > 128 || (double)column->spaced > 0.1 * values)
        return 0;
    double words = column->words[RF_WORD_EVENT_ID];
    if (column->words[RF_WORD_USER] > words || column->words[RF_WORD_ENTITY] > words)
        words *= 0.5;
    if (strchr(name, '.') != NULL)
        words *= 0.6;
    if (words < LEAST_ID && ends_with_id(column))
        words = LEAST_ID + 0.1;
    return words + (rf_words_have(name, "id") ? 1 : 0) + (c == 0 ? 0.5 : 0);
}

/* An event of each item of a list: the record's id is the same for all of them. */
static rf_status add_item_id(rf_proposal *p, rf_err *err)
{
    rf_choice *id = &p->roles[RF_ROLE_EVENT_ID];
    int list = rf_chosen_list(p);
    (void)err;
    if (list < 0 || id->n == 0 || id->told || p->sample->columns[id->columns[0]].list == list)
        return RF_OK;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        double values = (double)(column->values - column->null_words);
        const char *end = strrchr(column->name, '.');
        if (column->list == list && end != NULL && strcmp(end, ".id") == 0 &&
            rf_column_distinct(column) >= 0.97 * values) {
            id->columns[1] = c;
            id->n = 2;
            id->joined = true;
            return RF_OK;
        }
    }
    id->n = 0; /* nothing tells the items of one record apart */
    return RF_OK;
}

rf_status rf_find_event_id(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *id = &p->roles[RF_ROLE_EVENT_ID];
    double best = LEAST_ID, distinct, rows;
    int found = -1;
    if (id->told || p->told.none[RF_ROLE_EVENT_ID])
        return RF_OK;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        double score = event_id_score(p, c);
        found = score > best ? c : found;
        best = score > best ? score : best;
    }
    if (found < 0)
        return RF_OK;
    RF_TRY(rf_joint_distinct(&distinct, &rows, p, &found, 1, err));
    if (!p->changes && distinct < 0.995 * rows)
        return RF_OK;
    rf_choose(p, RF_ROLE_EVENT_ID, found, best);
    RF_TRY(add_item_id(p, err));
done:
    return st;
}

/* ---- labels ---- */

static const char *const fraud_words[] = {"fraud",      "chargeback", "illicit",    "dispute",    "disputed",
                                          "fraudulent", "scam",       "spam",       "abuse",      "bad",
                                          "anomaly",    "malicious",  "suspicious", "attack",     "fake",
                                          "betrug",     "fraude",     "stolen",     "laundering", "outlier"};
static const char *const fair_words[] = {"ok",    "legit",  "legitimate", "normal",   "genuine",  "good",
                                         "licit", "benign", "clean",      "ham",      "fair",     "no_fraud",
                                         "none",  "valid",  "not fraud",  "nonfraud", "non-fraud"};

static bool is_one_of(const char *text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (words[i][k] != '\0' && (words[i][k] | 0x20) == (text[k] | 0x20))
            k++;
        if (words[i][k] == '\0' && text[k] == '\0')
            return true;
    }
    return false;
}

static bool is_no_class(const char *text)
{
    static const char *const words[] = {"unknown", "unlabeled", "unlabelled", "pending", "na", "?", "-1"};
    return is_one_of(text, words, sizeof words / sizeof *words);
}

/* Two classes, and perhaps one for those that nobody knows. */
static bool has_classes(const rf_sample_column *column)
{
    int known = 0;
    if (column->more_top || column->n_top < 2 || column->n_top > 6)
        return false;
    for (int i = 0; i < column->n_top; i++)
        known += !is_no_class(column->top[i].text);
    return known >= 2 && known <= 4;
}

static bool names_fraud(const rf_sample_column *column)
{
    for (int i = 0; i < column->n_top && !column->more_top; i++) {
        if (is_one_of(column->top[i].text, fraud_words, sizeof fraud_words / sizeof *fraud_words))
            return true;
    }
    return false;
}

static double label_score(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    double words = column->words[RF_WORD_LABEL];
    bool constant = p->types[c].meaning == RF_MEANS_CONSTANT && column->n_top == 1 &&
                    column->top[0].len == 1 &&
                    (column->top[0].text[0] == '0' || column->top[0].text[0] == '1');
    bool truth = p->types[c].meaning == RF_MEANS_TRUTH || constant;
    if (rf_is_chosen(p, c) || !rf_sample_everywhere(p->sample, c) || !rf_is_of_event(p, c) || words < 3)
        return 0;
    bool named = column->words[RF_WORD_LABEL] >= 3 && names_fraud(column) && has_classes(column);
    if (named) /* "flagged" as legit or fraud */
        return words + 4;
    if (rf_words_have(column->name, "flagged") || rf_words_have(column->name, "score"))
        words -= 4;
    if (words < 5)
        return 0;
    bool measure = column->words[RF_WORD_AMOUNT] >= 7 || column->whole < column->figures;
    return truth ? words + 1 : has_classes(column) && !measure ? words : 0;
}

/* Most records say nothing there, and the others are frauds or not. */
static void doubt_no_label(rf_proposal *p)
{
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        bool late = column->words[RF_WORD_LABEL] >= 5 || column->words[RF_WORD_OUTCOME] >= 8;
        if (late && names_fraud(column) && rf_sample_everywhere(p->sample, c) && rf_is_of_event(p, c)) {
            rf_doubt(p, "label: none, but \"%s\" names frauds: --label \"%s\"", column->name, column->name);
            return;
        }
    }
}

static rf_status add_word(char **list, int *n, const char *word, rf_err *err)
{
    if (*n == RF_PROPOSED_WORDS)
        return RF_OK;
    list[*n] = rf_mem_text(word, strlen(word), err);
    if (list[*n] == NULL)
        return RF_E_NOMEM;
    ++*n;
    return RF_OK;
}

/* Which class is the fraud: by its name, else the rarer of two. */
static rf_status name_classes(rf_proposal *p, int c, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_sample_column *column = &p->sample->columns[c];
    const rf_kept_value *rarest = NULL;
    bool named = false;
    for (int i = 0; i < column->n_top; i++) {
        const rf_kept_value *value = &column->top[i];
        bool fair = is_one_of(value->text, fair_words, sizeof fair_words / sizeof *fair_words);
        named = named || is_one_of(value->text, fraud_words, sizeof fraud_words / sizeof *fraud_words);
        if (!is_no_class(value->text) && !fair && (rarest == NULL || value->count < rarest->count))
            rarest = value;
    }
    for (int i = 0; i < column->n_top; i++) {
        const rf_kept_value *value = &column->top[i];
        if (is_no_class(value->text))
            continue;
        bool fraud = named ? is_one_of(value->text, fraud_words, sizeof fraud_words / sizeof *fraud_words)
                           : value == rarest;
        RF_TRY(fraud ? add_word(p->yes, &p->n_yes, value->text, err)
                     : add_word(p->no, &p->n_no, value->text, err));
    }
    if (!named && rarest != NULL)
        rf_doubt(
            p,
            "label: \"%s\" of \"%s\" is taken for fraud, because it is the rarest: fields.true_values and "
            "fields.false_values",
            rarest->text, column->name);
done:
    return st;
}

static void find_fraud_type(rf_proposal *p)
{
    p->fraud_type = -1;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        bool kind = rf_words_have(column->name, "type") || rf_words_have(column->name, "scenario") ||
                    rf_words_have(column->name, "kind") || rf_words_have(column->name, "pattern");
        if (kind && (rf_words_have(column->name, "fraud") || rf_words_have(column->name, "laundering")) &&
            !rf_is_chosen(p, c) && !column->more_top && column->n_top > 1)
            p->fraud_type = c;
    }
}

rf_status rf_find_label(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *label = &p->roles[RF_ROLE_LABEL];
    double best = 4;
    int found = label->n == 1 ? label->columns[0] : -1;
    for (int c = 0; !label->told && !p->told.none[RF_ROLE_LABEL] && c < (int)p->sample->n_columns; c++) {
        double score = label_score(p, c);
        found = score > best ? c : found;
        best = score > best ? score : best;
    }
    find_fraud_type(p);
    if (found < 0) {
        if (!label->told && !p->told.none[RF_ROLE_LABEL])
            doubt_no_label(p);
        return RF_OK;
    }
    if (!label->told)
        rf_choose(p, RF_ROLE_LABEL, found, best);
    bool told_words =
        p->told.options->fields.label_words.n_yes + p->told.options->fields.label_words.n_no > 0;
    if (!told_words && p->types[found].meaning != RF_MEANS_TRUTH &&
        (has_classes(&p->sample->columns[found]) || names_fraud(&p->sample->columns[found])))
        RF_TRY(name_classes(p, found, err));
done:
    return st;
}
