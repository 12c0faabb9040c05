/* csv_header.c - which column of a CSV file holds which field: by the header, by position, or by the list
 * that the configuration gives; and by which delimiter, where the file shows it.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "csv_decoder_int.h"
#include "rf_mem.h"
#include "rf_text.h"

#define SHOWN_COLUMNS 80 /* bytes of a header in a message */

/* ---- columns ---- */

/* What names of columns give, or a header under one delimiter. */
typedef struct header_try {
    int lacking; /* the first field without a column of its own; -1: none */
    long column; /* why: RF_CSV_NO_COLUMN, RF_CSV_MANY_COLUMNS */
    bool broken; /* quotes */
    size_t at;   /* where */
} header_try;

/* Every name of the body gets its column. */
static rf_status bind_columns(rf_csv_decoder *decoder, header_try *out, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_field_plan *plan = decoder->plan;
    size_t n = decoder->columns.n;
    decoder->n_columns = 0;
    decoder->n_aliases = 0;
    RF_RESERVE(decoder->column_name, decoder->cap_columns, n, err);
    for (; decoder->n_columns < n; decoder->n_columns++)
        decoder->column_name[decoder->n_columns] = -1;
    out->lacking = -1;
    for (int name = 0; out->lacking < 0 && name < plan->n_names; name++) {
        if (plan->origins[name] != RF_FIELD_BODY)
            continue;
        long column = rf_csv_columns_find(&decoder->columns, plan->names[name]);
        out->column = column;
        if (column < 0)
            out->lacking = name;
        else if (decoder->column_name[column] >= 0)
            decoder->aliases[decoder->n_aliases++] = (rf_csv_alias){name, decoder->column_name[column]};
        else
            decoder->column_name[column] = name;
    }
done:
    return st;
}

static rf_status try_header(header_try *out, rf_csv_decoder *decoder, rf_span header, char delimiter,
                            rf_err *err)
{
    rf_status st = RF_OK;
    decoder->cutter.marks.delimiter = delimiter;
    *out = (header_try){.lacking = -1};
    RF_TRY(rf_csv_columns_cut(&decoder->columns, &decoder->cutter, header, &out->at, err));
    out->broken = st == RF_SKIPPED;
    st = RF_OK;
    if (!out->broken)
        RF_TRY(bind_columns(decoder, out, err));
done:
    return st;
}

static bool is_whole(const header_try *try)
{
    return !try->broken && try->lacking < 0;
}

/* By which delimiters a first record may be cut: the known one, or the comma and what else the record has of
 * these. */
static const char others[] = "\t;|\x01^~";

static void list_delimiters(char out[sizeof others + 1], const rf_csv_decoder *decoder, rf_span first,
                            char known)
{
    bool is_set = decoder->dialect.delimiter != RF_CSV_AUTO;
    *out++ = is_set ? (char)decoder->dialect.delimiter : known != '\0' ? known : ',';
    for (const char *other = others; !is_set && known == '\0' && *other != '\0'; other++) {
        if (memchr(first.ptr, *other, first.len) != NULL)
            *out++ = *other;
    }
    *out = '\0';
}

/* Cuts the header by the first delimiter by which all mapped columns are there, else by that which gives most
 * columns. */
static rf_status read_header(header_try *out, rf_csv_decoder *decoder, rf_span header, char known,
                             rf_err *err)
{
    rf_status st = RF_OK;
    char delimiters[sizeof others + 1], best = '\0';
    size_t most = 0;
    list_delimiters(delimiters, decoder, header, known);
    for (const char *delimiter = delimiters; *delimiter != '\0'; delimiter++) {
        RF_TRY(try_header(out, decoder, header, *delimiter, err));
        if (is_whole(out))
            return RF_OK;
        if (best == '\0' || decoder->columns.n > most) {
            most = decoder->columns.n;
            best = *delimiter;
        }
    }
    RF_TRY(try_header(out, decoder, header, best, err));
done:
    return st;
}

/* `where` is the header's file, or what named the columns. */
static rf_status refuse_columns(const rf_csv_decoder *decoder, const header_try *found, const char *where,
                                rf_err *err)
{
    rf_status st = RF_OK;
    char shown[SHOWN_COLUMNS], name[RF_SHOWN_BYTES], near_shown[RF_SHOWN_BYTES];
    const char *wanted = decoder->plan->names[found->lacking];
    rf_shown(name, (rf_span){wanted, strlen(wanted)});
    if (found->column == RF_CSV_MANY_COLUMNS)
        RF_FAIL(err, RF_E_INVALID,
                "%s has several columns \"%s\"; say which in fields: \"%s#1\" is the first of them, "
                "\"%s#2\" the second; or by position, \"#3\"",
                where, name, name, name);
    rf_csv_columns_shown(shown, sizeof shown, &decoder->columns);
    if (rf_csv_columns_look_like_values(&decoder->columns))
        RF_FAIL(
            err, RF_E_INVALID,
            "%s has no column \"%s\", which fields name; it is \"%s\". If the file has no header, list its "
            "columns in source.columns, or name fields by position (\"#1\")",
            where, name, shown);
    const char *near = rf_csv_columns_nearest(&decoder->columns, wanted);
    if (near != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s has no column \"%s\", which fields name; did you mean \"%s\"? Its columns are %s", where,
                name, rf_shown(near_shown, (rf_span){near, strlen(near)}), shown);
    RF_FAIL(err, RF_E_INVALID, "%s has no column \"%s\", which fields name; its columns are %s%s", where,
            name, shown,
            decoder->columns.n == 1 ? " (one only: source.csv.delimiter says what separates columns)" : "");
done:
    return st;
}

/* The delimiter, as source.csv.delimiter calls it, by which all mapped columns are there, though the
 * settings, or caution, kept it from being tried; NULL: there is none. */
static rf_status find_fitting(const char **out, rf_csv_decoder *decoder, rf_span header, rf_err *err)
{
    static const struct {
        char delimiter;
        const char *name;
    } all[] = {{',', "comma"}, {';', "semicolon"}, {'\t', "tab"},
               {'|', "pipe"},  {' ', "space"},     {':', "\":\""}};
    rf_status st = RF_OK;
    header_try other;
    for (size_t i = 0; *out == NULL && i < sizeof all / sizeof *all; i++) {
        if (all[i].delimiter == decoder->cutter.marks.quote)
            continue;
        RF_TRY(try_header(&other, decoder, header, all[i].delimiter, err));
        if (is_whole(&other))
            *out = all[i].name;
    }
done:
    return st;
}

rf_status rf_csv_decoder_header(rf_csv_decoder *decoder, rf_span header, char delimiter, const char *path,
                                rf_err *err)
{
    rf_status st = RF_OK;
    char where[256];
    header_try found;
    decoder->counted_by = "the header";
    RF_TRY(read_header(&found, decoder, header, delimiter, err));
    const char delimiter_was = decoder->cutter.marks.delimiter;
    if (is_whole(&found))
        return RF_OK;
    if (header.len > 0 && (header.ptr[0] == '{' || header.ptr[0] == '['))
        RF_FAIL(
            err, RF_E_INVALID,
            "%s: its first line is no CSV header but looks like JSON; set source.format to jsonl if it is",
            path);
    if (found.broken)
        RF_FAIL(err, RF_E_INVALID, "%s: broken quotes in the CSV header at byte %zu", path, found.at);
    if (!rf_utf8_valid(header.ptr, header.len))
        RF_FAIL(err, RF_E_INVALID,
                "%s: the CSV header has no column \"%s\", and it is not UTF-8: say what it is with "
                "source.encoding",
                path, decoder->plan->names[found.lacking]);
    const char *fitting = NULL;
    RF_TRY(find_fitting(&fitting, decoder, header, err));
    if (fitting != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s: the CSV header has no column \"%s\", which fields name, but all of them by "
                "source.csv.delimiter: "
                "%s",
                path, decoder->plan->names[found.lacking], fitting);
    snprintf(where, sizeof where, "%s: the CSV header", path);
    RF_TRY(try_header(&found, decoder, header, delimiter_was, err));
    st = refuse_columns(decoder, &found, where, err);
done:
    return st;
}

/* ---- without a header ---- */

static size_t count_fields(rf_csv_decoder *decoder, rf_span record, char delimiter)
{
    rf_span field;
    decoder->cutter.marks.delimiter = delimiter;
    for (size_t n = 1, at = 0;; at++, n++) {
        if (!rf_csv_take_field(&field, &decoder->cutter, record, &at, false) || at == record.len)
            return n;
    }
}

/* The delimiter by which the record has so many fields; where none gives that, the first of the list. */
static size_t find_delimiter(rf_csv_decoder *decoder, rf_span record, char known, size_t least, size_t most)
{
    char delimiters[sizeof others + 1];
    list_delimiters(delimiters, decoder, record, known);
    for (const char *delimiter = delimiters; *delimiter != '\0'; delimiter++) {
        size_t n = count_fields(decoder, record, *delimiter);
        if (n >= least && n <= most)
            return n;
    }
    return count_fields(decoder, record, delimiters[0]);
}

/* The last position that a field names, as in "#3"; 0: none does. */
static size_t last_position(const rf_field_plan *plan)
{
    size_t last = 0;
    for (int i = 0; i < plan->n_names; i++) {
        const char *name = plan->names[i];
        size_t number = 0;
        if (plan->origins[i] != RF_FIELD_BODY || name[0] != '#' || strlen(name) > 7)
            continue;
        for (const char *digit = name + 1; *digit >= '0' && *digit <= '9'; digit++)
            number = number * 10 + (size_t)(*digit - '0');
        last = number > last ? number : last;
    }
    return last;
}

/* The listed columns, or as many without names as the first record has. */
static rf_status bind_without_header(rf_csv_decoder *decoder, rf_span first, char delimiter, const char *path,
                                     rf_err *err)
{
    rf_status st = RF_OK;
    header_try found = {.lacking = -1};
    size_t listed = decoder->n_listed, least = listed > 0 ? listed : last_position(decoder->plan);
    size_t n = find_delimiter(decoder, first, delimiter, least, listed > 0 ? listed : SIZE_MAX);
    decoder->counted_by = listed > 0 ? "source.columns" : "the first record";
    if (listed > 0) /* they were checked when they were given */
        RF_TRY(rf_csv_columns_list(&decoder->columns, decoder->listed, listed, err));
    else
        RF_TRY(rf_csv_columns_unnamed(&decoder->columns, n, err));
    RF_TRY(bind_columns(decoder, &found, err));
    if (found.lacking >= 0)
        RF_FAIL(
            err, RF_E_INVALID,
            "%s: no column is \"%s\": there is no header (source.csv.header), and the first record has %zu "
            "fields; list the columns in source.columns, or name fields by position (\"#1\")",
            path, decoder->plan->names[found.lacking], n);
done:
    return st;
}

/* The record consists of the names in the list. */
static rf_status is_list(bool *out, rf_csv_decoder *decoder, rf_span first, char delimiter, rf_err *err)
{
    rf_status st = RF_OK;
    size_t at;
    (void)find_delimiter(decoder, first, delimiter, decoder->n_listed, decoder->n_listed);
    RF_TRY(rf_csv_columns_cut(&decoder->columns, &decoder->cutter, first, &at, err));
    *out = st == RF_OK && decoder->columns.n == decoder->n_listed;
    st = RF_OK;
    for (size_t i = 0; *out && i < decoder->n_listed; i++)
        *out = strcmp(decoder->columns.clean[i], decoder->listed[i]) == 0;
done:
    return st;
}

rf_status rf_csv_decoder_start(bool *is_header, rf_csv_decoder *decoder, rf_span first, char delimiter,
                               const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    *is_header = decoder->dialect.header != RF_CSV_HEADER_NONE;
    if (decoder->dialect.header == RF_CSV_HEADER_AUTO && decoder->n_listed > 0)
        RF_TRY(is_list(is_header, decoder, first, delimiter, err));
    if (*is_header && decoder->n_listed == 0)
        return rf_csv_decoder_header(decoder, first, delimiter, path, err);
    RF_TRY(bind_without_header(decoder, first, delimiter, path, err));
done:
    return st;
}

rf_status rf_csv_decoder_columns(rf_csv_decoder *decoder, const char *const *columns, int n, bool one_record,
                                 rf_err *err)
{
    rf_status st = RF_OK;
    header_try found = {.lacking = -1};
    decoder->one_record = one_record;
    decoder->counted_by = "source.columns";
    decoder->listed = columns;
    decoder->n_listed = (size_t)n;
    RF_TRY(rf_csv_columns_list(&decoder->columns, columns, (size_t)n, err));
    RF_TRY(bind_columns(decoder, &found, err));
    if (found.lacking >= 0)
        st = refuse_columns(decoder, &found, "source.columns", err);
done:
    return st;
}
