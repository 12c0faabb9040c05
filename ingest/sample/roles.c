/* roles.c - which columns are the users and the entities? Names are weighed with what the columns hold: ids
 * repeat, have many values, and are neither amounts nor moments nor free text.
 */
#include "proposal_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define LONG_ID 15 /* "1000000036.1700000036" is no amount where the name says that it is an id */
#define NAMED 4.0  /* a score above this has a name that says so */

/* ---- one column ---- */

double rf_column_share(const rf_sample *sample, int column)
{
    return sample->records == 0 ? 0 : (double)sample->columns[column].records / (double)sample->records;
}

double rf_scoped_share(const rf_proposal *p, int column)
{
    double share = rf_column_share(p->sample, column);
    return p->scope[0] != '\0' && p->scope_share > 0 && share >= p->scope_share ? 1 : share;
}

bool rf_is_out_of_scope(const rf_proposal *p, int column)
{
    return p->scope[0] != '\0' && strncmp(p->sample->columns[column].name, p->scope, strlen(p->scope)) != 0;
}

static bool is_free_text(const rf_sample_column *column)
{
    double values = (double)(column->values - column->null_words);
    double mean = values > 0 ? (double)column->bytes / values : 0;
    return mean > 50 ||
           (mean > 20 && (double)column->spaced > 0.8 * values && rf_column_distinct(column) > 0.5 * values);
}

/* A whole number that JSON writes with a fraction is no id there. */
static bool cannot_be_id(const rf_sample_column *column, const rf_column_type *type)
{
    double values = (double)(column->values - column->null_words);
    bool fraction = column->figures > 0 && (double)column->whole < 0.999 * (double)column->figures &&
                    !(column->shortest >= LONG_ID && rf_words_have(column->name, "id"));
    return values == 0 || type->meaning == RF_MEANS_TIME || type->meaning == RF_MEANS_TRUTH || type->styled ||
           type->meaning == RF_MEANS_NESTED || column->truths > 0 || fraction || column->longest > 500 ||
           is_free_text(column);
}

/* 0: no id; 1: like one. Once: each record has another value. */
static double id_fit(const rf_proposal *p, int c, double once)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const rf_column_type *type = &p->types[c];
    if (cannot_be_id(column, type))
        return 0;
    double values = (double)(column->values - column->null_words), distinct = rf_column_distinct(column);
    double fit = distinct < 3 ? 0.02 : distinct < 8 ? 0.15 : distinct < 20 && values > 200 ? 0.5 : 1;
    if (distinct > 0.98 * values && values > 20)
        fit *= once;
    if (type->meaning == RF_MEANS_NUMBER && column->least < 0 && column->least > -10000)
        fit *= 0.1; /* a rating, a difference */
    if (type->may_be_epoch && column->rising + column->steady > 4 * column->falling)
        fit *= 0.1;
    if (column->kept[0].len > 2 && type->meaning == RF_MEANS_NUMBER &&
        strcmp(column->kept[0].text + column->kept[0].len - 2, ".0") == 0)
        fit *= 0.5;
    return fit * (0.2 + 0.8 * rf_scoped_share(p, c));
}

static double id_words(const char *name)
{
    static const char *const words[] = {"id",     "key",  "no",    "nr",   "num",
                                        "number", "uuid", "login", "code", "hash"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (rf_words_have(name, words[i]))
            return i < 7 ? 1.5 : 1;
    }
    return 0;
}

static double name_score(const rf_sample_column *column, rf_word_role role, rf_word_role other)
{
    const double *words = column->words;
    double mine = words[role];
    if (words[RF_WORD_ASIDE] >= 5)
        mine *= words[RF_WORD_ASIDE] >= mine ? 0.25 : 0.5;
    if (words[other] > words[role])
        mine *= 0.5;
    if (role == RF_WORD_USER && words[RF_WORD_DEVICE] > words[RF_WORD_USER])
        mine *= 0.5;
    if (role == RF_WORD_USER && words[RF_WORD_PERSONAL] >= 9 && !rf_words_have(column->name, "email"))
        mine *= 0.4;
    if (words[RF_WORD_TIME] >= 8 || words[RF_WORD_LABEL] >= 8)
        mine *= 0.3;
    return mine > 2 ? mine + id_words(column->name) : mine;
}

static double side_score(const rf_proposal *p, int c, rf_role role)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const double *words = column->words;
    bool user = role == RF_ROLE_USER;
    double fit = id_fit(p, c, user ? 0.6 : 0.2), distinct = rf_column_distinct(column);
    if (fit == 0 || rf_is_bare_step(p, c) || rf_is_out_of_scope(p, c) || !rf_sample_everywhere(p->sample, c))
        return 0;
    double named = user ? name_score(column, RF_WORD_USER, RF_WORD_ENTITY)
                        : name_score(column, RF_WORD_ENTITY, RF_WORD_USER);
    double content = 1.5 * fmin(1, log10(distinct + 1) / 1.3);
    if (words[RF_WORD_ASIDE] >= 6 || words[RF_WORD_AMOUNT] >= 6 || words[RF_WORD_TIME] >= 8)
        content *= 0.3;
    double place = (user ? 0.006 : 0.003) * (c < 100 ? c : 100); /* who acts stands in front */
    return fit * (content + named) - place;
}

/* ---- two columns of one name: the second is the other side of the first ---- */

/* "txId1" and "txId2", of which there is no third. */
static bool are_numbered(const rf_sample *sample, const char *first, const char *second)
{
    size_t len = strlen(first);
    if (len < 2 || first[len - 1] != '1' || strlen(second) != len || second[len - 1] != '2' ||
        strncmp(first, second, len - 1) != 0)
        return false;
    for (size_t c = 0; c < sample->n_columns; c++) {
        const char *name = sample->columns[c].plain;
        if (strlen(name) == len && strncmp(name, first, len - 1) == 0 && name[len - 1] == '3')
            return false;
    }
    return true;
}

static bool are_twins(const rf_sample *sample, int a, int b)
{
    const char *first = sample->columns[a].plain, *second = sample->columns[b].plain;
    size_t len = strlen(first);
    if (a == b || sample->format != RF_FORMAT_CSV || len == 0)
        return false;
    return strcmp(first, second) == 0 || are_numbered(sample, first, second) ||
           (strncmp(first, second, len) == 0 && strcmp(second + len, ".1") == 0);
}

static void score_columns(rf_proposal *p)
{
    int n = (int)p->sample->n_columns;
    for (int c = 0; c < n; c++) {
        p->user_score[c] = side_score(p, c, RF_ROLE_USER);
        p->entity_score[c] = side_score(p, c, RF_ROLE_ENTITY);
    }
    for (int c = 0; c < n; c++) {
        for (int other = c + 1; other < n && other <= c + 4; other++) {
            if (are_twins(p->sample, c, other) && p->user_score[c] > NAMED &&
                p->entity_score[other] < p->user_score[c])
                p->entity_score[other] = p->user_score[c];
        }
    }
}

/* ---- pairs ---- */

static bool in_two_lists(const rf_sample *sample, int a, int b)
{
    int first = sample->columns[a].list, second = sample->columns[b].list;
    return first >= 0 && second >= 0 && first != second;
}

#define BEST 10

/* The columns of the highest scores, best first. */
static int best_columns(int out[BEST], const double *score, int n)
{
    int found = 0;
    for (int c = 0; c < n; c++) {
        int at = found;
        while (at > 0 && score[out[at - 1]] < score[c])
            at--;
        if (score[c] <= 0 || at == BEST)
            continue;
        found += found < BEST;
        memmove(out + at + 1, out + at, (size_t)(found - 1 - at) * sizeof *out);
        out[at] = c;
    }
    return found;
}

#define PART 0.3 /* what is left of the score of what another column tells */

static bool comes_again(const rf_sample_column *column)
{
    return (double)(column->values - column->null_words) > 2 * rf_column_distinct(column);
}

static bool is_unnamed(const rf_sample_column *column)
{
    return column->words[RF_WORD_USER] < NAMED && column->words[RF_WORD_ENTITY] < NAMED;
}

/* The columns that a name does not speak for, and that may be a side for what they hold. */
static int unnamed_sides(int out[2 * BEST], const rf_proposal *p)
{
    int users[BEST], entities[BEST], n = (int)p->sample->n_columns, found = 0;
    int n_users = best_columns(users, p->user_score, n);
    int n_entities = best_columns(entities, p->entity_score, n);
    for (int c = 0; c < n; c++) {
        bool best = false;
        for (int i = 0; i < n_users; i++)
            best = best || users[i] == c;
        for (int i = 0; i < n_entities; i++)
            best = best || entities[i] == c;
        if (best && is_unnamed(&p->sample->columns[c]))
            out[found++] = c;
    }
    return found;
}

/* The bank of an account, the category of an item: where another column always comes with the same value of
 * this one, it is a part of that one, and together they would be a graph of stars. */
static rf_status demote_parts(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    int columns[2 * BEST], n = 0, n_columns = unnamed_sides(columns, p);
    rf_column_pair pairs[2 * BEST * BEST];
    for (int i = 0; i < n_columns; i++) {
        for (int k = i + 1; k < n_columns; k++)
            pairs[n++] = (rf_column_pair){.a = columns[i], .b = columns[k]};
    }
    RF_TRY(rf_compare_columns(pairs, n, p->sample, err));
    for (int i = 0; i < n; i++) {
        const rf_column_pair *pair = &pairs[i];
        const rf_sample_column *a = &p->sample->columns[pair->a], *b = &p->sample->columns[pair->b];
        bool b_is_part = pair->a_tells_b && comes_again(a), a_is_part = pair->b_tells_a && comes_again(b);
        if (a_is_part && b_is_part) /* two spellings: the longer one is of more */
            a_is_part = a->longest < b->longest;
        int part = a_is_part ? pair->a : b_is_part ? pair->b : -1;
        if (part >= 0) {
            p->user_score[part] *= PART;
            p->entity_score[part] *= PART;
        }
    }
done:
    return st;
}

/* Where one side is told, the other may be of those that look like it: a sender for a receiver. */
static void look_at_both(double *scores, const double *others, int n)
{
    for (int c = 0; c < n; c++)
        scores[c] = 0.8 * others[c] > scores[c] ? 0.8 * others[c] : scores[c];
}

/* Somebody said what it is for. */
static bool is_told(const rf_proposal *p, int column)
{
    for (rf_role role = 0; role < RF_ROLES; role++) {
        for (int i = 0; p->roles[role].told && i < p->roles[role].n; i++) {
            if (p->roles[role].columns[i] == column)
                return true;
        }
    }
    return false;
}

static void choose_pair(rf_proposal *p)
{
    int users[BEST], entities[BEST], n = (int)p->sample->n_columns;
    bool user_told = p->roles[RF_ROLE_USER].n > 0, entity_told = p->roles[RF_ROLE_ENTITY].n > 0;
    if (user_told)
        look_at_both(p->entity_score, p->user_score, n);
    if (entity_told)
        look_at_both(p->user_score, p->entity_score, n);
    int n_users = best_columns(users, p->user_score, n);
    int n_entities = best_columns(entities, p->entity_score, n);
    int best_u = -1, best_e = -1;
    double best = -1;
    for (int i = 0; i < (user_told ? 1 : n_users); i++) {
        for (int k = 0; k < (entity_told ? 1 : n_entities); k++) {
            int u = user_told ? p->roles[RF_ROLE_USER].columns[0] : users[i];
            int e = entity_told ? p->roles[RF_ROLE_ENTITY].columns[0] : entities[k];
            if (u == e || (!user_told && is_told(p, u)) || (!entity_told && is_told(p, e)) ||
                (u >= 0 && e >= 0 && in_two_lists(p->sample, u, e)))
                continue;
            double score = (user_told ? 0 : p->user_score[u]) + (entity_told ? 0 : p->entity_score[e]);
            if (score > best) {
                best = score;
                best_u = u;
                best_e = e;
            }
        }
    }
    if (!user_told && best_u >= 0)
        rf_choose(p, RF_ROLE_USER, best_u, p->user_score[best_u]);
    if (!entity_told && best_e >= 0)
        rf_choose(p, RF_ROLE_ENTITY, best_e, p->entity_score[best_e]);
}

/* The login beside the key of the same user is no entity. */
static rf_status pass_over_spellings(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_choice *user = &p->roles[RF_ROLE_USER], *entity = &p->roles[RF_ROLE_ENTITY];
    int columns[BEST], n = best_columns(columns, p->entity_score, (int)p->sample->n_columns), found = 0;
    rf_column_pair pairs[BEST];
    if (user->n != 1 || user->columns[0] < 0 || entity->told || entity->n != 1)
        return RF_OK;
    for (int i = 0; i < n; i++) {
        if (columns[i] != user->columns[0])
            pairs[found++] = (rf_column_pair){.a = user->columns[0], .b = columns[i]};
    }
    RF_TRY(rf_compare_columns(pairs, found, p->sample, err));
    for (int i = 0; i < found; i++) {
        const rf_sample_column *one = &p->sample->columns[pairs[i].a],
                               *other = &p->sample->columns[pairs[i].b];
        if (pairs[i].a_tells_b && pairs[i].b_tells_a && comes_again(one) && comes_again(other))
            p->entity_score[pairs[i].b] *= PART;
    }
    n = best_columns(columns, p->entity_score, (int)p->sample->n_columns);
    for (int i = n - 1; i >= 0; i--) {
        if (columns[i] != user->columns[0] && !is_told(p, columns[i]) &&
            !in_two_lists(p->sample, user->columns[0], columns[i]))
            rf_choose(p, RF_ROLE_ENTITY, columns[i], p->entity_score[columns[i]]);
    }
done:
    return st;
}

static void doubt_side(rf_proposal *p, rf_role role, const double *scores, const char *flag)
{
    const rf_choice *choice = &p->roles[role];
    rf_word_role word = role == RF_ROLE_USER ? RF_WORD_USER : RF_WORD_ENTITY;
    int second = -1;
    if (choice->told || choice->n == 0)
        return;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        if (c != choice->columns[0] && !rf_is_chosen(p, c) && (second < 0 || scores[c] > scores[second]))
            second = c;
    }
    bool near = second >= 0 && scores[second] > 0.75 * choice->score && scores[second] > 1;
    const char *first = p->sample->columns[choice->columns[0]].name;
    if (near)
        rf_doubt(p, "%s: \"%s\", but \"%s\" could be it, too: --%s \"%s\"", flag, first,
                 p->sample->columns[second].name, flag, p->sample->columns[second].name);
    else if (choice->score < NAMED && p->sample->columns[choice->columns[0]].words[word] < NAMED)
        rf_doubt(p, "%s: \"%s\" by its values alone, its name does not say so: --%s COLUMN", flag, first,
                 flag);
}

/* ---- ids of several columns ---- */

typedef struct joint {
    const int *columns;
    int n;
    bool of_items; /* of a list: each is a row */
    const rf_sample *sample;
    rf_idmap *seen;
    rf_text text;
    double rows;
} joint;

/* The values of a record, or of one of its items. */
static rf_status add_values(joint *j, const rf_cell *cells, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t id;
    int found = 0;
    rf_text_reset(&j->text);
    for (int k = 0; k < j->n; k++) {
        for (size_t i = 0; i < n; i++) {
            if (cells[i].column != j->columns[k] || !rf_raw_has_text(&cells[i].raw) ||
                cells[i].raw.text.len == 0)
                continue;
            RF_TRY(rf_text_add(&j->text, cells[i].raw.text.ptr, cells[i].raw.text.len, err));
            RF_TRY(rf_text_add(&j->text, "\x1f", 1, err));
            found++;
            break;
        }
    }
    if (found < j->n)
        goto done;
    RF_TRY(rf_idmap_intern(j->seen, j->text.ptr, j->text.len, &id, NULL, err));
    j->rows++;
done:
    return st;
}

static rf_status add_joint(void *context, const rf_cell *cells, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    joint *j = context;
    if (!j->of_items)
        return add_values(j, cells, n, err);
    for (size_t from = 0, end; from < n; from = end) {
        end = rf_item_end(cells, n, from, j->sample);
        if (cells[from].item > 0)
            RF_TRY(add_values(j, cells + from, end - from, err));
    }
done:
    return st;
}

rf_status rf_joint_distinct(double *distinct, double *rows, rf_proposal *p, const int *columns, int n,
                            rf_err *err)
{
    rf_status st = RF_OK;
    bool of_items = p->sample->columns[columns[0]].list >= 0;
    joint j = {.columns = columns, .n = n, .of_items = of_items, .sample = p->sample};
    const rf_row_reader reader = {add_joint, &j};
    RF_TRY(rf_idmap_new(&j.seen, err));
    RF_TRY(rf_sample_rows(p->sample, &reader, err));
    *distinct = rf_idmap_count(j.seen);
    *rows = j.rows;
done:
    rf_idmap_free(j.seen);
    rf_text_clear(&j.text);
    return st;
}

/* The bank in front of an account: the account's number alone may be another one at another bank. */
static rf_status join_bank(rf_proposal *p, rf_role role, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *choice = &p->roles[role];
    double alone, both, rows;
    if (choice->told || choice->n != 1 || choice->columns[0] < 1)
        return RF_OK;
    int account = choice->columns[0], bank = account - 1;
    const char *bank_name = p->sample->columns[bank].name;
    const char *what = role == RF_ROLE_USER ? "user" : "entity";
    const char *account_name = p->sample->columns[account].name;
    if (!rf_words_have(bank_name, "bank") && !rf_words_have(bank_name, "bic") &&
        !rf_words_have(bank_name, "blz"))
        return RF_OK;
    RF_TRY(rf_joint_distinct(&alone, &rows, p, &account, 1, err));
    choice->columns[0] = bank;
    choice->columns[1] = account;
    RF_TRY(rf_joint_distinct(&both, &rows, p, choice->columns, 2, err));
    if (both > alone) {
        choice->n = 2;
        choice->joined = true;
        rf_doubt(
            p,
            "%s: \"%s\" alone has %.0f values, with \"%s\" %.0f, so both are the id: --%s \"%s\" takes one",
            what, account_name, alone, bank_name, both, what, account_name);
    } else {
        choice->columns[0] = account;
        rf_doubt(p,
                 "%s: each \"%s\" has one \"%s\" here; where that is not so, both are the id: --%s '{join: "
                 "[\"%s\", \"%s\"]}'",
                 what, account_name, bank_name, what, bank_name, account_name);
    }
done:
    return st;
}

/* Both sides are written alike: one that needs its bank means that the other does, too. */
static rf_status join_banks(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *user = &p->roles[RF_ROLE_USER], *entity = &p->roles[RF_ROLE_ENTITY];
    RF_TRY(join_bank(p, RF_ROLE_USER, err));
    RF_TRY(join_bank(p, RF_ROLE_ENTITY, err));
    rf_choice *one = user->joined && !entity->joined ? entity : entity->joined && !user->joined ? user : NULL;
    if (one == NULL || one->told || one->n != 1 || one->columns[0] < 1 ||
        !rf_words_have(p->sample->columns[one->columns[0] - 1].name, "bank"))
        goto done;
    one->columns[1] = one->columns[0];
    one->columns[0]--;
    one->n = 2;
    one->joined = true;
done:
    return st;
}

/* Users who never come again are known by one event only. */
static void doubt_once(rf_proposal *p)
{
    const rf_choice *user = &p->roles[RF_ROLE_USER];
    if (user->n != 1 || user->columns[0] < 0)
        return;
    const rf_sample_column *column = &p->sample->columns[user->columns[0]];
    double values = (double)(column->values - column->null_words);
    if (values > 50 && rf_column_distinct(column) > 0.95 * values)
        rf_doubt(
            p, "user: nearly every record has another \"%s\", so hardly any user comes again: --user COLUMN",
            column->name);
}

/* One merchant that all meet, or one customer: a graph of one star. */
static void doubt_only_one(rf_proposal *p, rf_role role, const char *flag)
{
    const rf_choice *choice = &p->roles[role];
    if (choice->told || choice->n != 1 || choice->columns[0] < 0)
        return;
    const rf_sample_column *column = &p->sample->columns[choice->columns[0]];
    if (column->values > 20 && rf_column_distinct(column) < 2)
        rf_doubt(p, "%s: all records have the same \"%s\", so nothing can be compared: --%s COLUMN", flag,
                 column->name, flag);
}

rf_status rf_find_sides(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    score_columns(p);
    RF_TRY(demote_parts(p, err));
    choose_pair(p);
    RF_TRY(pass_over_spellings(p, err));
    for (rf_role role = RF_ROLE_USER; role <= RF_ROLE_ENTITY; role++) {
        if (p->roles[role].n == 0)
            RF_FAIL(err, RF_E_INVALID, "%s: no column looks like the %s; name it with --%s COLUMN",
                    p->sample->inputs[0].name,
                    role == RF_ROLE_USER ? "users (who acts)" : "entities (what is acted on)",
                    role == RF_ROLE_USER ? "user" : "entity");
    }
    doubt_side(p, RF_ROLE_USER, p->user_score, "user");
    doubt_side(p, RF_ROLE_ENTITY, p->entity_score, "entity");
    doubt_only_one(p, RF_ROLE_USER, "user");
    doubt_only_one(p, RF_ROLE_ENTITY, "entity");
    RF_TRY(join_banks(p, err));
    doubt_once(p);
done:
    return st;
}
