/* proposal_gaps.c - records that are not of the kind that is wanted, or lack what an event needs: rows of
 * change events, other types of events among them, users who are known by another field only.
 */
#include "proposal_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"

#define LONGEST_NAME 300 /* of a column, in a condition */
#define FEW 0.002        /* share of records that may lack a side without another word */

/* ---- conditions ---- */

static bool is_simple(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(text);
}

static void add_condition(rf_proposal *p, const char *name, const char *rest)
{
    const char *quote = is_simple(name) ? "" : "\"";
    if (p->n_where < RF_PROPOSED_CONDITIONS && strlen(name) <= LONGEST_NAME &&
        strlen(name) + strlen(rest) + 4 < RF_CONDITION_TEXT && strchr(name, '"') == NULL)
        snprintf(p->where[p->n_where++], RF_CONDITION_TEXT, "%s%.300s%s %.330s", quote, name, quote, rest);
}

/* ---- change events: {"before": ..., "after": {...}, "op": "c"} ---- */

static bool has_only(const rf_sample_column *column, const char *letters)
{
    if (column->more_top || column->n_top == 0)
        return false;
    for (int i = 0; i < column->n_top; i++) {
        if (column->top[i].len != 1 || strchr(letters, column->top[i].text[0]) == NULL)
            return false;
    }
    return true;
}

static bool has_prefix(const rf_sample *sample, const char *prefix)
{
    for (size_t c = 0; c < sample->n_columns; c++) {
        if (strncmp(sample->columns[c].name, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

/* A row without its envelope: {"id": 7, ..., "__op": "c", "__deleted": "false"}. */
static void find_flat_change(rf_proposal *p)
{
    int op = rf_sample_find(p->sample, "__op"), deleted = rf_sample_find(p->sample, "__deleted");
    if (op >= 0 && has_only(&p->sample->columns[op], "crudtm"))
        add_condition(p, "__op", "in c, r");
    else if (deleted >= 0 && !p->sample->columns[deleted].more_top)
        add_condition(p, "__deleted", "!= true");
    if (p->n_where == 0)
        return;
    p->changes = true;
    rf_doubt(p,
             "source.where: records are changes of rows; only these are events: %.100s (take the line out to "
             "count all)",
             p->where[0]);
}

void rf_find_scope(rf_proposal *p)
{
    static const char *const fronts[] = {"", "payload."};
    char op[32];
    p->scope[0] = '\0';
    for (size_t i = 0; i < sizeof fronts / sizeof *fronts && p->sample->format != RF_FORMAT_CSV; i++) {
        char after[32];
        snprintf(op, sizeof op, "%sop", fronts[i]);
        snprintf(after, sizeof after, "%safter.", fronts[i]);
        int column = rf_sample_find(p->sample, op);
        if (column < 0 || !has_only(&p->sample->columns[column], "crudtm") || !has_prefix(p->sample, after))
            continue;
        snprintf(p->scope, sizeof p->scope, "%s", after);
        p->changes = true;
        p->scope_share = 0;
        for (size_t c = 0; c < p->sample->n_columns; c++) {
            double share = rf_column_share(p->sample, (int)c);
            if (strncmp(p->sample->columns[c].name, after, strlen(after)) == 0 && share > p->scope_share)
                p->scope_share = share;
        }
        snprintf(p->where[p->n_where++], RF_CONDITION_TEXT, "%s in c, r", op);
        rf_doubt(p,
                 "source.where: records are changes of rows; only new ones (%s in c, r) are events, not "
                 "updates and "
                 "deletions",
                 op);
        return;
    }
    find_flat_change(p);
}

/* ---- records without a side, by the type of the record ---- */

#define MOST_TYPES 40

typedef struct by_type {
    const rf_proposal *p;
    int type; /* column */
    const char *texts[MOST_TYPES];
    size_t lens[MOST_TYPES];
    int64_t records[MOST_TYPES], whole[MOST_TYPES]; /* with user and entity */
    int n;
} by_type;

static bool row_has(const rf_proposal *p, const rf_cell *cells, size_t n, const rf_choice *choice)
{
    for (int k = 0; k < choice->n; k++) {
        bool has = choice->columns[k] < 0;
        for (size_t i = 0; i < n && !has; i++)
            has = cells[i].column == choice->columns[k] && rf_raw_has_text(&cells[i].raw) &&
                  cells[i].raw.text.len > 0 && !rf_null_words_has(&p->sample->null_words, cells[i].raw.text);
        if (has && !choice->joined)
            return true;
        if (!has && choice->joined)
            return false;
    }
    return choice->joined;
}

static rf_status count_type(void *context, const rf_cell *cells, size_t n, rf_err *err)
{
    by_type *b = context;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        if (cells[i].column != b->type || !rf_raw_has_text(&cells[i].raw))
            continue;
        for (int k = 0; k < b->n; k++) {
            if (b->lens[k] != cells[i].raw.text.len ||
                memcmp(b->texts[k], cells[i].raw.text.ptr, b->lens[k]) != 0)
                continue;
            b->records[k]++;
            b->whole[k] += row_has(b->p, cells, n, &b->p->roles[RF_ROLE_USER]) &&
                           row_has(b->p, cells, n, &b->p->roles[RF_ROLE_ENTITY]);
        }
        break;
    }
    return RF_OK;
}

static bool is_type_column(const rf_proposal *p, int c)
{
    static const char *const words[] = {"type", "event", "kind", "action", "object", "topic", "op"};
    const rf_sample_column *column = &p->sample->columns[c];
    bool named = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        named = named || rf_words_have(column->name, words[i]);
    return named && !column->more_top && column->n_top >= 2 && column->n_top <= MOST_TYPES &&
           column->list < 0 && rf_column_share(p->sample, c) > 0.98 && !rf_is_chosen(p, c);
}

/* The words of the types all of whose records have both sides, if the others have none of them. */
static rf_status divide(bool *divides, rf_proposal *p, int c, rf_err *err)
{
    rf_status st = RF_OK;
    by_type *b = NULL;
    rf_text text = {0};
    const rf_sample_column *column = &p->sample->columns[c];
    const rf_row_reader reader = {count_type, NULL};
    int wanted = 0;
    *divides = true;
    RF_ZERO(b, 1, err);
    b->p = p;
    b->type = c;
    for (; b->n < column->n_top; b->n++) {
        b->texts[b->n] = column->top[b->n].text;
        b->lens[b->n] = column->top[b->n].len;
    }
    RF_TRY(rf_sample_rows(p->sample, &(rf_row_reader){reader.row, b}, err));
    RF_TRY(rf_text_printf(&text, err, "in "));
    for (int i = 0; i < b->n && *divides; i++) {
        bool all = b->whole[i] > 0 && (double)b->whole[i] >= 0.99 * (double)b->records[i];
        bool none = (double)b->whole[i] <= 0.01 * (double)b->records[i];
        *divides = (all || none) && strpbrk(b->texts[i], ",\"") == NULL;
        if (all)
            RF_TRY(rf_text_printf(&text, err, is_simple(b->texts[i]) ? "%s%s" : "%s\"%s\"",
                                  wanted++ == 0 ? "" : ", ", b->texts[i]));
    }
    int before = p->n_where;
    if (*divides && wanted > 0 && wanted < b->n && text.len < 330)
        add_condition(p, column->name, text.ptr);
    *divides = p->n_where > before;
done:
    rf_text_clear(&text);
    rf_mem_free(b);
    return st;
}

/* ---- another field for those who lack the first ---- */

static int fallback_of(const rf_proposal *p)
{
    int best = -1;
    double most = 2;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        double words = column->words[RF_WORD_USER];
        bool mail = rf_words_have(column->name, "email");
        bool text = column->texts > 0 && p->types[c].meaning == RF_MEANS_TEXT && column->list < 0;
        double score = (mail ? 8 : words * 0.5) * rf_column_share(p->sample, c);
        if (!rf_is_chosen(p, c) && text && mail && rf_column_distinct(column) > 3 && score > most) {
            best = c;
            most = score;
        }
    }
    return best;
}

typedef struct presence {
    const rf_proposal *p;
    const rf_choice *choice;
    int64_t rows, has;
} presence;

static rf_status count_presence(void *context, const rf_cell *cells, size_t n, rf_err *err)
{
    presence *seen = context;
    (void)err;
    seen->rows++;
    seen->has += row_has(seen->p, cells, n, seen->choice);
    return RF_OK;
}

static rf_status lacking_share(double *share, rf_proposal *p, const rf_choice *choice, rf_err *err)
{
    rf_status st = RF_OK;
    presence seen = {.p = p, .choice = choice};
    const rf_row_reader reader = {count_presence, &seen};
    *share = 0;
    if (rf_last_column(choice) < 0 ||
        (choice->n == 1 && rf_column_share(p->sample, choice->columns[0]) >= 1 - FEW))
        return RF_OK;
    RF_TRY(rf_sample_rows(p->sample, &reader, err));
    *share = seen.rows == 0 ? 0 : 1 - (double)seen.has / (double)seen.rows;
done:
    return st;
}

static rf_status add_fallback(double *lack, rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *user = &p->roles[RF_ROLE_USER];
    int other = user->n == 1 && !user->told && user->columns[0] >= 0 ? fallback_of(p) : -1;
    double left;
    if (other < 0)
        return RF_OK;
    user->columns[1] = other;
    user->n = 2;
    RF_TRY(lacking_share(&left, p, user, err));
    if (left > 0.5 * *lack) {
        user->n = 1;
        return RF_OK;
    }
    rf_doubt(p,
             "user: %.1f %% of the records lack \"%s\", there \"%s\" takes its place: --user \"%s\" leaves "
             "them out",
             100 * *lack, p->sample->columns[user->columns[0]].name, p->sample->columns[other].name,
             p->sample->columns[user->columns[0]].name);
    *lack = left;
done:
    return st;
}

/* Records that have no id there, or a word for nothing, are not wanted. */
static void want_side(rf_proposal *p, rf_role role, double lack)
{
    const rf_choice *side = &p->roles[role];
    int last = rf_last_column(side);
    char unlike[300] = "not in ";
    if (last < 0 || (side->n > 1 && !side->joined)) /* of several fields none can be asked for alone */
        return;
    const rf_sample_column *column = &p->sample->columns[last];
    if (strchr(column->name, '[') != NULL)
        return;
    if (column->null_words == 0 || column->records + column->null_words < p->sample->records)
        add_condition(p, column->name, "exists");
    for (int word = 0; word < 31 && word < p->sample->null_words.n; word++) {
        size_t len = strlen(unlike);
        if ((column->null_mask >> word & 1) != 0)
            snprintf(unlike + len, sizeof unlike - len, "%s\"%s\"", unlike[len - 1] == ' ' ? "" : ", ",
                     p->sample->null_words.words[word]);
    }
    if (column->null_words > 0)
        add_condition(p, column->name, unlike);
    rf_doubt(p, "source.where: %.1f %% of the records have no \"%s\" and are passed over", 100 * lack,
             column->name);
}

rf_status rf_fill_gaps(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    double lack[2] = {0, 0};
    bool divides = false;
    if (p->told.options->fields.n_where > 0 || p->changes)
        return RF_OK;
    RF_TRY(lacking_share(&lack[0], p, &p->roles[RF_ROLE_USER], err));
    RF_TRY(lacking_share(&lack[1], p, &p->roles[RF_ROLE_ENTITY], err));
    if (lack[0] <= FEW && lack[1] <= FEW)
        return RF_OK;
    for (int c = 0; c < (int)p->sample->n_columns && !divides; c++) {
        if (is_type_column(p, c))
            RF_TRY(divide(&divides, p, c, err));
    }
    if (divides) {
        rf_doubt(
            p,
            "source.where: other kinds of records have no user and entity, so only these are events: %.200s",
            p->where[p->n_where - 1]);
        return RF_OK;
    }
    if (lack[0] > FEW)
        RF_TRY(add_fallback(&lack[0], p, err));
    for (rf_role role = RF_ROLE_USER; role <= RF_ROLE_ENTITY; role++) {
        if (lack[role] > FEW)
            want_side(p, role, lack[role]);
    }
done:
    return st;
}
