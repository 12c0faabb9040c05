/* sample_rows.c - the records of a sample, one after the other, as cells of named columns, whatever the
 * format.
 *
 * Records are found by the product's own reader, so that a sample has the records that a build has. CSV
 * columns are called as the configuration will call them: by name, by name and number where a name is not the
 * only one, by position where there is no name. sample_json.c does the same for JSON.
 */
#include "sample_int.h"

#include <stdio.h>
#include <string.h>

#include "avro_json_int.h"
#include "schema_framing_int.h"
#include "rf_json_scan.h"
#include "rf_mem.h"

#define MOST_COLUMNS 3000

/* ---- columns ---- */

rf_status rf_sample_column_of(int *out, rf_sample *sample, const char *name, size_t len, const char *plain,
                              int list, rf_err *err)
{
    rf_status st = RF_OK;
    uint32_t id;
    int is_new;
    *out = -1;
    id = rf_idmap_find(sample->names, name, len);
    if (id != RF_NO_ID) {
        *out = (int)id;
        return RF_OK;
    }
    sample->left_out_columns = sample->left_out_columns || sample->n_columns == MOST_COLUMNS;
    if (sample->n_columns == MOST_COLUMNS)
        return RF_OK;
    RF_RESERVE(sample->columns, sample->cap_columns, sample->n_columns + 1, err);
    rf_sample_column *column = &sample->columns[sample->n_columns];
    *column = (rf_sample_column){.list = list, .last_record = -1};
    column->name = rf_mem_text(name, len, err);
    column->plain = rf_mem_text(plain, strlen(plain), err);
    if (column->name == NULL || column->plain == NULL) {
        rf_column_clear(column);
        return RF_E_NOMEM;
    }
    sample->n_columns++;
    RF_TRY(rf_idmap_intern(sample->names, name, len, &id, &is_new, err));
    *out = (int)id;
done:
    return st;
}

bool rf_sample_everywhere(const rf_sample *sample, int column)
{
    return sample->format != RF_FORMAT_CSV || sample->columns[column].inputs == sample->n_inputs;
}

int rf_sample_find(const rf_sample *sample, const char *name)
{
    uint32_t id = rf_idmap_find(sample->names, name, strlen(name));
    return id == RF_NO_ID ? -1 : (int)id;
}

int rf_sample_find_told(const rf_sample *sample, const char *name)
{
    int column = rf_sample_find(sample, name);
    long place = column >= 0 ? RF_CSV_NO_COLUMN : rf_csv_columns_find(&sample->first_columns, name);
    return place >= 0 ? sample->first_places[place] : column;
}

bool rf_sample_has_column(const rf_sample *sample, const char *name, const char **nearest)
{
    *nearest = NULL;
    if (rf_sample_find_told(sample, name) >= 0 || rf_sample_has_beside(sample, name))
        return true;
    const char **names = rf_mem_new(sample->n_columns + 1, sizeof *names, NULL);
    if (names == NULL)
        return false;
    for (size_t i = 0; i < sample->n_columns; i++)
        names[i] = sample->columns[i].name;
    names[sample->n_columns] = NULL;
    *nearest = rf_nearest(name, names);
    rf_mem_free((void *)names);
    return false;
}

size_t rf_item_end(const rf_cell *cells, size_t n, size_t from, const rf_sample *sample)
{
    size_t end = from + 1;
    int list = sample->columns[cells[from].column].list;
    while (end < n && cells[end].item == cells[from].item && sample->columns[cells[end].column].list == list)
        end++;
    return end;
}

/* ---- CSV ---- */

rf_csv_marks rf_sample_marks(const rf_sample *sample)
{
    const rf_csv_dialect *csv = &sample->csv;
    char quote = csv->quote == RF_CSV_NO_QUOTE       ? '\0'
                 : csv->quote == RF_CSV_DOUBLE_QUOTE ? '"'
                                                     : (char)csv->quote;
    char delimiter = sample->named_delimiter != '\0' ? sample->named_delimiter
                     : csv->delimiter == RF_CSV_AUTO ? ','
                                                     : (char)csv->delimiter;
    return (rf_csv_marks){.delimiter = delimiter,
                          .quote = quote,
                          .escape = csv->escape == quote ? '\0' : (char)csv->escape,
                          .trim = csv->trim};
}

rf_status rf_sample_begin(rf_records *records, const struct rf_avro_schema **schema, const rf_sample *sample,
                          const rf_sample_input *input, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record first;
    const rf_csv_marks marks = rf_sample_marks(sample);
    RF_TRY(
        rf_records_open_text(records, input->name, (rf_span){input->content.ptr, input->content.len}, err));
    rf_records_set_format(records, sample->format);
    if (sample->format == RF_FORMAT_JSONL)
        RF_TRY(rf_records_look_at_json(records, err));
    if (sample->format == RF_FORMAT_AVRO)
        RF_TRY(rf_records_look_at_avro(records, schema, err));
    if (sample->format != RF_FORMAT_CSV)
        goto done;
    rf_records_set_csv(records, &marks, (char)sample->csv.comment);
    RF_TRY(rf_records_pass_lines(records, sample->csv.skip, err));
    if (sample->named_delimiter != '\0')
        RF_TRY(rf_records_next(records, &first, err));
    st = RF_OK;
done:
    return st;
}

rf_status rf_sample_next(rf_records *records, rf_record *record, const rf_sample_input *input, rf_err *err)
{
    rf_err cut = {0};
    rf_status st = rf_records_next(records, record, input->part ? &cut : err);
    if (input->part && (st == RF_E_FORMAT || (st == RF_OK && rf_records_at_end(records))))
        return RF_EOF;
    if (st < 0 && input->part && err != NULL)
        *err = cut;
    return st;
}

/* How the configuration will call column i. */
static rf_status column_name(rf_text *out, const rf_csv_columns *columns, size_t i, rf_err *err)
{
    const char *name = columns->names[i], *clean = columns->clean[i];
    size_t same = 0, before = 0, same_clean = 0;
    rf_text_reset(out);
    for (size_t k = 0; k < columns->n; k++) {
        same += strcmp(columns->names[k], name) == 0;
        same_clean += strcmp(columns->clean[k], clean) == 0;
        before += k < i && strcmp(columns->clean[k], clean) == 0;
    }
    if (clean[0] == '\0' || clean[0] == '$' || strlen(clean) > 200 || !rf_utf8_valid(clean, strlen(clean)))
        return rf_text_printf(out, err, "#%zu", i + 1);
    if (same_clean == 1)
        return rf_text_printf(out, err, "%s", clean);
    if (same == 1 && strcmp(name, clean) == 0)
        return rf_text_printf(out, err, "%s", name);
    return rf_text_printf(out, err, "%s#%zu", clean, before + 1);
}

static rf_status keep_columns(rf_sample *sample, rf_csv_columns *columns, const int *places, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(sample->first_places, columns->n + 1, err);
    memcpy(sample->first_places, places, columns->n * sizeof *places);
    sample->first_columns = *columns;
    *columns = (rf_csv_columns){0};
done:
    return st;
}

/* The columns of one input: places[i] is the column of field i. */
static rf_status read_header(int **places, size_t *n, rf_records *records, rf_sample *sample,
                             rf_csv_cutter *cutter, rf_err *err)
{
    rf_status st = RF_OK;
    rf_record first;
    rf_csv_columns columns = {0};
    rf_text name = {0};
    size_t at;
    RF_TRY(rf_records_next(records, &first, err));
    if (st == RF_EOF)
        goto done;
    RF_TRY(rf_csv_columns_cut(&columns, cutter, first.text, &at, err));
    if (!sample->header)
        rf_records_give_back(records);
    if (sample->lists_columns)
        RF_TRY(
            rf_csv_columns_list(&columns, sample->options->columns, (size_t)sample->options->n_columns, err));
    else if (!sample->header)
        RF_TRY(rf_csv_columns_unnamed(&columns, columns.n, err));
    RF_NEW(*places, columns.n + 1, err);
    for (*n = 0; *n < columns.n; ++*n) {
        RF_TRY(column_name(&name, &columns, *n, err));
        RF_TRY(rf_sample_column_of(&(*places)[*n], sample, name.ptr, name.len, columns.clean[*n], -1, err));
        if (!sample->looked && (*places)[*n] >= 0)
            sample->columns[(*places)[*n]].inputs++;
    }
    if (sample->first_places == NULL)
        RF_TRY(keep_columns(sample, &columns, *places, err));
    st = RF_OK;
done:
    rf_csv_columns_clear(&columns);
    rf_text_clear(&name);
    return st;
}

/* The cells of one record; none where its quotes are broken. */
static rf_status cut_cells(rf_cells *cells, const int *places, size_t n, rf_csv_cutter *cutter,
                           rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    cells->n = 0;
    RF_TRY(rf_csv_cutter_start(cutter, record, err));
    for (size_t at = 0, i = 0;; at++, i++) {
        rf_cell cell = {.column = i < n ? places[i] : -1, .raw = {.kind = RF_RAW_FIELD}};
        if (!rf_csv_take_field(&cell.raw.text, cutter, record, &at, cell.column >= 0)) {
            cells->n = 0;
            break;
        }
        if (cutter->marks.trim)
            cell.raw.text = rf_csv_trimmed(cell.raw.text, cutter->marks.delimiter);
        if (cell.column >= 0)
            RF_TRY(rf_cells_add(cells, cell, err));
        if (at == record.len)
            break;
    }
done:
    return st;
}

/* ---- rows ---- */

static rf_status csv_row(const rf_row_reader *reader, rf_cells *cells, const int *places, size_t n,
                         rf_csv_cutter *cutter, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(cut_cells(cells, places, n, cutter, record, err));
    if (cells->n > 0)
        RF_TRY(reader->row(reader->context, cells->items, cells->n, err));
done:
    return st;
}

static rf_status json_rows(rf_sample *sample, const rf_row_reader *reader, rf_cells *cells, rf_span record,
                           rf_err *err)
{
    rf_status st = RF_OK;
    bool fine;
    rf_json_scan s = rf_json_scan_of(record);
    s.not_finite = true;
    rf_json_pass_space(&s);
    bool array = rf_json_next_is(&s, '[');
    do {
        rf_json_pass_space(&s);
        const char *from = s.at;
        if (array && (s.at == s.end || *s.at == ']' || !rf_json_pass_value(&s)))
            break;
        cells->n = 0;
        RF_TRY(rf_sample_json_cells(cells, sample, array ? (rf_span){from, (size_t)(s.at - from)} : record,
                                    &fine, err));
        if (fine && cells->n > 0)
            RF_TRY(reader->row(reader->context, cells->items, cells->n, err));
        rf_json_pass_space(&s);
    } while (array && rf_json_next_is(&s, ','));
done:
    return st;
}

/* An Avro record has the same columns as JSON. */
static rf_status avro_row(rf_sample *sample, const rf_row_reader *reader, rf_cells *cells,
                          const struct rf_avro_schema *schema, rf_span record, rf_err *err)
{
    rf_status st = RF_OK;
    rf_span text;
    if (cells->json == NULL)
        RF_TRY(rf_json_new(&cells->json, err));
    if (!rf_avro_json(cells->json, schema, record))
        return RF_OK;
    RF_TRY(rf_json_end(cells->json, &text.ptr, &text.len, err));
    RF_TRY(json_rows(sample, reader, cells, text, err));
done:
    return st;
}

static rf_status rows_of_records(rf_sample *sample, const rf_sample_input *input, const rf_row_reader *reader,
                                 rf_cells *cells, rf_err *err)
{
    rf_status st = RF_OK;
    rf_records *records = NULL;
    rf_csv_cutter cutter = {.marks = rf_sample_marks(sample)};
    const struct rf_avro_schema *schema = NULL;
    rf_record record;
    int *places = NULL;
    size_t n = 0;
    RF_TRY(rf_records_new(&records, RF_MAX_RECORD, err));
    RF_TRY(rf_sample_begin(records, &schema, sample, input, err));
    if (sample->format == RF_FORMAT_CSV)
        RF_TRY(read_header(&places, &n, records, sample, &cutter, err));
    for (int64_t i = 0; st != RF_EOF && i < input->part_records; i++) {
        RF_TRY(rf_sample_next(records, &record, input, err));
        if (st == RF_EOF)
            break;
        sample->too_long += record.too_long;
        if (record.too_long)
            continue;
        if (sample->format == RF_FORMAT_CSV)
            RF_TRY(csv_row(reader, cells, places, n, &cutter, record.text, err));
        else if (sample->format == RF_FORMAT_AVRO)
            RF_TRY(avro_row(sample, reader, cells, schema, record.text, err));
        else
            RF_TRY(json_rows(sample, reader, cells, record.text, err));
    }
    if (st != RF_EOF && rf_records_next(records, &record, NULL) != RF_EOF)
        sample->part = true;
done:
    rf_csv_cutter_clear(&cutter);
    rf_mem_free(places);
    rf_records_free(records);
    return st < 0 ? st : RF_OK;
}

static rf_status avro_message(rf_sample *sample, const rf_row_reader *reader, rf_cells *cells, rf_span value,
                              rf_err *err)
{
    rf_status st = RF_OK;
    const struct rf_avro_schema *schema;
    rf_span record;
    RF_TRY(rf_sample_schemas_find(&schema, &record, sample->schemas, value, err));
    if (st == RF_OK)
        RF_TRY(avro_row(sample, reader, cells, schema, record, err));
    st = RF_OK;
done:
    return st;
}

static rf_status rows_of_messages(rf_sample *sample, const rf_sample_input *input,
                                  const rf_row_reader *reader, rf_cells *cells, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < input->n_messages; i++) {
        const rf_sample_message *message = &input->messages[i];
        rf_span value = {input->content.ptr + message->value, message->value_len};
        if (!message->has_value)
            continue;
        if (sample->schemas != NULL) {
            RF_TRY(avro_message(sample, reader, cells, value, err));
            continue;
        }
        if (rf_framing_is_registry(value))
            value = (rf_span){value.ptr + RF_FRAMING_PREFIX, value.len - RF_FRAMING_PREFIX};
        RF_TRY(json_rows(sample, reader, cells, value, err));
    }
done:
    return st;
}

rf_status rf_sample_rows(rf_sample *sample, const rf_row_reader *reader, rf_err *err)
{
    rf_status st = RF_OK;
    rf_cells cells = {0};
    for (size_t i = 0; i < sample->n_inputs; i++)
        RF_TRY(sample->of_topic ? rows_of_messages(sample, &sample->inputs[i], reader, &cells, err)
                                : rows_of_records(sample, &sample->inputs[i], reader, &cells, err));
done:
    rf_cells_clear(&cells);
    return st;
}

/* ---- a look at all of them ---- */

/* Which of the words for nothing the value is; -1: none. */
static int null_word_of(const rf_sample *sample, const rf_raw *raw)
{
    if (raw->text.len == 0 || !rf_raw_has_text(raw) || !rf_null_words_has(&sample->null_words, raw->text))
        return -1;
    int word = 0;
    while (word < sample->null_words.n &&
           (strlen(sample->null_words.words[word]) != raw->text.len ||
            memcmp(sample->null_words.words[word], raw->text.ptr, raw->text.len) != 0))
        word++;
    return word;
}

static const char *format_word(const rf_sample *sample)
{
    return sample->format == RF_FORMAT_CSV ? "CSV" : sample->format == RF_FORMAT_AVRO ? "Avro" : "JSON";
}

static rf_status look_at_row(void *context, const rf_cell *cells, size_t n, rf_err *err)
{
    rf_status st = RF_OK;
    rf_sample *sample = context;
    for (size_t i = 0; i < n; i++)
        RF_TRY(rf_column_add(&sample->columns[cells[i].column], sample->records, &cells[i].raw,
                             null_word_of(sample, &cells[i].raw), err));
    sample->records++;
done:
    return st;
}

rf_status rf_sample_look(rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_row_reader reader = {look_at_row, sample};
    RF_TRY(rf_sample_rows(sample, &reader, err));
    sample->looked = true;
    for (size_t c = 0; c < sample->n_columns; c++)
        rf_words_all(sample->columns[c].words, sample->columns[c].name);
    if (sample->records == 0 && sample->too_long > 0)
        RF_FAIL(
            err, RF_E_INVALID,
            "%s: its first record has more than %d MiB; write one event a line, as `jq -c '.data[]'` does "
            "with {\"data\": [...]}",
            sample->inputs[0].name, RF_MAX_RECORD >> 20);
    if (sample->records == 0 && sample->header)
        RF_FAIL(err, RF_E_INVALID, "%s: has a header and no record yet, so nothing can be proposed",
                sample->inputs[0].name);
    if (sample->records == 0)
        RF_FAIL(err, RF_E_INVALID,
                "%s: no record in it could be read as %s; say what it is with source.format",
                sample->inputs[0].name, format_word(sample));
done:
    return st;
}
