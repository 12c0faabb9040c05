/* test_text_input.c - inputs of other encodings and line ends, and files that are no events. */
#include "packed.h"
#include "rf_source.h"
#include "text_input_int.h"

/* All content, read in pieces of `piece` bytes. */
static rf_status read_all(rf_text *out, const char *path, const char *encoding, size_t piece, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text_input *text = NULL;
    char *buffer = malloc(piece);
    size_t n = 1;
    rf_text_reset(out);
    RF_TRY(rf_text_input_open(&text, path, encoding, err));
    while (n > 0) {
        RF_TRY(rf_text_input_read(text, buffer, piece, &n, err));
        RF_TRY(rf_text_add(out, buffer, n, err));
    }
done:
    free(buffer);
    rf_text_input_close(text);
    return st;
}

static void check_content(const char *encoding, const char *stored, size_t len, const char *expected)
{
    static const size_t pieces[] = {8, 9, 13, 65536};
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        for (size_t i = 0; i < 4; i++) {
            rf_err err = {0};
            rf_text got = {0};
            char path[RF_TEST_PATH];
            packed_spill(rf_tmp_path(path, "encoded"), (enum packed_kind)kind, stored, len, 1);
            RF_CHECK_OK(err, read_all(&got, path, encoding, pieces[i], &err));
            ck_assert_msg(got.len == strlen(expected) && memcmp(got.ptr, expected, got.len) == 0,
                          "%s: \"%.*s\", not \"%s\"", encoding == NULL ? "auto" : encoding, (int)got.len,
                          got.ptr, expected);
            rf_text_clear(&got);
        }
    }
}

#define CHECK(encoding, stored, expected) check_content(encoding, stored, sizeof(stored) - 1, expected)

START_TEST(encodings_become_utf8)
{
    CHECK(NULL, "a\xC3\xA9\n", "a\xC3\xA9\n");
    CHECK(NULL,
          "\xFF\xFE"
          "a\0\xE9\0\x3D\xD8\x00\xDE\n\0",
          "\xEF\xBB\xBF"
          "a\xC3\xA9\xF0\x9F\x98\x80\n");
    CHECK(NULL, "\xFE\xFF\0a\0\xE9\xD8\x3D\xDE\x00\0\n",
          "\xEF\xBB\xBF"
          "a\xC3\xA9\xF0\x9F\x98\x80\n");
    CHECK(NULL, "\xFF\xFE\0\0a\0\0\0\n\0\0\0",
          "\xEF\xBB\xBF"
          "a\n");
    CHECK("utf-16", "\xFE\xFF\0a\0b",
          "\xEF\xBB\xBF"
          "ab");
    CHECK("utf-16", "a\0b\0c\0", "abc");
    CHECK("utf-16", "\0a\0b\0c", "abc");
    CHECK("utf-16le", "\xE9\0", "\xC3\xA9");
    CHECK("utf-16be", "\0\xE9", "\xC3\xA9");
    CHECK("latin-1", "Zo\xEB \x80\n", "Zo\xC3\xAB \xC2\x80\n");
    CHECK("windows-1252", "Zo\xEB \x80\n", "Zo\xC3\xAB \xE2\x82\xAC\n");
    CHECK("KOI8-R", "\xD0\xD2", "\xD0\xBF\xD1\x80");
    CHECK("utf-8", "\xFFx", "\xFFx");
    CHECK("latin-1", "", "");
}
END_TEST

START_TEST(what_is_no_character_stays_out_of_utf8)
{
    CHECK("windows-1252",
          "a\x81"
          "b",
          "a\xFF"
          "b");
    CHECK("utf-16le",
          "a\0\x3D\xD8"
          "b\0",
          "a\xFF"
          "b");                         /* half a pair */
    CHECK("utf-16le", "a\0b", "a\xFF"); /* half a unit at the end */
    CHECK("utf-16le", "a\0\x3D\xD8", "a\xFF");
}
END_TEST

START_TEST(returns_alone_are_line_ends)
{
    CHECK(NULL, "a,b\rc,d\re,f", "a,b\nc,d\ne,f");
    CHECK(NULL, "a,b\r\nc\rd\r\n", "a,b\r\nc\rd\r\n");
    CHECK(NULL, "a\rb\nc\n", "a\rb\nc\n");
    CHECK(NULL, "a,b\r", "a,b\r"); /* the rest may come */
    CHECK("utf-16le", "a\0\r\0b\0", "a\nb");
}
END_TEST

static void refused(enum packed_kind kind, const char *stored, size_t len, const char *part)
{
    rf_err err = {0};
    rf_text got = {0};
    char path[RF_TEST_PATH];
    packed_spill(rf_tmp_path(path, "foreign"), kind, stored, len, 1);
    RF_CHECK_FAILS(err, RF_E_INVALID, part, read_all(&got, path, NULL, 65536, &err));
    rf_text_clear(&got);
}

START_TEST(files_that_are_no_events_are_called_by_their_name)
{
    char zip[64] = "PK\x03\x04", tar[512] = "e.csv";
#define REFUSED(stored, part) refused(PACKED_PLAIN, stored, sizeof(stored) - 1, part)
    REFUSED("PK\x03\x04 and so on", "packed by zip");
    REFUSED("\xFD"
            "7zXZ\0\0\x04",
            "xz -dc");
    REFUSED("BZh91AY&SY", "packed by bzip2");
    REFUSED("7z\xBC\xAF\x27\x1C", "7-Zip");
    REFUSED("\x04\x22\x4D\x18 x", "lz4 -dc");
    REFUSED("PAR1\x15\x04\x15", "is Parquet");
    REFUSED("ORC\x01\x0B\x0F", "is ORC");
    REFUSED("SQLite format 3\0", "SQLite");
    REFUSED("<!DOCTYPE html><html>", "HTML");
    REFUSED("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "old Excel workbook");
    REFUSED("a\0,\0b\0", "source.encoding to utf-16le");
    REFUSED("\0a\0,\0b", "source.encoding to utf-16be");
    memcpy(zip + 30, "[Content_Types].xml", 19);
    refused(PACKED_PLAIN, zip, sizeof zip, "an Excel workbook");
    memcpy(tar + 257, "ustar", 5);
    refused(PACKED_PLAIN, tar, sizeof tar, "tar -xOf ");
    refused(PACKED_GZIP, tar, sizeof tar, "holds what is a tar archive");
    refused(PACKED_ZSTD, "PAR1\x15\x04\x15", 7, "Parquet");
    refused(PACKED_GZIP, "\x1F\x8B\x08", 3, "packed twice (gzip inside gzip)");
    refused(PACKED_ZSTD, "\x1F\x8B\x08", 3, "gzip inside zstd");
}
END_TEST

START_TEST(text_that_only_begins_like_others_is_read)
{
    CHECK(NULL, "BZh,x\n", "BZh,x\n");
    CHECK(NULL, "PK,x\n", "PK,x\n");
    CHECK(NULL, "a", "a");
    CHECK(NULL, "7z,x\n", "7z,x\n");
    CHECK(NULL, "ORCID,name\n", "ORCID,name\n");
    CHECK(NULL, "PAR1,PAR2\n", "PAR1,PAR2\n");
    CHECK(NULL, "ORC\nx\n", "ORC\nx\n");
}
END_TEST

START_TEST(names_of_encodings_are_known_or_not)
{
    static const char *const known[] = {"auto", "utf-8", "utf-16", "latin-1", "windows-1252", "SHIFT_JIS"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_msg(rf_encoding_is_known(known[i]), "%s", known[i]);
    ck_assert(!rf_encoding_is_known("utf-9"));
    ck_assert(!rf_encoding_is_known("/../../tmp/x"));
}
END_TEST

RF_SUITE("text_input", encodings_become_utf8, what_is_no_character_stays_out_of_utf8,
         returns_alone_are_line_ends, files_that_are_no_events_are_called_by_their_name,
         text_that_only_begins_like_others_is_read, names_of_encodings_are_known_or_not)
