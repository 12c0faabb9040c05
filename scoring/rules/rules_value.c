/* rules_value.c - reads the text of a value, "max edge.amount_max / user.amount_mean": which sides it leads
 * across, what it takes there, and how two of them are joined.
 *
 * It knows the words and the possible steps; rules_bind.c checks whether a graph has a feature.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "rules_parse_int.h"

#define MOST_TEXT 1000 /* bytes of a value */
#define RESIDUAL "residual("

static const struct {
    const char *word;
    rule_how how;
} how_words[] = {{"max", RULE_MAX}, {"min", RULE_MIN},     {"mean", RULE_MEAN},
                 {"sum", RULE_SUM}, {"share", RULE_SHARE}, {"count", RULE_COUNT}};

static const struct {
    const char *word;
    rule_name name;
} name_words[] = {
    {"score", RULE_SCORE},   {"percentile", RULE_PERCENTILE},  {"x_error", RULE_X_ERROR},
    {"ce", RULE_CE},         {"robust_z", RULE_ROBUST_Z},      {"degree", RULE_DEGREE},
    {"events", RULE_EVENTS}, {"user_age_days", RULE_USER_AGE}, {"users", RULE_DEGREE},
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What truth is called. */
static const char *const labels[] = {"y", "fraud_type", "label", "look_alike", NULL};

typedef struct scan {
    const rule_reader *r;
    const char *text, *at;
    int line;
} scan;

static void skip_blanks(scan *s)
{
    while (*s->at == ' ' || *s->at == '\t')
        s->at++;
}

static size_t word_length(const char *at)
{
    size_t n = 0;
    while ((at[n] >= 'a' && at[n] <= 'z') || at[n] == '_' || (n > 0 && isdigit((unsigned char)at[n])))
        n++;
    return n;
}

/* The side whose name and dot are here, or RF_NO_SIDE; *end is what follows: "device.", "device.edge.". */
static rf_side side_at(const rf_rules *rules, const char *at, const char **end)
{
    static const char edges[] = "edge.";
    size_t n = word_length(at);
    rf_side side = at[n] == '.' ? rule_find_side(rules, at, n) : RF_NO_SIDE;
    *end = at + n + 1;
    if (side > RF_EDGE && strncmp(*end, edges, strlen(edges)) == 0) {
        *end += strlen(edges);
        side = rf_edge_side(rf_side_kind(side));
    }
    return side;
}

/* What follows the aggregation that is here, its parentheses and blanks; NULL: none is. */
static const char *after_how(const char *at, rule_how *how)
{
    size_t n = word_length(at);
    for (size_t i = 0; i < COUNT(how_words); i++) {
        if (strlen(how_words[i].word) != n || memcmp(at, how_words[i].word, n) != 0)
            continue;
        const char *next = at + n;
        if (*next == '(')
            next += strcspn(next, ")") + (strchr(next, ')') != NULL);
        *how = how_words[i].how;
        return next + strspn(next, " \t");
    }
    return NULL;
}

/* Whether an aggregation begins here, followed by a side; *end is the start of the side. */
static bool how_at(const rf_rules *rules, const char *at, rule_how *how, const char **end)
{
    rule_how found;
    const char *next = after_how(at, &found), *name;
    if (next == NULL)
        return false;
    *how = found;
    *end = next;
    return side_at(rules, next, &name) != RF_NO_SIDE;
}

/* share(0.5), count(<3): the number in parentheses. */
static rf_status read_bound(rule_step *step, const scan *s, const char *at, rf_err *err)
{
    rf_status st = RF_OK;
    const char *word = at;
    at += word_length(at);
    bool wanted = step->how == RULE_SHARE || step->how == RULE_COUNT;
    if (wanted != (*at == '('))
        RULE_FAIL(s->r, s->line,
                  wanted ? "\"%s\": share and count need a number to compare with: share(0.5), or "
                           "count(<3) for values below it"
                         : "\"%s\": only share and count take a number in parentheses",
                  s->text);
    if (!wanted)
        goto done;
    at++;
    if (*at == '<') {
        step->below = true;
        at++;
    }
    size_t len = strcspn(at, ")");
    if (at[len] != ')' || !rf_double_parse(&step->bound, at, len))
        RULE_FAIL(s->r, s->line, "\"%s\": the parentheses after %.5s hold no number", s->text, word);
done:
    return st;
}

/* Each node knows the edges of its own kind, and each edge its two ends. What is of another kind is beyond
 * the user. */
static rf_status check_kind(const scan *s, rule_step step, const char *from, const char *to, rf_err *err)
{
    rf_status st = RF_OK;
    if (step.from == RF_USER || step.to == RF_USER || rf_side_kind(step.from) == rf_side_kind(step.to))
        return RF_OK;
    if (rf_side_role(step.from) == RF_EDGE)
        RULE_FAIL(s->r, s->line,
                  "\"%s\": an edge has one user and one entity, and no way to %s; go through the user: "
                  "user.max %s.NAME",
                  s->text, to, to);
    RULE_FAIL(s->r, s->line, "\"%s\": %s has no direct way to %s; go through its users: max user.max %s.NAME",
              s->text, from, to, to);
done:
    return st;
}

/* One step to `to`, which is named next. */
static rf_status add_step(rule_operand *out, const scan *s, rule_step step, rf_err *err)
{
    rf_status st = RF_OK;
    char to[RULE_SIDE_TEXT], from[RULE_SIDE_TEXT];
    const rf_side role = rf_side_role(step.to);
    rule_side_text(to, s->r->rules, step.to);
    rule_side_text(from, s->r->rules, step.from);
    RF_TRY(check_kind(s, step, from, to, err));
    if (step.how != RULE_END && rf_side_role(step.from) == RF_EDGE)
        RULE_FAIL(s->r, s->line,
                  "\"%s\": an edge has one user and one entity; write %s.NAME without max, mean or "
                  "the like",
                  s->text, to);
    if (step.how != RULE_END && step.from == step.to)
        RULE_FAIL(s->r, s->line, "\"%s\": %s has no direct way to %s; go through its edges or its %s first",
                  s->text, from, to,
                  step.from == RF_USER ? "entities: max entity.mean user.NAME"
                                       : "users: max user.mean entity.NAME");
    if (step.how == RULE_END && rf_side_role(step.from) != RF_EDGE)
        RULE_FAIL(s->r, s->line,
                  "\"%s\": the %s has several %s: put max, min, mean, sum, share(X) or count(X) in "
                  "front of %s.",
                  s->text, from,
                  role == RF_EDGE   ? "edges"
                  : role == RF_USER ? "users"
                                    : "entities",
                  to);
    if (out->n_steps == RF_RULE_STEPS)
        RULE_FAIL(s->r, s->line, "\"%s\" leads across more than %d steps", s->text, RF_RULE_STEPS);
    out->steps[out->n_steps++] = step;
done:
    return st;
}

/* ---- names ---- */

/* A feature's name: between backquotes, or up to a blank (or the parenthesis that ends residual). */
static rf_status read_feature(const char **out, scan *s, const char *ends, rf_err *err)
{
    rf_status st = RF_OK;
    bool quoted = *s->at == '`';
    if (quoted)
        s->at++;
    size_t len = strcspn(s->at, quoted ? "`" : ends);
    if (len == 0 || (quoted && s->at[len] != '`'))
        RULE_FAIL(s->r, s->line, "\"%s\": the name of a feature is missing%s", s->text,
                  quoted ? "; names in backquotes end with one, too" : "");
    *out = rf_keep_text(&s->r->rules->keep, s->at, len, err);
    if (*out == NULL)
        return RF_E_NOMEM;
    s->at += len + (quoted ? 1 : 0);
done:
    return st;
}

/* What the side has of that name: a feature's residual, one of the known words, or a feature. y, fraud_type
 * and the like are labels, which rules must not use. */
static rf_status read_name(rule_operand *out, scan *s, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_side role = rf_side_role(out->side);
    if (strncmp(s->at, RESIDUAL, strlen(RESIDUAL)) == 0) {
        s->at += strlen(RESIDUAL);
        out->name = RULE_RESIDUAL;
        RF_TRY(read_feature(&out->feature, s, ") \t", err));
        if (*s->at != ')')
            RULE_FAIL(s->r, s->line, "\"%s\": residual(FEATURE) ends with a parenthesis", s->text);
        s->at++;
    } else {
        bool quoted = *s->at == '`'; /* then it is a feature, whatever it is called */
        out->name = RULE_FEATURE;
        RF_TRY(read_feature(&out->feature, s, " \t", err));
        for (size_t i = 0; i < COUNT(name_words) && !quoted; i++) {
            bool of_entities = strcmp(name_words[i].word, "users") == 0; /* of others a feature */
            if (strcmp(out->feature, name_words[i].word) == 0 && (!of_entities || role == RF_ENTITY))
                out->name = name_words[i].name;
        }
    }
    if (out->name == RULE_CE && role != RF_EDGE)
        RULE_FAIL(s->r, s->line, "\"%s\": only edges have ce; write max edge.ce", s->text);
    if (out->name == RULE_USER_AGE && role != RF_EDGE)
        RULE_FAIL(s->r, s->line, "\"%s\": only edges have user_age_days; write max edge.user_age_days",
                  s->text);
    if (out->name == RULE_DEGREE && role == RF_EDGE)
        RULE_FAIL(s->r, s->line, "\"%s\": edges have no degree; write user.degree or entity.degree", s->text);
    for (int i = 0; labels[i] != NULL; i++) {
        if (strcmp(out->feature, labels[i]) == 0)
            RULE_FAIL(s->r, s->line, "\"%s\": rules never see labels, and %s is one", s->text, labels[i]);
    }
done:
    return st;
}

/* ---- operands ---- */

/* The word that no side is called, if it is followed by a dot behind an aggregation: "max devise.users". */
static const char *doubtful_word(const char *at)
{
    rule_how how;
    const char *next = after_how(at, &how);
    return next != NULL && word_length(next) > 0 && next[word_length(next)] == '.' ? next : at;
}

static rf_status no_side(const scan *s, rf_err *err)
{
    const char *words[RULE_SIDE_WORDS + COUNT(how_words)], *at = doubtful_word(s->at);
    char word[64];
    int n = 0;
    rule_side_words(words, s->r->rules);
    while (words[n] != NULL)
        n++;
    for (size_t i = 0; i < COUNT(how_words); i++)
        words[n++] = how_words[i].word;
    words[n] = NULL;
    size_t len = word_length(at);
    if (len >= sizeof word)
        len = sizeof word - 1;
    memcpy(word, at, len);
    word[len] = '\0';
    const char *nearest = len > 0 ? rf_nearest(word, words) : NULL;
    if (nearest != NULL && strcmp(nearest, word) != 0)
        return rule_fail(s->r, s->line, err, "\"%s\": unknown word \"%s\"; did you mean %s?", s->text, word,
                         nearest);
    return rule_fail(s->r, s->line, err,
                     "\"%s\": expected user.NAME, entity.NAME or edge.NAME%s, with max, min, mean, sum, "
                     "share(X) or count(X) in front where several are meant%s",
                     s->text, *at == '\0' ? "" : " before this ends",
                     len > 0 && at[len] == '.' ? "; other kinds of entity stand in the file's list `kinds`"
                                               : "");
}

static rf_status read_operand(rule_operand *out, scan *s, rf_side subject, rf_err *err)
{
    rf_status st = RF_OK;
    rf_side at_side = subject;
    *out = (rule_operand){0};
    skip_blanks(s);
    const char *digit = s->at + (*s->at == '-');
    if (isdigit((unsigned char)*digit) || *digit == '.') {
        size_t len = strcspn(s->at, " \t");
        out->name = RULE_NUMBER;
        if (!rf_double_parse(&out->number, s->at, len))
            RULE_FAIL(s->r, s->line, "\"%s\": %.*s is not a number", s->text, (int)len, s->at);
        s->at += len;
        goto done;
    }
    for (;;) {
        rule_step step = {.how = RULE_END, .from = at_side};
        const char *next = s->at;
        bool aggregates = how_at(s->r->rules, s->at, &step.how, &next);
        if (aggregates)
            RF_TRY(read_bound(&step, s, s->at, err));
        step.to = side_at(s->r->rules, next, &next);
        if (step.to == RF_NO_SIDE)
            RF_TRY(no_side(s, err));
        if (aggregates || step.to != at_side)
            RF_TRY(add_step(out, s, step, err));
        at_side = step.to;
        s->at = next;
        rule_how how;
        const char *end;
        if (!how_at(s->r->rules, s->at, &how, &end))
            break;
    }
    out->side = at_side;
    RF_TRY(read_name(out, s, err));
done:
    return st;
}

static rf_status read_operator(rule_value *out, scan *s, rf_err *err)
{
    rf_status st = RF_OK;
    skip_blanks(s);
    if (*s->at == '\0')
        goto done;
    if (out->n == 2)
        RULE_FAIL(s->r, s->line, "\"%s\": one operator at most; make two signals of it", s->text);
    if (strchr("*/+-", *s->at) == NULL || (s->at[1] != ' ' && s->at[1] != '\t'))
        RULE_FAIL(s->r, s->line,
                  "\"%s\": after a value comes the end, or one of * / + - with a blank on each side; put a "
                  "name with blanks into backquotes: user.`pay=credit card`",
                  s->text);
    out->op = *s->at++;
done:
    return st;
}

rf_status rule_read_value(rule_value *out, const rule_reader *r, const rf_yaml_node *node, rf_side subject,
                          rf_err *err)
{
    rf_status st = RF_OK;
    *out = (rule_value){0};
    if (node->kind != RF_YAML_SCALAR || node->text[0] == '\0')
        RULE_FAIL(r, node->line, "value is a text like user.amount_mean or \"max edge.amount_mean\"");
    if (strlen(node->text) > MOST_TEXT)
        RULE_FAIL(r, node->line, "value is longer than %d bytes", MOST_TEXT);
    for (const char *at = node->text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20)
            RULE_FAIL(r, node->line, "value has a control character in it");
    }
    out->text = node->text;
    scan s = {.r = r, .text = node->text, .at = node->text, .line = node->line};
    out->n = 1;
    RF_TRY(read_operand(&out->operand[0], &s, subject, err));
    RF_TRY(read_operator(out, &s, err));
    if (out->op != 0) {
        out->n = 2;
        RF_TRY(read_operand(&out->operand[1], &s, subject, err));
        RF_TRY(read_operator(out, &s, err));
    }
    if (out->n == 1 && out->operand[0].name == RULE_NUMBER)
        RULE_FAIL(r, node->line, "value is only a number; name something of the subject");
done:
    return st;
}
