/* test_input_stream.c - content of files: packing told by bytes, several members, damage reported with its
 * place. */
#include <fcntl.h>

#include "input_stream_int.h"
#include "packed.h"

/* Reads all in pieces of `piece` bytes. */
static rf_status read_whole(rf_text *out, const char *path, size_t piece, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input *input = NULL;
    char *block = malloc(piece);
    size_t n = 1;
    rf_text_reset(out);
    RF_TRY(rf_input_open(&input, path, err));
    while (n > 0) {
        RF_TRY(rf_input_read(input, block, piece, &n, err));
        RF_TRY(rf_text_add(out, block, n, err));
    }
    RF_TRY(rf_input_read(input, block, piece, &n, err));
    ck_assert_uint_eq(n, 0); /* the end stays the end */
    struct stat info;
    ck_assert(stat(path, &info) == 0);
    ck_assert_int_eq(rf_input_stored(input), info.st_size);
done:
    rf_input_close(input);
    free(block);
    return st;
}

static char *made_content(size_t len)
{
    char *content = malloc(len + 1);
    uint64_t state = 1;
    for (size_t i = 0; i < len; i++) {
        state = state * UINT64_C(6364136223846793005) + 1;
        content[i] = (char)('a' + (state >> 60));
    }
    return content;
}

START_TEST(every_packing_and_number_of_members_gives_the_same_content)
{
    const size_t lens[] = {0, 1, 2, 3, 5000, 700000};
    const size_t pieces[] = {1, 7, 65536, 1 << 20};
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_text got = {0};
    rf_tmp_path(path, "content.bin"); /* the name tells nothing */
    for (size_t l = 0; l < 6; l++) {
        char *content = made_content(lens[l]);
        for (int kind = 0; kind < PACKED_KINDS; kind++) {
            for (size_t members = 1; members <= 3; members++) {
                packed_spill(path, kind, content, lens[l], members);
                for (size_t p = lens[l] > 5000 ? 2 : 0; p < 4; p++) {
                    RF_CHECK_OK(err, read_whole(&got, path, pieces[p], &err));
                    ck_assert(got.len == lens[l] && (got.len == 0 || memcmp(got.ptr, content, got.len) == 0));
                }
            }
        }
        free(content);
    }
    rf_text_clear(&got);
}
END_TEST

START_TEST(data_cut_short_is_a_failure_with_path_and_offset)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_text got = {0};
    char *content = made_content(3000);
    rf_tmp_path(path, "cut.bin");
    for (int kind = PACKED_GZIP; kind <= PACKED_ZSTD; kind++) {
        rf_text packed = {0};
        packed_add(&packed, kind, content, 3000);
        for (size_t len = 4; len < packed.len; len++) {
            rf_spill(path, packed.ptr, len);
            RF_CHECK_FAILS(err, RF_E_FORMAT, "it ends early", read_whole(&got, path, 512, &err));
            RF_CHECK_FAILS(err, RF_E_FORMAT, path, read_whole(&got, path, 4096, &err));
        }
        size_t whole = packed.len;
        packed_add(&packed, kind, content, 3000);
        rf_spill(path, packed.ptr, whole + 10); /* and in a second member */
        RF_CHECK_FAILS(err, RF_E_FORMAT, "after 3000 bytes of content", read_whole(&got, path, 512, &err));
        rf_text_clear(&packed);
    }
    free(content);
    rf_text_clear(&got);
}
END_TEST

START_TEST(damaged_data_is_a_failure)
{
    rf_err err = {0};
    char path[RF_TEST_PATH];
    rf_text got = {0}, packed = {0};
    char *content = made_content(3000);
    rf_tmp_path(path, "damaged.bin");
    packed_add(&packed, PACKED_GZIP, content, 3000);
    packed.ptr[packed.len - 6] ^= 1; /* the checksum */
    rf_spill(path, packed.ptr, packed.len);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "incorrect data check", read_whole(&got, path, 512, &err));
    packed.ptr[packed.len - 6] ^= 1;
    RF_CHECK_OK(err, rf_text_add(&packed, "rubbish", 7, &err)); /* after the member */
    rf_spill(path, packed.ptr, packed.len);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "gzip data is broken", read_whole(&got, path, 512, &err));
    packed.len -= 7;
    RF_CHECK_OK(err, rf_text_add(&packed, "\0\0\0\0\0", 5, &err)); /* padding is fine */
    rf_spill(path, packed.ptr, packed.len);
    RF_CHECK_OK(err, read_whole(&got, path, 512, &err));
    rf_text_reset(&packed);
    packed_add(&packed, PACKED_ZSTD, content, 3000);
    RF_CHECK_OK(err, rf_text_add(&packed, "rubbish", 7, &err));
    rf_spill(path, packed.ptr, packed.len);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "zstd data is broken", read_whole(&got, path, 512, &err));
    rf_text_clear(&packed);
    rf_text_clear(&got);
    free(content);
}
END_TEST

START_TEST(what_cannot_be_opened_is_named)
{
    rf_err err = {0};
    rf_input *input = NULL;
    char path[RF_TEST_PATH];
    RF_CHECK_FAILS(err, RF_E_IO, "absent.csv: cannot be opened",
                   rf_input_open(&input, rf_tmp_path(path, "absent.csv"), &err));
    RF_CHECK_FAILS(err, RF_E_IO, "is a folder", rf_input_open(&input, rf_tmp_folder(), &err));
    ck_assert_ptr_null(input);
}
END_TEST

START_TEST(seeking_is_for_plain_files)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], block[8];
    rf_tmp_path(path, "seek.bin");
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        rf_input *input = NULL;
        size_t n;
        packed_spill(path, kind, "0123456789", 10, 1);
        RF_CHECK_OK(err, rf_input_open(&input, path, &err));
        RF_CHECK_OK(err, rf_input_read(input, block, 2, &n, &err));
        ck_assert_int_eq(rf_input_seek(input, 7), kind == PACKED_PLAIN);
        RF_CHECK_OK(err, rf_input_read(input, block, 1, &n, &err));
        ck_assert_int_eq(block[0], kind == PACKED_PLAIN ? '7' : '2');
        rf_input_close(input);
    }
}
END_TEST

START_TEST(refused_memory_is_reported_and_nothing_is_lost)
{
    char path[RF_TEST_PATH];
    rf_tmp_path(path, "sweep.bin");
    for (int kind = 0; kind < PACKED_KINDS; kind++) {
        rf_text got = {0};
        packed_spill(path, kind, "0123456789", 10, 2);
        RF_SWEEP((rf_text_clear(&got),
                  read_whole(&got, path, 4, sweep_err) == RF_OK ? RF_OK : (rf_text_clear(&got), RF_E_NOMEM)),
                 rf_text_clear(&got));
    }
}
END_TEST

RF_SUITE("input_stream", every_packing_and_number_of_members_gives_the_same_content,
         data_cut_short_is_a_failure_with_path_and_offset, damaged_data_is_a_failure,
         what_cannot_be_opened_is_named, seeking_is_for_plain_files,
         refused_memory_is_reported_and_nothing_is_lost)
