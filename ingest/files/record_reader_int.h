/* record_reader_int.h - the records of one input: lines, or CSV records over several lines. */
#ifndef RF_RECORD_READER_INT_H
#define RF_RECORD_READER_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "csv_cut_int.h"
#include "json_shape_int.h"
#include "text_input_int.h"
#include "rf_source.h"

#define RF_HEAD_BYTES 65536 /* content that a fingerprint covers */

typedef struct rf_records rf_records;

typedef struct rf_record {
    rf_span text;  /* without line end and byte order mark; valid until the next call */
    int64_t line;  /* its first line, from 1; Avro: its number in the block */
    bool too_long; /* text holds its beginning only */
    int64_t block; /* Avro: where its block begins in the content; 0: none */
    bool open;     /* Avro: text goes on to the end of the block; see rf_records_set_open */
} rf_record;

/* One reader serves many inputs, one after the other, and keeps its buffer, which grows to twice the longest
 * record. Records of more than max_record bytes are passed over without being held. */
RF_MUST_CHECK rf_status rf_records_new(rf_records **out, size_t max_record, rf_err *err);
void rf_records_free(rf_records *records);
/* Of all inputs opened from now on (rf_text_input_open); borrowed. */
void rf_records_set_encoding(rf_records *records, const char *encoding);
/* path NULL is standard input. Starts at line 1, after byte order marks. */
RF_MUST_CHECK rf_status rf_records_open(rf_records *records, const char *path, rf_err *err);
/* Content that is in memory, in UTF-8; copied. For a look at it: it has no position. */
RF_MUST_CHECK rf_status rf_records_open_text(rf_records *records, const char *name, rf_span text,
                                             rf_err *err);
bool rf_records_at_end(const rf_records *records); /* all content was consumed */
void rf_records_close(rf_records *records);

/* Whether the input is an Avro object container file. Call right after opening. */
RF_MUST_CHECK rf_status rf_records_is_avro(rf_records *records, bool *is, rf_err *err);
/* Its header: records are those of its blocks from now on, in Avro's binary form. The schema lives until the
 * next opening. RF_E_INVALID: it is none, or packed in a way that is not read. */
struct rf_avro_schema; /* avro_schema_int.h */
RF_MUST_CHECK rf_status rf_records_look_at_avro(rf_records *records, const struct rf_avro_schema **schema,
                                                rf_err *err);
/* Avro: who decodes a record finds its end anyway, so records come with an open end from now on, and reading
 * goes on when that was told (it is at least a byte), or found by going through the record once more. Both
 * close *record; found: RF_E_FORMAT, where the block's bytes are no record. */
void rf_records_set_open(rf_records *records, bool open);
void rf_records_end_told(rf_records *records, rf_record *record, size_t len);
RF_MUST_CHECK rf_status rf_records_find_end(rf_records *records, rf_record *record, rf_err *err);
/* By content, for rf_source_format's AUTO: JSON Lines when the first character is "{" or "[", else CSV.
 * Passes over blank lines before it. */
RF_MUST_CHECK rf_status rf_records_guess(rf_records *records, rf_source_format *format, rf_err *err);
void rf_records_set_format(rf_records *records, rf_source_format format);
/* How JSON values follow each other, by the beginning of the content: one a line, or as a stream
 * (json_shape.c). One a line until this is called; until the next opening. */
RF_MUST_CHECK rf_status rf_records_look_at_json(rf_records *records, rf_err *err);
rf_json_shape rf_records_json_shape(const rf_records *records);
/* How CSV is written, RFC 4180 until this is called; until the next opening. Lines that begin with `comment`
 * are passed over; '\0': none are. */
void rf_records_set_csv(rf_records *records, const rf_csv_marks *marks, char comment);
/* Passes over so many lines, whatever is in them; fewer at the end of the content. */
RF_MUST_CHECK rf_status rf_records_pass_lines(rf_records *records, int n, rf_err *err);

/* RF_OK, RF_EOF or a failure. Blank lines are passed over. RF_E_INTERRUPTED when rf_stop.h says so: nothing
 * is lost, and the next call goes on. */
RF_MUST_CHECK rf_status rf_records_next(rf_records *records, rf_record *record, rf_err *err);
/* While it is on, the buffer's content stays where it is: rf_records_next gives RF_E_INTERRUPTED where it
 * would have to read. Not of Avro, of which nothing is held. */
void rf_records_hold(rf_records *records, bool on);
rf_span rf_records_held(const rf_records *records);
/* Right after rf_records_next: that record, which was not too long, comes again. */
void rf_records_give_back(rf_records *records);
/* Right after rf_records_next: takes all but the first line of that record back (its quotes were broken). */
void rf_records_keep_first_line(rf_records *records, rf_record *record);

/* Does the content begin with the bytes that `position` speaks of? Call right after opening. */
RF_MUST_CHECK rf_status rf_records_same(rf_records *records, const rf_input_position *position, bool *same,
                                        rf_err *err);
/* The fingerprint that a position at `offset` would have; *whole is false where the content ends before. Call
 * right after opening. */
RF_MUST_CHECK rf_status rf_records_head(rf_records *records, int64_t offset, uint64_t *fingerprint,
                                        bool *whole, rf_err *err);
/* Does all of the content up to `position` agree, as far as its hash is known, and is there more behind it?
 * Reads up to there; call right after opening, or after rf_records_head. */
RF_MUST_CHECK rf_status rf_records_holds(rf_records *records, const rf_input_position *position, bool *holds,
                                         bool *more, rf_err *err);
/* Gives `position` the fingerprint that the content has now. Call right after opening. */
RF_MUST_CHECK rf_status rf_records_refresh(rf_records *records, rf_input_position *position, rf_err *err);
/* Moves forward to a position that rf_records_same agreed with. RF_E_FORMAT when the content ends before it
 * or the line that was last then has grown since. */
RF_MUST_CHECK rf_status rf_records_skip(rf_records *records, const rf_input_position *position, rf_err *err);

/* Offset, line and fingerprint of the content consumed so far. How many searches for the end of a quote were
 * in vain before it is not part of it: who goes on from there follows quotes again, for as long as at the
 * beginning. Lines with broken quotes are the same records then; a whole record over several lines among
 * them may be read, whose lines were rejected without the stop. */
void rf_records_position(rf_records *records, rf_input_position *position);
const rf_input *rf_records_input(const rf_records *records); /* NULL when closed */

#endif
