/* record_buffer_int.h - what an input's reader holds: content that is not consumed yet, and how far it is.
 *
 * record_reader.c cuts it into records; record_position.c says where reading ended, and goes on there.
 */
#ifndef RF_RECORD_BUFFER_INT_H
#define RF_RECORD_BUFFER_INT_H

#define XXH_STATIC_LINKING_ONLY /* the size of its state */
#include <xxhash.h>
#if RF_XXH_DISPATCH
#include <xxh_x86dispatch.h>
#endif

#include "avro_blocks_int.h"
#include "record_reader_int.h"

#define RF_RECORD_SAMPLE 4096 /* bytes of a record that is too long */

struct rf_records {
    rf_text_input *input;
    const char *encoding; /* borrowed; NULL: as the content says */
    const char *name;     /* borrowed path, or "stdin" */
    size_t max_record;
    rf_source_format format;
    rf_csv_marks marks;
    char comment; /* '\0': none */
    rf_json_shape shape;
    rf_avro_blocks avro;
    size_t column; /* of the first object in a stream of JSON */
    char *buffer;  /* [cap] content, not yet consumed: [from, to) */
    size_t cap, from, to;
    bool ended;     /* nothing is left to read */
    bool held;      /* see rf_records_hold */
    int64_t offset; /* content bytes before buffer[from] */
    int64_t line;   /* lines before buffer[from]; Avro: records of the block there that were taken */
    char *head;     /* [RF_HEAD_BYTES] the first bytes of the content */
    size_t head_len;
    uint64_t head_hash; /* of all of them; 0: not known yet */
    bool hashes;        /* all content was seen: `hash` is of what lies before buffer[hashed] */
    size_t hashed;      /* never behind `from` */
    XXH3_state_t *hash;
    void *hash_memory;
    uint64_t skip_content; /* of a line that is too long: hash of what lies before it */
    size_t last_from;      /* where the last record began; from is where it ended */
    int64_t last_line;
    bool walked;   /* the record that was found last has quotes or escapes: line ends, too, perhaps */
    bool skipping; /* in the middle of a line that is too long, which began at: */
    int64_t skip_offset, skip_line;
    int64_t searched_to, in_vain, lines_until; /* see search_was_in_vain */
    size_t sample_len;
    char sample[RF_RECORD_SAMPLE];
    char *joined; /* [joined_cap] data of a server-sent event that goes over several lines */
    size_t joined_len, joined_cap;
};

/* Reads more after `to`; then either there is more or `ended` is set. Moves the buffer's content. */
RF_MUST_CHECK rf_status rf_records_fill(rf_records *records, rf_err *err);
/* Until `need` bytes are there, or the input has ended. */
RF_MUST_CHECK rf_status rf_records_fill_to(rf_records *records, size_t need, rf_err *err);
/* Of all content before `from`; 0: not known. */
uint64_t rf_records_content_hash(rf_records *records);
/* *len: of a line of server-sent events. Where a value begins in its data and goes on in the lines of data
 * behind it, *len becomes the length of all that have a part of it, and *joined their data; else joined->text
 * has no ptr. Of what is longer than max_record, the beginning is joined. */
RF_MUST_CHECK rf_status rf_records_join_data(rf_records *records, size_t *len, rf_record *joined,
                                             rf_err *err);

static inline size_t rf_records_unread(const rf_records *records)
{
    return records->to - records->from;
}

static inline void rf_records_consume(rf_records *records, size_t n)
{
    records->from += n;
    records->offset += (int64_t)n;
}

#endif
