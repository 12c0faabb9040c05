/* test_csv_dialect.c - CSV as others write it: marks, headers, rows of other lengths, files without header.
 */
#include "csv_start_int.h"
#include "decoder_rig.h"

static const rf_fields simple = {.user = "u", .entity = "v", .time = "t", .time_format = RF_TIME_S};

/* A whole file, read by a dialect: "user|entity|seconds;" for each event, "code;" for each reject; or the
 * failure. */
static void read_file(rf_text *out, rf_csv_dialect dialect, rf_fields fields, const char *const *columns,
                      int n, const char *content)
{
    rf_err err = {0};
    rf_records *records = NULL;
    rf_record record;
    char path[RF_TEST_PATH];
    decoder_rig r = rig_csv_of(dialect, fields, NULL);
    if (columns != NULL)
        RF_CHECK_OK(err, rf_csv_decoder_columns(r.csv, columns, n, false, &err));
    rf_spill(rf_tmp_path(path, "dialect.csv"), content, strlen(content));
    RF_CHECK_OK(err, rf_records_new(&records, 4096, &err));
    RF_CHECK_OK(err, rf_records_open(records, path, &err));
    rf_records_set_format(records, RF_FORMAT_CSV);
    rf_status st = rf_csv_start(records, r.csv, &dialect, "f.csv", &err);
    if (st < 0)
        RF_CHECK_OK(err, rf_text_printf(out, &err, "%s", err.msg));
    while (st == RF_OK && (st = rf_records_next(records, &record, &err)) == RF_OK) {
        rf_status read = rig_try(&r, record.text, &err);
        if (read == RF_OK)
            RF_CHECK_OK(err, rf_text_printf(out, &err, "%.*s|%.*s|%lld;", (int)r.event.user.len,
                                            r.event.user.ptr, (int)r.event.entity.len, r.event.entity.ptr,
                                            (long long)(r.event.time_us / 1000000)));
        else
            RF_CHECK_OK(err, rf_text_printf(out, &err, "%s;", rf_reject_name(r.reject.code)));
    }
    rf_records_free(records);
    rig_close(&r);
}

static void check_fields(rf_csv_dialect dialect, rf_fields fields, const char *content, const char *expected)
{
    rf_text got = {0};
    read_file(&got, dialect, fields, NULL, 0, content);
    ck_assert_msg(strcmp(got.ptr == NULL ? "" : got.ptr, expected) == 0, "%s\ngives %s\nnot   %s", content,
                  got.ptr, expected);
    rf_text_clear(&got);
}

static void check_file(rf_csv_dialect dialect, const char *content, const char *expected)
{
    check_fields(dialect, simple, content, expected);
}

START_TEST(the_delimiter_is_seen_from_the_header)
{
    const rf_csv_dialect rfc = {0};
    check_file(rfc, "u;t;v\na;1;b\n", "a|b|1;");
    check_file(rfc, "u\tt\tv\na\t1\tb\n\t\t\n", "a|b|1;missing_field;");
    check_file(rfc, "u|t|v\n\"a|x\"|1|b\n", "a|x|b|1;");
    check_file(rfc, "\"u\";\"t\";\"v\"\n\"a;\nx\";1;b\n", "a;\nx|b|1;");
    check_file(rfc,
               "u\x01t\x01v\na\x01"
               "1\x01"
               "b\n",
               "a|b|1;");
    check_file(rfc, "u,t,v;w\na,1,b;c\n",
               "f.csv: the CSV header has no column \"v\", which fields name; its columns are u, t, v;w");
    /* the comma comes first, and a delimiter that is given is the only one */
    check_file(rfc, "u,t,v,u;t;v\na,1,b,c;2;d\n", "a|b|1;");
    check_file((rf_csv_dialect){.delimiter = ','}, "u;t;v\na;1;b\n",
               "f.csv: the CSV header has no column \"u\", which fields name, but all of them by "
               "source.csv.delimiter: semicolon");
    check_file(rfc, "u t v\na 1 b\n",
               "f.csv: the CSV header has no column \"u\", which fields name, but all of them by "
               "source.csv.delimiter: space");
    check_file(
        rfc, "u/t/v\na/1/b\n",
        "f.csv: the CSV header has no column \"u\", which fields name; its columns are u/t/v (one only: "
        "source.csv.delimiter says what separates columns)");
    check_file(
        rfc, "{\"u\":1}\n",
        "f.csv: its first line is no CSV header but looks like JSON; set source.format to jsonl if it is");
    check_file(rfc, "u,t,v\na,1,b\n\x1A", "a|b|1;");
}
END_TEST

START_TEST(a_line_of_excel_names_the_delimiter)
{
    const rf_csv_dialect rfc = {0};
    check_file(rfc, "sep=;\r\nu;t;v\r\na;1;b\r\n", "a|b|1;");
    check_file(rfc, "\"sep=,\"\nu,t,v\na,1,b\n", "a|b|1;");
    check_file(rfc, "sep=:\nu:t:v\na:1:b\n", "a|b|1;");
    check_file(rfc, "sep=;\n", "");
    check_file((rf_csv_dialect){.delimiter = '|'}, "sep=;\nu|t|v\na|1|b\n", "a|b|1;");
}
END_TEST

START_TEST(quotes_and_escapes_are_what_the_dialect_says)
{
    check_file((rf_csv_dialect){.quote = '\''}, "u,t,v\n'a,''x''',1,\"b\"\n", "a,'x'|\"b\"|1;");
    check_file((rf_csv_dialect){.quote = RF_CSV_NO_QUOTE}, "u,t,v\n\"a,1,b\"c\n", "\"a|b\"c|1;");
    check_file((rf_csv_dialect){.escape = '\\'},
               "u,t,v\n\"a \\\"x\\\", \\\\\",1,b\\,c\n\"a\\\"\ny\",2,d\\\ne\nf\\tg\\n,3,\\N\n",
               "a \"x\", \\|b,c|1;a\"\ny|d\ne|2;f\tg\n|\\N|3;");
    check_file((rf_csv_dialect){.escape = '"'}, "u,t,v\n\"a\"\"\",1,b\n", "a\"|b|1;");
    check_file((rf_csv_dialect){.escape = '\\'}, "u,t,v\n\"a\\\",1,b\nc,2,d\n", "bad_csv;");
}
END_TEST

START_TEST(trim_takes_spaces_away_and_lets_quotes_follow_them)
{
    const rf_csv_dialect trim = {.trim = true};
    check_file(trim, "u, t, v\n a , 1,\"b \" \n \"c,\n\" , 2 , d\n", "a|b|1;c,\n|d|2;");
    check_file((rf_csv_dialect){.trim = true, .delimiter = '\t'}, "u\tt\tv\n a\t 1\tb \n", "a|b|1;");
    check_file((rf_csv_dialect){0}, "u,t,v\na, \"1\",b\n", "bad_csv;");
}
END_TEST

START_TEST(lines_that_are_no_records_are_passed_over)
{
    check_file((rf_csv_dialect){.comment = '#'}, "# it's \"a comment\nu,t,v\n#a,1,b\n#\"\na,#,b\na,2,b\n#",
               "bad_time;a|b|2;");
    check_file((rf_csv_dialect){.skip = 3}, "Report of \"all\nof 2024\n\nu,t,v\na,1,b\n", "a|b|1;");
    check_file((rf_csv_dialect){.skip = 9}, "u,t,v\na,1,b\n", "");
}
END_TEST

START_TEST(rows_may_end_in_delimiters_and_be_filled_up)
{
    check_file((rf_csv_dialect){0}, "u,t,v\na,1,b,\na,2,b,,\na,3,b,x\na,4\n",
               "a|b|1;a|b|2;field_count;field_count;");
    check_file((rf_csv_dialect){.escape = '\\'}, "u,t,v\na,1,b,c\\,\n", "field_count;");
    check_file((rf_csv_dialect){.short_rows = true}, "u,t,v,w\na,1,b\n\"a\",2\na,3,b,,\n",
               "a|b|1;missing_field;a|b|3;");
}
END_TEST

START_TEST(headers_are_read_as_people_see_them)
{
    const rf_csv_dialect rfc = {0};
    rf_fields fields = simple;
    check_file(rfc, "u , t,\xC2\xA0v\xE2\x80\x8B\na,1,b\n", "a|b|1;");
    check_file(rfc, "\xEF\xBB\xBFu,x, u\n",
               "f.csv: the CSV header has no column \"v\", which fields name; its "
               "columns are u, x,  u");
    check_file(rfc, "U,T,V\n",
               "f.csv: the CSV header has no column \"u\", which fields name; did you mean \"U\"? "
               "Its columns are U, T, V");
    fields.user = "card\xC2\xA0number";
    check_fields(rfc, fields, "Card,card  number ,t,v\n,a,1,b\n", "a|b|1;");
    /* a column that nobody names may be anything */
    check_file(rfc,
               "u,t,v,Gr\xF6\xDF"
               "e\na,1,b,c\n",
               "a|b|1;");
}
END_TEST

START_TEST(columns_of_one_name_are_told_apart_by_number)
{
    const rf_csv_dialect rfc = {0};
    rf_fields fields = simple;
    fields.user = "Account#1";
    fields.entity = "Account#2";
    check_fields(rfc, fields, "Account,t, Account\na,1,b\n", "a|b|1;");
    check_fields(rfc, fields, "Account#2,t,Account#1\na,1,b\n", "b|a|1;");
    check_fields(
        rfc, fields, "t,Account\n",
        "f.csv: the CSV header has no column \"Account#2\", which fields name; did you mean \"Account\"? Its "
        "columns are t, Account");
    fields.user = "Account";
    check_fields(
        rfc, fields, "Account,t,Account\n",
        "f.csv: the CSV header has several columns \"Account\"; say which in fields: \"Account#1\" is the "
        "first of them, \"Account#2\" the second; or by position, \"#3\"");
    fields.user = "#3";
    fields.entity = "v";
    check_fields(rfc, fields, "v,t,u\na,1,b\n", "b|a|1;");
    fields.user = "#1"; /* one column for two fields */
    check_fields(rfc, fields, "v,t,u\na,1,b\n", "a|a|1;");
}
END_TEST

static void check_listed(rf_csv_dialect dialect, const char *content, const char *expected)
{
    static const char *const columns[] = {"u", "x", "t", "v"};
    rf_text got = {0};
    read_file(&got, dialect, simple, columns, 4, content);
    ck_assert_str_eq(got.ptr == NULL ? "" : got.ptr, expected);
    rf_text_clear(&got);
}

START_TEST(a_file_without_header_has_listed_columns_or_positions)
{
    const rf_csv_dialect rfc = {0}, none = {.header = RF_CSV_HEADER_NONE},
                         first = {.header = RF_CSV_HEADER_FIRST};
    rf_fields fields = {.user = "#1", .entity = "#4", .time = "#3", .time_format = RF_TIME_S};
    check_listed(rfc, "a,,1,b\nc,,2,d\n", "a|b|1;c|d|2;");
    check_listed(rfc, "a;;1;b\nc;;2;d\n", "a|b|1;c|d|2;");
    check_listed(rfc, "u,x,t,v\nc,,2,d\n", "c|d|2;");
    check_listed(none, "u,x,t,v\nc,,2,d\n", "bad_time;c|d|2;");
    check_listed(first, "user,other,time,shop\nc,,2,d\n", "c|d|2;");
    check_listed(rfc, "a,1,b\nc,,2,d\n", "field_count;c|d|2;");
    check_fields(none, fields, "a,,1,b\nc,,2,d\n", "a|b|1;c|d|2;");
    check_fields(none, fields, "a\t\t1\tb\nc\t\t2\td\n", "a|b|1;c|d|2;");
    check_fields(
        none, simple, "a,1,b\n",
        "f.csv: no column is \"u\": there is no header (source.csv.header), and the first record has 3 "
        "fields; list the columns in source.columns, or name fields by position (\"#1\")");
    check_file(rfc, "a,1,b\n",
               "f.csv: the CSV header has no column \"u\", which fields name; it is \"a, 1, b\". If "
               "the file has no header, list its columns in source.columns, or name fields by "
               "position (\"#1\")");
}
END_TEST

RF_SUITE("csv_dialect", the_delimiter_is_seen_from_the_header, a_line_of_excel_names_the_delimiter,
         quotes_and_escapes_are_what_the_dialect_says, trim_takes_spaces_away_and_lets_quotes_follow_them,
         lines_that_are_no_records_are_passed_over, rows_may_end_in_delimiters_and_be_filled_up,
         headers_are_read_as_people_see_them, columns_of_one_name_are_told_apart_by_number,
         a_file_without_header_has_listed_columns_or_positions)
