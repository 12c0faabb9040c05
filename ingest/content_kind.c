/* content_kind.c - names the files that people take for events: their bytes would be taken for bad records.
 */
#include "content_kind_int.h"

#include <stdbool.h>
#include <string.h>

#define TAR_AT 257
#define ZIP_NAME_AT 30 /* the name of the first file in a zip */

typedef struct kind {
    const char *magic;
    size_t len;
    size_t at;
    const char *what;
    const char *command, *filter; /* that unpack a file, and standard input; NULL: see `advice` */
    const char *advice;
} kind;

#define BYTES(text) text, sizeof(text) - 1

static const kind kinds[] = {
    {BYTES("[Content_Types].xml"), ZIP_NAME_AT, "an Excel workbook", NULL, NULL,
     "save the sheet as CSV (UTF-8)"},
    {BYTES("_rels/"), ZIP_NAME_AT, "an Office document", NULL, NULL, "save the sheet as CSV (UTF-8)"},
    {BYTES("docProps/"), ZIP_NAME_AT, "an Excel workbook", NULL, NULL, "save the sheet as CSV (UTF-8)"},
    {BYTES("xl/"), ZIP_NAME_AT, "an Excel workbook", NULL, NULL, "save the sheet as CSV (UTF-8)"},
    {BYTES("mimetypeapplication/vnd.oasis"), ZIP_NAME_AT, "an OpenDocument file", NULL, NULL,
     "save the sheet as CSV (UTF-8)"},
    {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), 0, "an old Excel workbook", NULL, NULL,
     "save the sheet as CSV (UTF-8)"},
    {BYTES("PK\x03\x04"), 0, "packed by zip", "unzip -p", "funzip", NULL},
    {BYTES("PK\x05\x06"), 0, "an empty zip file", NULL, NULL, "look what it should have held"},
    {BYTES("\xFD"
           "7zXZ"),
     0, "packed by xz", "xz -dc", "xz -dc", NULL},
    {BYTES("7z\xBC\xAF\x27\x1C"), 0, "packed by 7-Zip", "7z x -so", NULL, "unpack it"},
    {BYTES("Rar!\x1A\x07"), 0, "packed by RAR", "unrar p -inul", NULL, "unpack it"},
    {BYTES("\x04\x22\x4D\x18"), 0, "packed by lz4", "lz4 -dc", "lz4 -dc", NULL},
    {BYTES("\xFF\x06\0\0sNaPpY"), 0, "packed by snappy", "snzip -dc", "snzip -dc", NULL},
    {BYTES("ustar"), TAR_AT, "a tar archive", "tar -xOf", "tar -xO", NULL},
    {BYTES("ORC"), 0, "ORC", NULL, NULL, "convert it to CSV"},
    {BYTES("ARROW1"), 0, "Arrow (Feather)", NULL, NULL, "convert it to CSV"},
    {BYTES("SQLite format 3"), 0, "an SQLite database", NULL, NULL,
     "print a table as CSV (sqlite3 -csv -header)"},
    {BYTES("\x89HDF\r\n"), 0, "HDF5", NULL, NULL, "convert it to CSV; graphs go to other verbs than build"},
    {BYTES("%PDF-"), 0, "a PDF document", NULL, NULL, "export the table as CSV"},
    {BYTES("<!DOCTYPE html"), 0, "an HTML page, of a login or an error perhaps", NULL, NULL,
     "fetch the events again"},
    {BYTES("<!doctype html"), 0, "an HTML page, of a login or an error perhaps", NULL, NULL,
     "fetch the events again"},
    {BYTES("<html"), 0, "an HTML page, of a login or an error perhaps", NULL, NULL, "fetch the events again"},
    {BYTES("<?xml "), 0, "XML", NULL, NULL, "convert it to CSV or JSON Lines"},
    {BYTES("version https://git-lfs"), 0, "a pointer of Git LFS, not the file", NULL, NULL, "git lfs pull"},
};

static bool is_kind(const kind *k, const char *bytes, size_t n)
{
    if (n < k->at + k->len || memcmp(bytes + k->at, k->magic, k->len) != 0)
        return false;
    if (k->at == ZIP_NAME_AT)
        return memcmp(bytes, "PK\x03\x04", 4) == 0;
    size_t next = k->at + k->len; /* letters may begin a text, where more of it follows */
    bool letters = k->magic[0] >= 'A' && k->magic[k->len - 1] <= 'z' && k->len < 7;
    return !letters || next == n || (unsigned char)bytes[next] < '\t' ||
           ((unsigned char)bytes[next] > '\r' && (unsigned char)bytes[next] <= ' ');
}

/* "BZh" may begin a text; what follows may not. */
static const kind bzip2 = {BYTES("BZh"), 0, "packed by bzip2", "bzip2 -dc", "bzip2 -dc", NULL};

static bool is_bzip2(const char *bytes, size_t n)
{
    return n >= 6 && memcmp(bytes, "BZh", 3) == 0 && memcmp(bytes + 4, "1A", 2) == 0;
}

static const kind parquet = {BYTES("PAR1"), 0, "Parquet", NULL, NULL, NULL};

/* How to make events of it: "xz -dc FILE", "zcat FILE | xz -dc". */
static rf_status refuse(const kind *k, const char *name, rf_packing packing, rf_err *err)
{
    rf_status st = RF_OK;
    bool piped = strcmp(name, "stdin") == 0, inside = packing != RF_PACKING_PLAIN;
    const char *command = piped || inside ? k->filter : k->command;
    const char *unpack = !inside ? "" : packing == RF_PACKING_ZSTD ? "zstd -dc" : "zcat";
    if (command == NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: %s %s, which is not read; %s", name, inside ? "holds what is" : "is",
                k->what, k->advice);
    RF_FAIL(err, RF_E_INVALID,
            "%s: %s %s, which is not read (gzip and zstd are); unpack it: %s%s%s%s%s%s%s | ringfence build -",
            name, inside ? "holds what is" : "is", k->what, unpack, inside && !piped ? " " : "",
            inside && !piped ? name : "", inside ? " | " : "", command, inside || piped ? "" : " ",
            inside || piped ? "" : name);
done:
    return st;
}

rf_status rf_content_check(const char *name, const char *bytes, size_t n, rf_packing packing,
                           bool packed_only, rf_err *err)
{
    rf_status st = RF_OK;
    bool piped = strcmp(name, "stdin") == 0;
    const char *again = n >= 2 && memcmp(bytes, "\x1F\x8B", 2) == 0           ? "gzip"
                        : n >= 4 && memcmp(bytes, "\x28\xB5\x2F\xFD", 4) == 0 ? "zstd"
                                                                              : NULL;
    if (packing != RF_PACKING_PLAIN && again != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s: is packed twice (%s inside %s); unpack it once: %s%s%s | ringfence build -", name, again,
                packing == RF_PACKING_ZSTD ? "zstd" : "gzip",
                packing == RF_PACKING_ZSTD ? "zstd -dc" : "zcat", piped ? "" : " ", piped ? "" : name);
    if (is_bzip2(bytes, n))
        return refuse(&bzip2, name, packing, err);
    if (is_kind(&parquet, bytes, n) && !packed_only)
        RF_FAIL(
            err, RF_E_INVALID,
            "%s: is Parquet, which is not read; stream it in: duckdb -csv -c \"from read_parquet('%s')\" | "
            "ringfence build -",
            name, piped || packing != RF_PACKING_PLAIN ? "FILE" : name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (is_kind(&kinds[i], bytes, n) && (!packed_only || kinds[i].command != NULL))
            return refuse(&kinds[i], name, packing, err);
    }
done:
    return st;
}
