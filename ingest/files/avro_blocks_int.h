/* avro_blocks_int.h - the blocks of an Avro object container file. */
#ifndef RF_AVRO_BLOCKS_INT_H
#define RF_AVRO_BLOCKS_INT_H

#include "avro_codec_int.h"
#include "avro_schema_int.h"
#include "record_reader_int.h"

#define RF_AVRO_SYNC 16
#define RF_AVRO_MAGIC "Obj\x01"
#define RF_AVRO_MAGIC_BYTES 4

typedef struct rf_avro_blocks {
    rf_avro_schema *schema; /* NULL: the input is no Avro file */
    rf_avro_codec codec;
    unsigned char sync[RF_AVRO_SYNC]; /* behind the header and each block */
    bool inside;                      /* in a block, which the buffer holds from `from` on */
    size_t stored;                    /* its bytes there, with header and sync marker */
    int64_t records;                  /* that it has; the reader's `line` counts those that were taken */
    rf_span left;                     /* of its content */
    bool open;                        /* records are handed out with an open end */
    bool waits; /* the record at the beginning of `left` was, and its end is not known yet */
    rf_unpacked unpacked;
} rf_avro_blocks;

void rf_avro_blocks_clear(rf_avro_blocks *blocks); /* keeps the memory for the next input's blocks */
void rf_avro_blocks_free(rf_avro_blocks *blocks);

/* The next record, of an input that rf_records_look_at_avro has looked at. */
RF_MUST_CHECK rf_status rf_avro_next(rf_records *records, rf_record *record, rf_err *err);

#endif
