/* proposal_yaml.c - a proposal as a configuration with what was seen beside each line.
 */
#include "proposal_int.h"
#include "rf_count.h"

#include <stdio.h>
#include <string.h>

#include "rf_quote.h"

/* ---- scalars ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_plain(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    if (!is_letter(text[0]) && text[0] != '_' && !(text[0] == '$' && is_letter(text[1])))
        return false;
    for (size_t i = 1; text[i] != '\0'; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (!is_letter(text[i]) && !digit && strchr("_.-/", text[i]) == NULL)
            return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t k = 0;
        while (words[i][k] != '\0' && (words[i][k] | 0x20) == (text[k] | 0x20))
            k++;
        if (words[i][k] == '\0' && text[k] == '\0')
            return false;
    }
    return true;
}

/* Characters that YAML does not have, or takes for the end of a line. */
static bool is_odd(uint32_t code)
{
    return (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
           code == 0xFFFE || code == 0xFFFF;
}

rf_status rf_yaml_scalar(rf_text *out, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    if (is_plain(text))
        return rf_text_printf(out, err, "%s", text);
    RF_TRY(rf_text_add(out, "\"", 1, err));
    for (size_t i = 0, n, left = strlen(text); i < left; i += n) {
        uint32_t code = 0xFFFD; /* of bytes that are no text */
        n = rf_utf8_decode(&code, text + i, left - i);
        bool marked = code == '"' || code == '\\';
        if (n == 0 || code < 0x20 || is_odd(code))
            RF_TRY(rf_text_printf(out, err, "\\u%04X", code));
        else
            RF_TRY(rf_text_printf(out, err, "%s%.*s", marked ? "\\" : "", (int)n, text + i));
        n += n == 0;
    }
    RF_TRY(rf_text_add(out, "\"", 1, err));
done:
    return st;
}

rf_status rf_yaml_list(rf_text *out, const char *const *items, int n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_add(out, "[", 1, err));
    for (int i = 0; i < n; i++) {
        RF_TRY(rf_text_printf(out, err, "%s", i == 0 ? "" : ", "));
        RF_TRY(rf_yaml_scalar(out, items[i], err));
    }
    RF_TRY(rf_text_add(out, "]", 1, err));
done:
    return st;
}

/* A text of strangers behind a #: one line, and nothing in it moves a cursor. */
rf_status rf_yaml_comment(rf_text *out, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_add(out, "  # ", 4, err));
    RF_TRY(rf_quote_add(out, text, strlen(text), err));
    RF_TRY(rf_text_add(out, "\n", 1, err));
done:
    return st;
}

/* ---- source ---- */

static rf_status add_mark(rf_text *out, const char *key, int mark, rf_err *err)
{
    const char text[] = {(char)mark, '\0'};
    rf_status st = RF_OK;
    if (mark == '\t')
        return rf_text_printf(out, err, "    %s: tab\n", key);
    if (mark < ' ')
        return rf_text_printf(out, err, "    %s: \"\\x%02x\"\n", key, (unsigned)mark);
    RF_TRY(rf_text_printf(out, err, "    %s: ", key));
    RF_TRY(rf_yaml_scalar(out, text, err));
    RF_TRY(rf_text_add(out, "\n", 1, err));
done:
    return st;
}

static rf_status add_dialect(rf_text *out, const rf_sample *sample, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_csv_dialect *csv = &sample->csv;
    bool delimiter = csv->delimiter != RF_CSV_AUTO && csv->delimiter != ',';
    bool quote = csv->quote != RF_CSV_DOUBLE_QUOTE, header = csv->header != RF_CSV_HEADER_AUTO;
    if (!delimiter && !quote && csv->escape == 0 && csv->comment == 0 && csv->skip == 0 && !csv->trim &&
        !csv->short_rows && !header)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "  csv:\n"));
    if (delimiter)
        RF_TRY(add_mark(out, "delimiter", csv->delimiter, err));
    if (csv->quote == RF_CSV_NO_QUOTE)
        RF_TRY(rf_text_printf(out, err, "    quote: none\n"));
    else if (quote)
        RF_TRY(add_mark(out, "quote", csv->quote, err));
    if (csv->escape != 0)
        RF_TRY(add_mark(out, "escape", csv->escape, err));
    if (csv->comment != 0)
        RF_TRY(add_mark(out, "comment", csv->comment, err));
    if (csv->skip > 0)
        RF_TRY(rf_text_printf(out, err, "    skip: %d\n", csv->skip));
    if (csv->trim)
        RF_TRY(rf_text_printf(out, err, "    trim: true\n"));
    if (header)
        RF_TRY(rf_text_printf(out, err, "    header: %s\n",
                              csv->header == RF_CSV_HEADER_NONE ? "false" : "true"));
    if (csv->short_rows)
        RF_TRY(rf_text_printf(out, err, "    short_rows: fill\n"));
done:
    return st;
}

static rf_status add_where(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_fields *told = &p->told.options->fields;
    if (told->n_where + p->n_where == 0)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "  # records that are not wanted count as filtered\n  where:\n"));
    for (int i = 0; i < told->n_where; i++) {
        RF_TRY(rf_text_printf(out, err, "    - "));
        RF_TRY(rf_yaml_scalar(out, told->where[i], err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    for (int i = 0; i < p->n_where; i++) {
        RF_TRY(rf_text_printf(out, err, "    - "));
        RF_TRY(rf_yaml_scalar(out, p->where[i], err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
done:
    return st;
}

/* A value that nobody may read in a file, unless it only says where it stands. */
static bool is_secret(const rf_setting *setting)
{
    static const char *const words[] = {"password", "secret", "pem", "token", "oauthbearer.config"};
    bool refers = setting->value != NULL && strncmp(setting->value, "${", 2) == 0;
    for (size_t i = 0; !refers && i < sizeof words / sizeof *words; i++) {
        if (strstr(setting->key, words[i]) != NULL)
            return true;
    }
    return false;
}

static rf_status add_kafka(rf_text *out, const rf_kafka_source_options *kafka, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(out, err, "kafka:\n"));
    for (int i = 0; i < kafka->n_settings; i++) {
        if (is_secret(&kafka->settings[i])) {
            RF_TRY(rf_text_printf(out, err, "  # %s: ${file:PATH}\n", kafka->settings[i].key));
            continue;
        }
        RF_TRY(rf_text_printf(out, err, "  %s: ", kafka->settings[i].key));
        RF_TRY(rf_yaml_scalar(out, kafka->settings[i].value, err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    if (rf_kafka_setting(kafka->settings, kafka->n_settings, "group.id") == NULL)
        RF_TRY(rf_text_printf(out, err, "  group.id: ringfence\n"));
done:
    return st;
}

static rf_status add_path(rf_text *out, const char *key, const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    if (value == NULL)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "    %s: ", key));
    RF_TRY(rf_yaml_scalar(out, value, err));
    RF_TRY(rf_text_add(out, "\n", 1, err));
done:
    return st;
}

/* Where a registry, folder or file has the schemas of messages; a password is not written. */
static rf_status add_schemas(rf_text *out, const rf_avro_options *avro, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_text_printf(out, err, "  avro:\n"));
    RF_TRY(add_path(out, "registry", avro->registry, err));
    RF_TRY(add_path(out, "schemas", avro->schemas, err));
    RF_TRY(add_path(out, "schema", avro->schema, err));
    RF_TRY(add_path(out, "user", avro->user, err));
    RF_TRY(add_path(out, "ca", avro->ca, err));
    if (avro->password != NULL)
        RF_TRY(rf_text_printf(out, err, "    # password: ${file:PATH}\n"));
done:
    return st;
}

static rf_status add_source(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_sample *sample = p->sample;
    const rf_source_options *options = p->told.options;
    char words[RF_SAMPLE_WORDS];
    RF_TRY(rf_text_printf(out, err, "source:"));
    RF_TRY(rf_yaml_comment(out, rf_sample_format_words(words, sample), err));
    if (sample->of_topic) {
        RF_TRY(rf_text_printf(out, err, "  type: kafka\n  topics: "));
        RF_TRY(rf_yaml_list(out, options->kafka.topics, options->kafka.n_topics, err));
    } else if (options->type == RF_SOURCE_STDIN) {
        RF_TRY(rf_text_printf(out, err, "  type: stdin"));
    } else {
        RF_TRY(rf_text_printf(out, err, "  paths: "));
        RF_TRY(rf_yaml_list(out, options->paths, options->n_paths, err));
    }
    RF_TRY(rf_text_add(out, "\n", 1, err));
    if (sample->says_format || options->format != RF_FORMAT_AUTO)
        RF_TRY(rf_text_printf(out, err, "  format: %s\n",
                              sample->format == RF_FORMAT_CSV    ? "csv"
                              : sample->format == RF_FORMAT_AVRO ? "avro"
                                                                 : "jsonl"));
    if (sample->schemas != NULL)
        RF_TRY(add_schemas(out, &options->kafka.avro, err));
    if (sample->encoding != NULL)
        RF_TRY(rf_text_printf(out, err, "  encoding: %s\n", sample->encoding));
    if (options->n_columns > 0) {
        RF_TRY(rf_text_printf(out, err, "  columns: "));
        RF_TRY(rf_yaml_list(out, options->columns, options->n_columns, err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    if (sample->format == RF_FORMAT_CSV)
        RF_TRY(add_dialect(out, sample, err));
    RF_TRY(add_where(out, p, err));
    if (sample->of_topic)
        RF_TRY(add_kafka(out, &options->kafka, err));
done:
    return st;
}

/* ---- fields ---- */

static rf_status add_choice(rf_text *out, const rf_choice *choice, const char *before, const char *key,
                            rf_err *err)
{
    rf_status st = RF_OK;
    if (choice->n == 0)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "  %s%s: %s", before, key, choice->text));
    RF_TRY(rf_yaml_comment(out, choice->seen, err));
done:
    return st;
}

static rf_status add_role(rf_text *out, const rf_proposal *p, rf_role role, const char *key, rf_err *err)
{
    return add_choice(out, &p->roles[role], "", key, err);
}

/* With what was told of their spelling and nearness it is a map. */
rf_status rf_yaml_side(rf_text *out, const rf_proposal *p, rf_role role, const char *before, const char *key,
                       rf_err *err)
{
    rf_status st = RF_OK;
    const rf_fields *fields = &p->told.options->fields;
    const rf_choice *choice = &p->roles[role];
    const rf_spelling_words *told =
        role == RF_ROLE_USER ? &fields->user_normalise : &fields->entity_normalise;
    const int near_bits = role == RF_ROLE_USER ? 0 : fields->near_bits;
    size_t len = strlen(choice->text);
    if (choice->n == 0 || (told->words == NULL && near_bits == 0))
        return add_choice(out, choice, before, key, err);
    if (choice->text[0] == '{') /* {join: [a, b]} */
        RF_TRY(rf_text_printf(out, err, "  %s%s: %.*s", before, key, (int)len - 1, choice->text));
    else
        RF_TRY(rf_text_printf(out, err, "  %s%s: {%s: %s", before, key,
                              choice->text[0] == '[' ? "first" : "field", choice->text));
    if (told->words != NULL) {
        RF_TRY(rf_text_printf(out, err, ", normalise: "));
        RF_TRY(rf_yaml_list(out, told->words, told->n, err));
    }
    if (near_bits > 0)
        RF_TRY(rf_text_printf(out, err, ", near: %d", near_bits));
    RF_TRY(rf_text_printf(out, err, "}"));
    RF_TRY(rf_yaml_comment(out, choice->seen, err));
done:
    return st;
}

static const char *const notation_words[] = {
    [RF_TIME_ISO8601] = "iso8601", [RF_TIME_S] = "s",    [RF_TIME_MS] = "ms",
    [RF_TIME_US] = "us",           [RF_TIME_NS] = "ns",  [RF_TIME_MINUTES] = "min",
    [RF_TIME_HOURS] = "h",         [RF_TIME_DAYS] = "d", [RF_TIME_STRPTIME] = ""};

/* One format, or a list where several are tried. */
static rf_status add_format(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const char *at = p->pattern;
    char one[RF_TYPE_PATTERNS];
    bool several = strchr(at, '\n') != NULL;
    if (p->notation != RF_TIME_STRPTIME)
        return rf_text_printf(out, err, "%s", notation_words[p->notation]);
    RF_TRY(rf_text_printf(out, err, "%s", several ? "[" : ""));
    for (bool first = true; at != NULL; first = false) {
        size_t len = strcspn(at, "\n");
        snprintf(one, sizeof one, "%.*s", (int)len, at);
        RF_TRY(rf_text_printf(out, err, "%s", first ? "" : ", "));
        RF_TRY(rf_yaml_scalar(out, one, err));
        at = at[len] == '\0' ? NULL : at + len + 1;
    }
    RF_TRY(rf_text_printf(out, err, "%s", several ? "]" : ""));
done:
    return st;
}

static rf_status add_time(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_choice *time = &p->roles[RF_ROLE_TIME];
    if (time->n == 0)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "  time: {field: %s", time->text));
    if (time->columns[0] >= 0 || p->told.time_format) {
        RF_TRY(rf_text_printf(out, err, ", format: "));
        RF_TRY(add_format(out, p, err));
    }
    if (p->counts_from)
        RF_TRY(rf_text_printf(out, err, ", since: %s", p->since));
    if (p->told.zone) {
        RF_TRY(rf_text_printf(out, err, ", zone: "));
        RF_TRY(rf_yaml_scalar(out, p->told.options->fields.zone, err));
    }
    RF_TRY(rf_text_add(out, "}", 1, err));
    RF_TRY(rf_yaml_comment(out, time->seen, err));
done:
    return st;
}

static rf_status add_words(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_truth_words *told = &p->told.options->fields.label_words;
    const char *const *yes = told->n_yes + told->n_no > 0 ? told->yes : (const char *const *)p->yes;
    const char *const *no = told->n_yes + told->n_no > 0 ? told->no : (const char *const *)p->no;
    int n_yes = told->n_yes + told->n_no > 0 ? told->n_yes : p->n_yes;
    int n_no = told->n_yes + told->n_no > 0 ? told->n_no : p->n_no;
    if (n_yes > 0) {
        RF_TRY(rf_text_printf(out, err, "  true_values: "));
        RF_TRY(rf_yaml_list(out, yes, n_yes, err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    if (n_no > 0) {
        RF_TRY(rf_text_printf(out, err, "  false_values: "));
        RF_TRY(rf_yaml_list(out, no, n_no, err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    if (p->fraud_type >= 0) {
        RF_TRY(rf_text_printf(out, err, "  fraud_type: "));
        RF_TRY(rf_yaml_scalar(out, p->sample->columns[p->fraud_type].name, err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
done:
    return st;
}

static rf_status add_numbers(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_number_style *style = &p->style;
    const char thousands[] = {(char)style->thousands, '\0'};
    const char *word = style->thousands == ','    ? "comma"
                       : style->thousands == '.'  ? "point"
                       : style->thousands == ' '  ? "space"
                       : style->thousands == '\'' ? "apostrophe"
                                                  : thousands;
    bool comma = style->decimal == ',', between = false;
    if (!comma && style->thousands == 0 && style->n_currency == 0)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "  numbers: {"));
    if (comma) {
        RF_TRY(rf_text_printf(out, err, "decimal: comma"));
        between = true;
    }
    if (style->thousands != 0) {
        RF_TRY(rf_text_printf(out, err, "%sthousands: ", between ? ", " : ""));
        RF_TRY(rf_yaml_scalar(out, word, err));
        between = true;
    }
    if (style->n_currency > 0) {
        RF_TRY(rf_text_printf(out, err, "%scurrency: ", between ? ", " : ""));
        RF_TRY(rf_yaml_list(out, style->currency, style->n_currency, err));
    }
    RF_TRY(rf_text_printf(out, err, "}\n"));
done:
    return st;
}

/* Own words for nothing take the place of the usual ones, which so stand among them. */
static rf_status add_spelling(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    const char *words[RF_PROPOSED_NULLS + 32];
    int n = 0;
    const rf_fields *told = &p->told.options->fields;
    if (told->n_normalise + p->n_normalise > 0) {
        RF_TRY(rf_text_printf(out, err, "  normalise: "));
        RF_TRY(told->n_normalise > 0 ? rf_yaml_list(out, told->normalise, told->n_normalise, err)
                                     : rf_yaml_list(out, p->normalise, p->n_normalise, err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    if (p->n_nulls == 0 && told->null_values == rf_usual_null_values)
        goto done;
    for (int i = 0; i < told->n_null_values && i < 32; i++)
        words[n++] = told->null_values[i];
    for (int i = 0; i < p->n_nulls; i++)
        words[n++] = p->nulls[i];
    RF_TRY(rf_text_printf(out, err, "  null_values: "));
    RF_TRY(rf_yaml_list(out, words, n, err));
    RF_TRY(rf_text_add(out, "\n", 1, err));
done:
    return st;
}

/* ---- attributes ---- */

static rf_status add_attr(rf_text *out, const rf_proposal *p, const rf_proposed_attr *attr, rf_err *err)
{
    rf_status st = RF_OK;
    static const char *const types[] = {
        [RF_ATTR_NUMBER] = "number", [RF_ATTR_CATEGORY] = "category", [RF_ATTR_BOOLEAN] = "boolean"};
    const char *name = p->sample->columns[attr->column].name;
    char seen[RF_COLUMN_SEEN];
    bool same = strcmp(name, attr->name) == 0 && !attr->age;
    RF_TRY(rf_text_printf(out, err, "    "));
    RF_TRY(rf_yaml_scalar(out, attr->name, err));
    if (same && attr->required && !attr->log1p && attr->type != RF_ATTR_CATEGORY && attr->decimals < 0 &&
        !attr->ethers) {
        RF_TRY(rf_text_printf(out, err, ": %s", types[attr->type]));
    } else {
        RF_TRY(rf_text_printf(out, err, ": {type: %s", attr->age ? "age" : types[attr->type]));
        if (!same) {
            RF_TRY(rf_text_printf(out, err, ", %s: ", attr->age ? "from" : "field"));
            RF_TRY(rf_yaml_scalar(out, name, err));
        }
        if (attr->log1p)
            RF_TRY(rf_text_printf(out, err, ", log1p: true"));
        if (attr->decimals >= 0)
            RF_TRY(rf_text_printf(out, err, ", decimals: %d", attr->decimals));
        if (attr->ethers)
            RF_TRY(rf_text_printf(out, err, ", scale: 1e-18"));
        if (attr->type == RF_ATTR_CATEGORY && attr->top != 20)
            RF_TRY(rf_text_printf(out, err, ", top: %d", attr->top));
        if (!attr->required)
            RF_TRY(rf_text_printf(out, err, ", required: false"));
        RF_TRY(rf_text_add(out, "}", 1, err));
    }
    RF_TRY(rf_yaml_comment(out, rf_column_seen(seen, p, attr->column), err));
done:
    return st;
}

static rf_status add_attrs(rf_text *out, const rf_proposal *p, rf_err *err)
{
    rf_status st = RF_OK;
    if (p->aside[0] != '\0') {
        RF_TRY(rf_text_printf(out, err, "  # no attributes:"));
        RF_TRY(rf_text_add(out, " ", 1, err));
        RF_TRY(rf_quote_add(out, p->aside, strlen(p->aside), err));
        RF_TRY(rf_text_add(out, "\n", 1, err));
    }
    if (p->n_attrs == 0)
        return RF_OK;
    RF_TRY(rf_text_printf(out, err, "  attributes:\n"));
    for (int i = 0; i < p->n_attrs; i++)
        RF_TRY(add_attr(out, p, &p->attrs[i], err));
done:
    return st;
}

rf_status rf_proposal_yaml(rf_text *out, const rf_proposal *p, const rf_yaml_frame *frame, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_fields *told = &p->told.options->fields;
    RF_TRY(rf_text_printf(
        out, err,
        "# Proposed by `ringfence init` from %s. Behind each line is what was found; ids are "
        "masked.\n#\n#   ringfence check --config %s\n#   ringfence run --config %s\n#\n"
        "# docs/CONFIGURATION.md has every key, docs/INGEST.md answers \"what does your file look "
        "like?\".\n\n",
        RF_THINGS(p->sample->records, "record"), frame->path, frame->path));
    RF_TRY(add_source(out, p, err));
    RF_TRY(rf_text_printf(out, err, "\nfields:\n"));
    RF_TRY(rf_yaml_side(out, p, RF_ROLE_USER, "", "user", err));
    if (told->schema == NULL || told->schema->n_kinds == 0)
        RF_TRY(rf_yaml_side(out, p, RF_ROLE_ENTITY, "", "entity", err));
    RF_TRY(rf_yaml_kinds(out, p, err));
    RF_TRY(add_time(out, p, err));
    RF_TRY(add_role(out, p, RF_ROLE_EVENT_ID, "event_id", err));
    RF_TRY(add_role(out, p, RF_ROLE_LABEL, "label", err));
    RF_TRY(add_words(out, p, err));
    RF_TRY(add_spelling(out, p, err));
    RF_TRY(add_numbers(out, p, err));
    RF_TRY(add_attrs(out, p, err));
    if (p->window_all)
        RF_TRY(rf_text_printf(out, err,
                              "\n# all events; for a job that runs every day, the last 30 days: window: 30d\n"
                              "graph: {window: all}\n"));
    if (p->absent_keys)
        RF_TRY(
            rf_text_printf(out, err, "\n# a key that is rare is no mistake\ningest: {absent_keys: warn}\n"));
    RF_TRY(rf_text_printf(out, err, "\n# graph, model, scores and actions are written here\noutput: "));
    RF_TRY(rf_yaml_scalar(out, frame->output, err));
    RF_TRY(rf_text_add(out, "\n", 1, err));
done:
    return st;
}
