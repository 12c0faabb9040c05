/* role_time.c - when did it happen? A column of moments, several columns that make one, numbers since 1970,
 * or steps that count from the table's own beginning.
 */
#include "proposal_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BEGINNING "2020-01-01" /* of steps that do not say when they begin */

static double order_of(const rf_sample_column *column)
{
    double steps = (double)(column->rising + column->falling + column->steady);
    double up = (double)(column->rising + column->steady), down = (double)(column->falling + column->steady);
    return steps == 0 ? 0 : fmax(up, down) / steps;
}

static double birthday_words(const char *name)
{
    static const char *const words[] = {"dob",     "birth",  "birthday",   "signup",  "registered",
                                        "expires", "expiry", "expiration", "updated", "modified",
                                        "end",     "due",    "cancelled",  "closed",  "member",
                                        "since",   "joined", "pushed",     "merged",  "deleted"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (rf_words_have(name, words[i]))
            return i < 3 ? 9 : 4;
    }
    return 0;
}

static bool is_counter(const rf_sample_column *column, const rf_column_type *type)
{
    return type->plain_number && (type->meaning == RF_MEANS_NUMBER || type->meaning == RF_MEANS_CONSTANT) &&
           column->least >= 0 && column->whole == column->figures;
}

#define LOG_COLUMNS 5 /* of fewer, such as pairs that are sorted, the first is an id */

bool rf_is_bare_step(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    double values = (double)(column->values - column->null_words);
    if (strcmp(column->name, "#1") != 0 || p->sample->n_columns < LOG_COLUMNS ||
        !is_counter(column, &p->types[c]) || column->falling > 0 || column->rising < 20 ||
        rf_column_distinct(column) > 0.9 * values)
        return false;
    for (int other = 0; other < (int)p->sample->n_columns; other++) {
        if (p->types[other].meaning == RF_MEANS_TIME || p->types[other].may_be_epoch)
            return false;
    }
    return true;
}

static double time_score(const rf_proposal *p, int c)
{
    const rf_sample_column *column = &p->sample->columns[c];
    const rf_column_type *type = &p->types[c];
    const char *name = column->name;
    bool envelope = p->scope[0] != '\0' && strncmp(name, p->scope, strlen(p->scope)) != 0;
    if (envelope && strstr(name, "ts_ms") == NULL)
        return 0;
    double words = column->words[RF_WORD_TIME], order = order_of(column), share = rf_scoped_share(p, c);
    double score = 0;
    if (type->clock_only || column->n_kept == 0 || !rf_sample_everywhere(p->sample, c))
        return 0;
    if (type->meaning == RF_MEANS_TIME)
        score = 5 + words + (order > 0.9 ? 2 : 0) - (type->date_only ? 3 : 0);
    else if (type->may_be_epoch && (words >= 4 || order > 0.9 || name[0] == '#'))
        score = 3 + words + (order > 0.9 ? 2 : 0);
    else if (type->may_be_serial)
        score = 2 + words;
    else if (is_counter(column, type) && words >= 4 && (order > 0.9 || words >= 8))
        score = 0.5 + 0.5 * words + (order > 0.98 ? 2 : 0);
    else if (rf_is_bare_step(p, c))
        score = 2;
    if (score == 0 || !rf_is_of_event(p, c))
        return 0;
    return (score - birthday_words(name) - 0.003 * (c < 100 ? c : 100) - (envelope ? 4 : 0)) * share * share;
}

/* ---- one column ---- */

#define SECONDS_TO_1990 631152000.0

/* How long one of the numbers is, in seconds; 0: the notation is none of numbers. */
static double unit_s(rf_time_notation notation)
{
    static const double units[] = {
        [RF_TIME_S] = 1,        [RF_TIME_MS] = 1e-3,    [RF_TIME_US] = 1e-6,    [RF_TIME_NS] = 1e-9,
        [RF_TIME_MINUTES] = 60, [RF_TIME_HOURS] = 3600, [RF_TIME_DAYS] = 86400, [RF_TIME_STRPTIME] = 0};
    return units[notation];
}

static const char *unit_word(rf_time_notation notation)
{
    double unit = unit_s(notation);
    return unit == 86400  ? "days"
           : unit == 3600 ? "hours"
           : unit == 60   ? "minutes"
           : unit == 1    ? "seconds"
                          : "fractions of a second";
}

/* Days as spreadsheets count them. */
static void take_serial(rf_proposal *p, const rf_sample_column *column)
{
    p->notation = RF_TIME_DAYS;
    p->counts_from = true;
    snprintf(p->since, sizeof p->since, "1899-12-30");
    rf_doubt(p,
             "time: \"%s\" is taken for days as spreadsheets count them, since %s: --time-format UNIT, "
             "--time-since DATE",
             column->name, p->since);
}

/* What was not told of steps is a guess. */
static void doubt_steps(rf_proposal *p, const char *name)
{
    const char *unit = p->told.time_format            ? ""
                       : p->notation == RF_TIME_HOURS ? "--time-format d (days)"
                                                      : "--time-format h (hours)";
    const char *since = p->told.time_since ? "" : "--time-since DATE";
    if (!p->told.time_format || !p->told.time_since)
        rf_doubt(p, "time: \"%s\" counts %s; taken as %s since %s: %s%s%s", name,
                 p->told.time_since ? "in an unknown unit" : "from an unknown moment", unit_word(p->notation),
                 p->since, unit, *unit != '\0' && *since != '\0' ? ", " : "", since);
}

/* The unit of steps: seconds where they are large, else what the name says, else hours. */
static rf_time_notation step_unit(const rf_sample_column *column)
{
    bool days = rf_words_have(column->name, "day") || rf_words_have(column->name, "days") ||
                rf_words_have(column->name, "week");
    return column->most > 20000 ? RF_TIME_S : days ? RF_TIME_DAYS : RF_TIME_HOURS;
}

/* Numbers that count from the table's own beginning, as they would lie before 1990 otherwise. */
static void take_steps(rf_proposal *p, const rf_sample_column *column)
{
    if (!p->told.time_format)
        p->notation = step_unit(column);
    else if (!p->told.time_since && column->least * unit_s(p->notation) >= SECONDS_TO_1990)
        return;
    p->counts_from = true;
    if (!p->told.time_since)
        snprintf(p->since, sizeof p->since, "%s", BEGINNING);
    doubt_steps(p, column->name);
}

static void doubt_day_first(rf_proposal *p, int c, const char *pattern)
{
    if (p->types[c].day_first_unsure)
        rf_doubt(
            p,
            "time: whether \"%s\" has the day or the month first: --time-format \"%s\", or the other way "
            "round",
            p->sample->columns[c].name, pattern);
}

/* By what was told, and else by what the column holds. */
static void take_format(rf_proposal *p, int c)
{
    const rf_column_type *type = &p->types[c];
    bool told = p->told.time_format;
    if (told ? unit_s(p->notation) > 0 : type->meaning != RF_MEANS_TIME && type->plain_number) {
        p->zoned = true;
        if (type->may_be_serial && !told && !p->told.time_since)
            take_serial(p, &p->sample->columns[c]);
        else if (!type->may_be_epoch && type->plain_number)
            take_steps(p, &p->sample->columns[c]);
        else if (!told)
            p->notation = type->notation;
        return;
    }
    p->zoned = type->zoned;
    if (told || type->meaning != RF_MEANS_TIME)
        return;
    p->notation = type->notation;
    snprintf(p->pattern, sizeof p->pattern, "%s", type->pattern);
    doubt_day_first(p, c, p->pattern);
}

/* ---- several columns ---- */

static int find_part(const rf_proposal *p, const char *const *words, double least, double most)
{
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        if (!p->types[c].plain_number || column->least < least || column->most > most)
            continue;
        for (const char *const *word = words; *word != NULL; word++) {
            const char *name = column->plain;
            size_t len = strlen(name), n = strlen(*word);
            if (len >= n && len <= n + 5 && rf_words_have(name, *word))
                return c;
        }
    }
    return -1;
}

static int find_clock_column(const rf_proposal *p)
{
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        if (p->types[c].clock_only && rf_column_share(p->sample, c) > 0.9)
            return c;
    }
    return -1;
}

static void set_parts(rf_proposal *p, const int *columns, int n, const char *pattern)
{
    rf_choice *time = &p->roles[RF_ROLE_TIME];
    memcpy(time->columns, columns, (size_t)n * sizeof *columns);
    time->n = n;
    time->joined = false;
    time->score = 8;
    if (p->told.time_format)
        return;
    p->notation = RF_TIME_STRPTIME;
    snprintf(p->pattern, sizeof p->pattern, "%.*s", (int)sizeof p->pattern - 1, pattern);
}

/* Year, Month, Day and perhaps Time, or Hour and Minute. */
static bool choose_calendar(rf_proposal *p)
{
    static const char *const years[] = {"year", "yr", "yyyy", "jahr", "annee", "anno", NULL};
    static const char *const months[] = {"month", "mon", "mm", "monat", "mois", "mes", NULL};
    static const char *const days[] = {"day", "dd", "dom", "tag", "jour", "dia", NULL};
    static const char *const hours[] = {"hour", "hh", "hr", "stunde", NULL};
    static const char *const minutes[] = {"minute", "min", NULL};
    int parts[5] = {find_part(p, years, 1900, 2099), find_part(p, months, 1, 12), find_part(p, days, 1, 31)};
    char pattern[64] = "%Y %m %d";
    int n = 3;
    if (parts[0] < 0 || parts[1] < 0 || parts[2] < 0)
        return false;
    int clock = find_clock_column(p), hour = find_part(p, hours, 0, 23),
        minute = find_part(p, minutes, 0, 59);
    if (clock >= 0) {
        parts[n++] = clock;
        snprintf(pattern + strlen(pattern), 24, " %.20s", p->types[clock].pattern);
    } else if (hour >= 0) {
        parts[n++] = hour;
        strcat(pattern, " %H");
        if (minute >= 0) {
            parts[n++] = minute;
            strcat(pattern, " %M");
        }
    }
    set_parts(p, parts, n, pattern);
    return true;
}

/* A date in one column, and the time of day in another. */
static bool add_clock(rf_proposal *p, int date)
{
    char pattern[RF_TYPE_PATTERNS];
    const rf_column_type *type = &p->types[date];
    int clock = find_clock_column(p);
    if (!type->date_only || clock < 0 || strchr(type->pattern, '\n') != NULL)
        return false;
    snprintf(pattern, sizeof pattern, "%.100s %.20s",
             type->notation == RF_TIME_ISO8601 ? "%Y-%m-%d" : type->pattern, p->types[clock].pattern);
    set_parts(p, (const int[]){date, clock}, 2, pattern);
    if (!p->told.time_format)
        doubt_day_first(p, date, pattern);
    return true;
}

/* All of "+0200", or "+0200]" as access logs write it. */
static bool has_offsets(const rf_sample_column *column, const char *end)
{
    const size_t len = 5 + strlen(end);
    if (column->n_kept == 0 || column->shortest != len || column->longest != len)
        return false;
    for (int i = 0; i < column->n_kept; i++) {
        const char *text = column->kept[i].text;
        if (strchr("+-", text[0]) == NULL || strspn(text + 1, "0123456789") != 4 ||
            strcmp(text + 5, end) != 0)
            return false;
    }
    return true;
}

/* The offset stands in the column behind. */
static bool add_offset(rf_proposal *p, int moment)
{
    char pattern[RF_TYPE_PATTERNS];
    const rf_column_type *type = &p->types[moment];
    const int behind = moment + 1;
    if (behind == (int)p->sample->n_columns || type->notation != RF_TIME_STRPTIME || type->zoned ||
        strchr(type->pattern, '\n') != NULL)
        return false;
    const char *end = type->pattern[0] == '[' ? "]" : "";
    if (!has_offsets(&p->sample->columns[behind], end))
        return false;
    snprintf(pattern, sizeof pattern, "%.100s %%z%s", type->pattern, end);
    set_parts(p, (const int[]){moment, behind}, 2, pattern);
    p->zoned = true;
    return true;
}

/* ---- the time ---- */

static int best_time(double *score, const rf_proposal *p, int but)
{
    int best = -1;
    *score = 0;
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        double here = c == but || rf_is_chosen(p, c) ? 0 : time_score(p, c);
        if (here > *score) {
            best = c;
            *score = here;
        }
    }
    return best;
}

static void choose_time(rf_proposal *p)
{
    double score, next;
    int best = best_time(&score, p, -1);
    bool whole = best >= 0 && p->types[best].meaning == RF_MEANS_TIME && !p->types[best].date_only;
    if (!whole && (best < 0 || !p->types[best].may_be_epoch) && choose_calendar(p))
        return;
    if (best < 0 || score < 1.5)
        return;
    if (add_clock(p, best) || add_offset(p, best))
        return;
    rf_choose(p, RF_ROLE_TIME, best, score);
    take_format(p, best);
    int second = best_time(&next, p, best);
    if (second >= 0 && next > 0.85 * score)
        rf_doubt(p, "time: \"%s\", but \"%s\" could be it, too: --time \"%s\"", p->sample->columns[best].name,
                 p->sample->columns[second].name, p->sample->columns[second].name);
}

/* Where the file spans more than the usual window, all of it is of interest. */
static void choose_window(rf_proposal *p)
{
    const rf_choice *time = &p->roles[RF_ROLE_TIME];
    p->window_all = !p->sample->of_topic && time->n > 0;
}

/* A time that is always the same tells nothing, but it is there: -1 where there is none. */
static int constant_time(const rf_proposal *p)
{
    for (int c = 0; c < (int)p->sample->n_columns; c++) {
        const rf_sample_column *column = &p->sample->columns[c];
        rf_column_type type = p->types[c];
        int64_t us;
        if (type.meaning != RF_MEANS_CONSTANT || column->n_kept == 0)
            continue;
        type.notation = RF_TIME_ISO8601;
        if (rf_kept_moment(&us, &type, &column->kept[0]))
            return c;
    }
    return -1;
}

static void doubt_no_time(rf_proposal *p)
{
    const int constant = constant_time(p);
    if (constant >= 0)
        rf_doubt(p,
                 "time: \"%s\" is the same in all records, so all events count as one moment: --time \"%s\"",
                 p->sample->columns[constant].name, p->sample->columns[constant].name);
    else
        rf_doubt(p, "time: no column is one, so all events count as one moment: --time COLUMN");
}

rf_status rf_find_time(rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    rf_choice *time = &p->roles[RF_ROLE_TIME];
    (void)err;
    if (time->n == 1 && time->columns[0] >= 0)
        take_format(p, time->columns[0]);
    else if (time->n == 1)
        p->zoned = p->zoned || strcmp(time->names[0], "$timestamp") == 0;
    else if (time->n == 0 && !p->told.none[RF_ROLE_TIME])
        choose_time(p);
    if (time->n == 0 && p->sample->of_topic) {
        time->n = 1;
        time->columns[0] = -1;
        time->names[0] = "$timestamp";
        p->zoned = true;
        rf_doubt(p, "time: no field of the messages is one, so it is the messages' own: --time FIELD");
    } else if (time->n == 0) {
        doubt_no_time(p);
    } else if (!p->zoned && !p->told.zone && !p->counts_from) {
        rf_doubt(p, "time: it has no offset and is taken as UTC: --zone Europe/Berlin, or another");
    }
    choose_window(p);
    return st;
}
