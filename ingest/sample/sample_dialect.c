/* sample_dialect.c - how a CSV file is written that nobody has described: delimiter, quotes, lines before the
 * table, comments, header.
 *
 * Each likely pair of marks is tried on the first records by the reader itself: the right one cuts nearly all
 * of them into equally many fields. What is told is left as it is.
 */
#include "sample_int.h"

#include <math.h>
#include <string.h>

#include "csv_columns_int.h"
#include "number_text_int.h"
#include "rf_mem.h"

#define TRIED_BYTES (1 << 16)
#define TRIED_RECORDS 300
#define TRIED_FIELDS 4096
#define EVEN_SHARE 0.8    /* of the records that have as many fields as most */
#define LIKE_A_RECORD 0.6 /* of the fields that most have: lines before the table have fewer */
#define LINES_BEFORE 20   /* the table, that are looked at once they have as many fields */

typedef struct dialect_try {
    char delimiter, quote, escape;
    size_t fields; /* that most records have */
    double even;   /* share of the records that do */
    int records, broken;
    int comments;       /* lines that begin with # and are no records of so many fields; 0 where some are */
    int64_t first_line; /* of the first record of so many fields */
    int spaced, quoted_singly, texts;
} dialect_try;

/* ---- one set of marks ---- */

static rf_csv_marks marks_of(const dialect_try *try)
{
    return (rf_csv_marks){.delimiter = try->delimiter, .quote = try->quote, .escape = try->escape};
}

static bool is_named_line(rf_span line)
{
    return line.len >= 5 && line.len <= 7 &&
           (memcmp(line.ptr + (line.ptr[0] == '"'), "sep=", 4) == 0 ||
            memcmp(line.ptr + (line.ptr[0] == '"'), "SEP=", 4) == 0);
}

/* The fields of one record; 0: its quotes are broken. */
static rf_status count_fields(size_t *n, dialect_try *try, rf_csv_cutter *cutter, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span field;
    *n = 0;
    RF_TRY(rf_csv_cutter_start(cutter, record, err));
    for (size_t at = 0;; at++) {
        if (!rf_csv_take_field(&field, cutter, record, &at, false)) {
            *n = 0;
            return RF_OK;
        }
        ++*n;
        try->texts += field.len > 1;
        try->spaced += *n > 1 && field.len > 1 && field.ptr[0] == ' ' && try->delimiter != ' ';
        try->quoted_singly += field.len > 1 && field.ptr[0] == '\'' && field.ptr[field.len - 1] == '\'';
        if (at == record.len)
            break;
    }
done:
    return st;
}

/* Which number of fields most records have. Lines that begin with # are comments if they have another one. */
static void judge_counts(dialect_try *try, const int *counts, const int *hashes)
{
    int begin_with_hash = 0;
    for (size_t fields = 1; fields < TRIED_FIELDS; fields++) {
        try->fields = counts[fields] > counts[try->fields] || try->fields == 0 ? fields : try->fields;
        begin_with_hash += hashes[fields];
    }
    try->comments = hashes[try->fields] > 0 ? 0 : begin_with_hash;
    int records = try->records - try->comments;
    try->even = records <= 0 ? 0 : (double)counts[try->fields] / records;
}

/* Counts how many records have how many fields; of those that begin with # apart. */
static rf_status count_records(dialect_try *try, rf_records *records, int *counts, int *hashes, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record record;
    rf_csv_cutter cutter = {.marks = marks_of(try)};
    size_t n;
    while (try->records < TRIED_RECORDS) {
        RF_TRY(rf_records_next(records, &record, err));
        if (st == RF_EOF)
            break;
        if (record.too_long || is_named_line(record.text))
            continue;
        RF_TRY(count_fields(&n, try, &cutter, record.text, err));
        try->broken += n == 0;
        try->records++;
        n = n < TRIED_FIELDS ? n : 0;
        counts[n]++;
        hashes[n] += record.text.len > 0 && record.text.ptr[0] == '#';
    }
    judge_counts(try, counts, hashes);
done:
    rf_csv_cutter_clear(&cutter);
    return st < 0 ? st : RF_OK;
}

static bool looks_like_value(rf_span field)
{
    int64_t number, time;
    rf_zone *zone = NULL;
    bool dated = false;
    field = rf_number_trimmed(field);
    if (field.len == 0)
        return false;
    if (rf_zone_new(&zone, "UTC", NULL) == RF_OK)
        dated = rf_time_parse_iso(&time, field.ptr, field.len, zone);
    rf_zone_free(zone);
    return dated || rf_fixed_parse(&number, field.ptr, field.len) == RF_NUMBER_OK ||
           (field.ptr[0] >= '0' && field.ptr[0] <= '9' && field.len > 3);
}

/* What a line has, cut by the marks. */
typedef struct line_look {
    size_t fields, filled, values;
} line_look;

static rf_status look_at_line(line_look *out, rf_csv_cutter *cutter, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_columns columns = {0};
    size_t at;
    *out = (line_look){0};
    RF_TRY(rf_csv_columns_cut(&columns, cutter, record, &at, err));
    out->fields = st == RF_SKIPPED ? 0 : columns.n; /* where its quotes are broken */
    for (size_t i = 0; i < out->fields; i++) {
        const rf_span field = {columns.clean[i], strlen(columns.clean[i])};
        out->filled += field.len > 0;
        out->values += looks_like_value(field);
    }
done:
    rf_csv_columns_clear(&columns);
    return st;
}

/* The line where the table begins: of a header, whose last columns may be lacking, or of a record. Lines
 * before it may have as many fields, hardly any of them filled ("Account statement;;;;"): then it is a header
 * that ends them, filled everywhere and without a value. */
static rf_status find_first(dialect_try *try, rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record record;
    rf_csv_cutter cutter = {.marks = marks_of(try)};
    double enough = try->fields < 2 ? 1 : fmax(2, LIKE_A_RECORD * (double)try->fields);
    line_look line = {0};
    bool found = false;
    for (int i = 0; i < TRIED_RECORDS && (!found || i < LINES_BEFORE); i++) {
        RF_TRY(rf_records_next(records, &record, err));
        if (st == RF_EOF)
            break;
        if (!record.too_long && !is_named_line(record.text))
            RF_TRY(look_at_line(&line, &cutter, record.text, err));
        bool is_header = found && line.fields > 2 && line.filled == line.fields && line.values == 0;
        if (!found || is_header)
            try->first_line = record.line;
        found = found || (double)line.fields >= enough;
        if (found && 2 * line.filled >= line.fields)
            break;
    }
done:
    rf_csv_cutter_clear(&cutter);
    return st < 0 ? st : RF_OK;
}

static rf_status begin(rf_records *records, const rf_sample_input *input, const dialect_try *try, rf_err *err)
{
    rf_status st = RF_OK;
    size_t len = input->content.len < TRIED_BYTES ? input->content.len : TRIED_BYTES;
    while (len < input->content.len && len > 0 && input->content.ptr[len - 1] != '\n')
        len--; /* whole lines, where there are some */
    if (len == 0)
        len = input->content.len < TRIED_BYTES ? input->content.len : TRIED_BYTES;
    const rf_csv_marks marks = marks_of(try);
    RF_TRY(rf_records_open_text(records, input->name, (rf_span){input->content.ptr, len}, err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    rf_records_set_csv(records, &marks, '\0');
done:
    return st;
}

static rf_status try_marks(dialect_try *try, rf_records *records, const rf_sample_input *input, rf_err *err)
{
    rf_status st = RF_OK;
    int *counts = NULL, *hashes = NULL;
    RF_ZERO(counts, TRIED_FIELDS, err);
    RF_ZERO(hashes, TRIED_FIELDS, err);
    RF_TRY(begin(records, input, try, err));
    RF_TRY(count_records(try, records, counts, hashes, err));
    RF_TRY(begin(records, input, try, err));
    RF_TRY(find_first(try, records, err));
done:
    rf_mem_free(counts);
    rf_mem_free(hashes);
    return st;
}

/* ---- the best of them ---- */

static double worth(const dialect_try *try)
{
    double whole = try->records == 0 ? 0 : 1 - (double)try->broken / try->records;
    double fields = (double)(try->fields > 12 ? 12 : try->fields);
    double usual = try->delimiter == ',' ? 1.02 : try->delimiter == ' ' || try->delimiter == ':' ? 0.6 : 1;
    return try->fields < 2 || try->even < EVEN_SHARE ? 0.1 * whole * try->even
                                                     : whole * try->even * (1 + 0.05 * fields) * usual;
}

/* "1::1193::5::978300760": a colon is seldom a delimiter, two are. */
static bool has_double_colons(const rf_sample_input *input)
{
    const rf_text *content = &input->content;
    int seen = 0;
    for (size_t i = 0; i + 1 < content->len && content->ptr[i] != '\n'; i++)
        seen += content->ptr[i] == ':' && content->ptr[i + 1] == ':';
    return seen >= 2;
}

static rf_status find_delimiter(dialect_try *best, rf_records *records, const rf_sample *sample, rf_err *err)
{
    static const char delimiters[] = {',', ';', '\t', '|', '^', '~', '\x01', ' ', ':'};
    rf_status st = RF_OK;
    const rf_csv_dialect *told = &sample->options->csv;
    int quote = told->quote == RF_CSV_NO_QUOTE       ? '\0'
                : told->quote == RF_CSV_DOUBLE_QUOTE ? '"'
                                                     : told->quote;
    bool is_told = told->delimiter != RF_CSV_AUTO;
    size_t n = sizeof delimiters - !has_double_colons(&sample->inputs[0]);
    for (size_t i = 0; i < (is_told ? 1 : n); i++) {
        dialect_try try = {.delimiter = is_told ? (char)told->delimiter : delimiters[i],
                           .quote = (char)quote,
                           .escape = (char)told->escape};
        RF_TRY(try_marks(&try, records, &sample->inputs[0], err));
        if (i == 0 || worth(&try) > worth(best))
            *best = try;
    }
done:
    return st;
}

/* Where quotes are broken, they are escaped, or mean nothing. */
static rf_status find_quotes(dialect_try *best, rf_records *records, const rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    dialect_try others[] = {{.delimiter = best->delimiter, .quote = '\''},
                            {.delimiter = best->delimiter, .quote = best->quote, .escape = '\\'},
                            {.delimiter = best->delimiter}};
    bool singly = best->texts > 0 && 2 * best->quoted_singly > best->texts;
    if (singly) {
        RF_TRY(try_marks(&others[0], records, &sample->inputs[0], err));
        *best = others[0];
        return RF_OK;
    }
    for (size_t i = 1; best->broken > 0 && i < sizeof others / sizeof *others; i++) {
        RF_TRY(try_marks(&others[i], records, &sample->inputs[0], err));
        if (worth(&others[i]) > 1.02 * worth(best))
            *best = others[i];
    }
done:
    return st;
}

static char named_delimiter(const rf_sample_input *input)
{
    const rf_text *content = &input->content;
    size_t at = content->len >= 3 && memcmp(content->ptr, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    at += at < content->len && content->ptr[at] == '"';
    return content->len > at + 5 && is_named_line((rf_span){content->ptr + at, 5}) ? content->ptr[at + 4]
                                                                                   : '\0';
}

/* ---- the header ---- */

static bool has_role_word(const char *name)
{
    for (rf_word_role role = 0; role < RF_WORD_ROLES; role++) {
        if (rf_words_score(name, role) >= 4)
            return true;
    }
    return false;
}

/* A header has no numbers, and its names are seldom values. */
static rf_status judge_header(bool *is_header, rf_records *records, rf_csv_cutter *cutter, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record record;
    rf_csv_columns first = {0}, next = {0};
    size_t at, values = 0, empty = 0, words = 0, again = 0, value_like = 0, fields = 0;
    RF_TRY(rf_records_next(records, &record, err));
    if (st == RF_EOF)
        goto done;
    RF_TRY(rf_csv_columns_cut(&first, cutter, record.text, &at, err));
    for (size_t i = 0; i < first.n; i++) {
        rf_span name = {first.clean[i], strlen(first.clean[i])};
        values += looks_like_value(name);
        empty += name.len == 0;
        words += has_role_word(first.clean[i]);
    }
    for (int row = 0; row < 50; row++) {
        RF_TRY(rf_records_next(records, &record, err));
        if (st == RF_EOF)
            break;
        RF_TRY(rf_csv_columns_cut(&next, cutter, record.text, &at, err));
        for (size_t i = 0; i < first.n && i < next.n; i++) {
            again += next.clean[i][0] != '\0' && strcmp(next.clean[i], first.clean[i]) == 0;
            value_like += looks_like_value((rf_span){next.clean[i], strlen(next.clean[i])});
            fields++;
        }
    }
    st = RF_OK;
    *is_header = values == 0 && (empty <= 1 || empty * 4 < first.n) && 3 * again <= fields &&
                 (value_like > 0 || words > 0 || fields == 0); /* a line alone is a header, too */
done:
    rf_csv_columns_clear(&first);
    rf_csv_columns_clear(&next);
    return st < 0 ? st : RF_OK;
}

static rf_status find_header(rf_sample *sample, rf_records *records, rf_err *err)
{
    rf_status st = RF_OK;
    rf_csv_cutter cutter = {0};
    sample->lists_columns = sample->options->n_columns > 0;
    if (sample->csv.header != RF_CSV_HEADER_AUTO || sample->lists_columns) {
        sample->header = sample->csv.header != RF_CSV_HEADER_NONE && !sample->lists_columns;
        return RF_OK;
    }
    RF_TRY(rf_sample_begin(records, NULL, sample, &sample->inputs[0], err));
    cutter.marks = rf_sample_marks(sample);
    RF_TRY(judge_header(&sample->header, records, &cutter, err));
    if (!sample->header)
        sample->csv.header = RF_CSV_HEADER_NONE;
done:
    rf_csv_cutter_clear(&cutter);
    return st;
}

rf_status rf_sample_find_dialect(rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    dialect_try best = {0};
    rf_records *records = NULL;
    rf_csv_dialect *csv = &sample->csv;
    if (sample->of_topic) { /* each message is a record, and has no header */
        sample->lists_columns = sample->options->n_columns > 0;
        return RF_OK;
    }
    sample->named_delimiter = csv->delimiter == RF_CSV_AUTO ? named_delimiter(&sample->inputs[0]) : '\0';
    RF_TRY(rf_records_new(&records, RF_MAX_RECORD, err));
    RF_TRY(find_delimiter(&best, records, sample, err));
    if (csv->quote == RF_CSV_DOUBLE_QUOTE && csv->escape == 0)
        RF_TRY(find_quotes(&best, records, sample, err));
    if (sample->named_delimiter == '\0' && csv->delimiter == RF_CSV_AUTO)
        csv->delimiter = best.delimiter;
    if (csv->quote == RF_CSV_DOUBLE_QUOTE && best.quote != '"')
        csv->quote = best.quote == '\0' ? RF_CSV_NO_QUOTE : best.quote;
    if (csv->escape == 0)
        csv->escape = best.escape;
    if (csv->comment == 0 && best.comments > 0)
        csv->comment = '#';
    if (csv->skip == 0 && best.first_line > 1 && sample->named_delimiter == '\0')
        csv->skip = (int)best.first_line - 1;
    csv->trim = csv->trim || (best.texts > 0 && 2 * best.spaced > best.texts);
    csv->short_rows = csv->short_rows || (best.even < 0.99 && best.even >= EVEN_SHARE);
    sample->n_fields = best.fields;
    RF_TRY(find_header(sample, records, err));
done:
    rf_records_free(records);
    return st;
}
