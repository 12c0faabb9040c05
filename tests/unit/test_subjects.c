/* test_subjects.c - who is to be erased, found and taken out of texts and JSON. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "rf_check.h"
#include "rf_secret.h"
#include "rf_subjects.h"

typedef struct list {
    rf_subjects subjects;
    rf_hash_key *key;
    rf_err err;
} list;

static list list_of(const char *user, const char *entity)
{
    list l = {0};
    RF_CHECK_OK(l.err, rf_hash_key_random(&l.key, &l.err));
    l.subjects.key = l.key;
    if (user != NULL)
        RF_CHECK_OK(l.err, rf_subjects_add(&l.subjects, RF_USER, user, strlen(user), &l.err));
    if (entity != NULL)
        RF_CHECK_OK(l.err, rf_subjects_add(&l.subjects, RF_ENTITY, entity, strlen(entity), &l.err));
    return l;
}

static void list_end(list *l)
{
    rf_subjects_clear(&l->subjects);
    rf_hash_key_free(l->key);
}

static rf_span span(const char *text)
{
    return (rf_span){text, strlen(text)};
}

static bool in_text(const list *l, const char *text)
{
    const char *at;
    size_t len;
    return rf_subjects_in_text(&l->subjects, span(text), &at, &len) != NULL;
}

static bool in_json(const list *l, const char *text)
{
    rf_err err = {0};
    bool named = false;
    RF_CHECK_OK(err, rf_subjects_in_json(&named, &l->subjects, span(text), &err));
    return named;
}

START_TEST(an_id_is_found_as_a_word_of_its_own)
{
    list l = list_of("u1", "a \"b\" & c");
    ck_assert(in_text(&l, "u1"));
    ck_assert(in_text(&l, "{\"user\":\"u1\",\"x\":1}"));
    ck_assert(in_text(&l, "7,u1,m3"));
    ck_assert(in_text(&l, "user:u1"));
    ck_assert(!in_text(&l, "u17"));
    ck_assert(!in_text(&l, "xu1"));
    ck_assert(!in_text(&l, "_u1"));
    ck_assert(!in_text(&l, "u1\xc3\xa9"));
    ck_assert(!in_text(&l, ""));
    ck_assert(in_text(&l, "u17 and u1"));
    ck_assert(in_text(&l, "<n>a &quot;b&quot; &amp; c</n>"));
    ck_assert(in_text(&l, "\"a \\\"b\\\" & c\""));
    ck_assert(in_text(&l, "\"a \"\"b\"\" & c\""));
    ck_assert(in_text(&l, "entity:a:20:22b:22:20:26:20c"));
    list_end(&l);
}
END_TEST

START_TEST(an_id_is_found_in_every_form_that_our_files_have_it_in)
{
    list l = list_of("a\tb\xE2\x80\xAE\x63", "<x>\x1B\\u{2}\"");
    ck_assert(in_text(&l, "<n id=\"a&#9;b&#x202E;c\"/>"));
    ck_assert(in_text(&l, "<text>a&#9;b\\u{202E}c</text>")); /* a picture */
    ck_assert(in_text(&l, "user:a:09b:E2:80:AEc"));
    ck_assert(in_text(&l, "{\"user\":\"a\\tb\\u202Ec\"}"));
    ck_assert(in_text(&l, "id=\"&lt;x&gt;\\u{1B}\\u{5C}u{2}&quot;\""));
    ck_assert(in_text(&l, "id=\"<x>\\u{1B}\\u{5C}u{2}\\\"\""));            /* DOT */
    ck_assert(in_text(&l, "\"\\u003cx\\u003e\\u001B\\\\u{5C}u{2}\\\"\"")); /* a page */
    ck_assert(in_text(&l, "\"<x>\x1B\\u{5C}u{2}\"\"\""));                  /* CSV */
    ck_assert(!in_text(&l, "a b\xE2\x80\xAE\x63") && !in_text(&l, "<x>\\u{2}\""));
    list_end(&l);
}
END_TEST

/* Sentences cut ids of more than 40 bytes, between characters, and mark it. */
START_TEST(the_beginning_of_a_long_id_is_found_where_a_sentence_has_it)
{
    list l = list_of("alexandra.featherstonehaugh@bank.example",
                     "alexandra.featherstonehaugh@bank.ex.\xc3\xa9u.example");
    const char *said =
        "{\"why\":\"It shares card c1 with alexandra.featherstonehaugh@bank.ex.\xe2\x80\xa6 and u2.\"}";
    rf_text out = {0};
    int64_t n;
    ck_assert(in_text(&l, "with alexandra.featherstonehaugh@bank.example and u2"));
    ck_assert(!in_text(&l, "with alexandra.featherstonehaugh@bank.exam and u2"));
    ck_assert(in_text(&l, said));
    RF_CHECK_OK(l.err, rf_subjects_hash_json(&out, &l.subjects, span(said), &n, &l.err));
    ck_assert_int_eq(n, 1);
    ck_assert_ptr_null(strstr(out.ptr, "alexandra"));
    ck_assert_ptr_nonnull(strstr(out.ptr, " and u2."));
    rf_text_clear(&out);
    list_end(&l);
}
END_TEST

START_TEST(the_longest_of_the_ids_that_begin_at_one_place_is_found)
{
    list l = list_of("anna", "anna.smith");
    const char *at;
    size_t len;
    const rf_data_subject *found = rf_subjects_in_text(&l.subjects, span("by anna.smith"), &at, &len);
    ck_assert_ptr_eq(found, &l.subjects.at[1]);
    ck_assert_uint_eq(len, 10);
    ck_assert_ptr_eq(rf_subjects_in_text(&l.subjects, span("by anna."), &at, &len), &l.subjects.at[0]);
    list_end(&l);
}
END_TEST

START_TEST(each_of_many_subjects_is_found_on_its_side)
{
    enum { MANY = 3000 };
    list l = list_of(NULL, NULL);
    char id[32];
    for (int i = 0; i < MANY; i++) { /* every third id is an entity's, too */
        int len = snprintf(id, sizeof id, "subject %d", i);
        if (i % 3 == 0)
            RF_CHECK_OK(l.err, rf_subjects_add(&l.subjects, RF_ENTITY, id, (size_t)len, &l.err));
        for (int twice = 0; twice < 2; twice++)
            RF_CHECK_OK(l.err, rf_subjects_add(&l.subjects, RF_USER, id, (size_t)len, &l.err));
    }
    ck_assert_uint_eq(l.subjects.n, MANY + MANY / 3);
    for (int i = 0; i < MANY; i++) {
        size_t len = (size_t)snprintf(id, sizeof id, "subject %d", i);
        const rf_data_subject *user = rf_subjects_find(&l.subjects, RF_USER, id, len),
                              *entity = rf_subjects_find(&l.subjects, RF_ENTITY, id, len);
        ck_assert(user != NULL && user->side == RF_USER && strcmp(user->id.ptr, id) == 0);
        ck_assert((entity != NULL) == (i % 3 == 0) && (entity == NULL || entity->side == RF_ENTITY));
        ck_assert_ptr_eq(rf_subjects_find(&l.subjects, RF_NO_SIDE, id, len), i % 3 == 0 ? entity : user);
        ck_assert_ptr_null(rf_subjects_find(&l.subjects, RF_EDGE, id, len));
        ck_assert_ptr_null(rf_subjects_find(&l.subjects, RF_USER, id, strlen("subject ")));
    }
    list_end(&l);
}
END_TEST

START_TEST(subjects_of_messages_may_name_a_kind)
{
    list l = list_of(NULL, "d1");
    ck_assert(in_json(&l, "{\"ce_subject\":\"entity/d1\"}"));
    ck_assert(in_json(&l, "{\"ce_subject\":\"entity:device/d1\"}"));
    ck_assert(!in_json(&l, "{\"ce_subject\":\"entity:device/d17\"}"));
    ck_assert(!in_json(&l, "{\"ce_subject\":\"entity:d1\"}"));
    ck_assert(!in_json(&l, "{\"ce_subject\":\"user:device/d1\"}"));
    ck_assert(in_json(&l, "{\"ce_subject\":\"edge:device/[\\\"u1\\\",\\\"d1\\\"]\"}"));
    list_end(&l);
}
END_TEST

START_TEST(a_side_has_its_own_ids)
{
    list l = list_of("u1", NULL);
    ck_assert_ptr_nonnull(rf_subjects_find(&l.subjects, RF_USER, "u1", 2));
    ck_assert_ptr_null(rf_subjects_find(&l.subjects, RF_ENTITY, "u1", 2));
    ck_assert(in_json(&l, "{\"user\":\"u1\"}"));
    ck_assert(!in_json(&l, "{\"entity\":\"u1\"}"));
    ck_assert(!in_json(&l, "{\"key\":\"u1\",\"kind\":\"u1\"}"));
    ck_assert(in_json(&l, "{\"ce_subject\":\"user/u1\"}"));
    ck_assert(!in_json(&l, "{\"ce_subject\":\"entity/u1\"}"));
    ck_assert(in_json(&l, "{\"key\":\"[\\\"u1\\\",\\\"m1\\\",2]\"}"));
    ck_assert(!in_json(&l, "{\"key\":\"[\\\"m1\\\",\\\"u1\\\"]\"}"));
    ck_assert(in_json(&l, "{\"x\":[{\"y\":{\"user\":\"\\u00751\"}}]}"));
    ck_assert(!in_json(&l, "{\"user\":\"u17\",\"n\":1}"));
    ck_assert(in_json(&l, "{\"reasons\":[{\"feature\":\"by=u1\"}]}"));
    ck_assert(in_json(&l, "{\"why\":\"The share of by u1 is 1.\"}"));
    list_end(&l);
    l = list_of("7", NULL);
    ck_assert(in_json(&l, "{\"user\":\"7\"}"));
    ck_assert(!in_json(&l, "{\"entity\":\"7\",\"why\":\"It is 7 where 4 was expected.\"}"));
    list_end(&l);
}
END_TEST

static void check_hashed(list *l, const char *from, const char *format)
{
    rf_text out = {0};
    char want[400];
    int64_t n = 0;
    ck_assert(in_json(l, from));
    RF_CHECK_OK(l->err, rf_subjects_hash_json(&out, &l->subjects, span(from), &n, &l->err));
    snprintf(want, sizeof want, format, l->subjects.at[0].hash);
    ck_assert_str_eq(out.ptr, want);
    ck_assert_int_eq(n, 1);
    rf_text_clear(&out);
}

START_TEST(a_column_is_renamed_however_its_text_is_escaped)
{
    list l = list_of("bob", NULL);
    check_hashed(&l, "{\"x\":\"by=bob\"}", "{\"x\":\"by=erased-%.12s\"}");
    check_hashed(&l, "{\"x\":\"channel\\u003dbob\"}", "{\"x\":\"channel=erased-%.12s\"}");
    check_hashed(&l, "{\"x\":\"a\\\"\\nb\\u003d\\u0062ob\"}", "{\"x\":\"a\\\"\\nb=erased-%.12s\"}");
    list_end(&l);
    l = list_of("b=c", NULL);
    check_hashed(&l, "{\"x\":\"a\\u003db=c\"}", "{\"x\":\"a=erased-%.12s\"}");
    list_end(&l);
}
END_TEST

START_TEST(figures_in_prose_are_passed_over_and_what_follows_is_not)
{
    list l = list_of("alice", "12");
    check_hashed(&l, "{\"why\":\"12 events by alice, 12 in a day.\"}",
                 "{\"why\":\"12 events by erased-%.12s, 12 in a day.\"}");
    ck_assert(!in_json(&l, "{\"why\":\"12 events, 12 of them late.\"}"));
    list_end(&l);
}
END_TEST

START_TEST(what_cannot_be_read_is_not_said_to_name_nobody)
{
    enum { DEPTH = 512 };
    char deep[2 * DEPTH + 40];
    list l = list_of("u1", NULL);
    bool named = false;
    RF_CHECK_FAILS(l.err, RF_E_PARSE, "not JSON",
                   rf_subjects_in_json(&named, &l.subjects, span("{\"user\":\"u1\""), &l.err));
    memset(deep, '[', DEPTH);
    snprintf(deep + DEPTH, sizeof deep - DEPTH, "\"user/u1\"");
    memset(deep + strlen(deep), ']', DEPTH + 1);
    deep[2 * DEPTH + 9] = '\0';
    ck_assert(in_json(&l, deep)); /* as deep as any JSON that we read */
    list_end(&l);
}
END_TEST

static void check_cut(list *l, const char *from, const char *to, int64_t cut, bool whole)
{
    rf_text out = {0};
    int64_t n = -1;
    bool is_whole = !whole;
    RF_CHECK_OK(l->err, rf_subjects_cut_json(&out, &l->subjects, span(from), &n, &is_whole, &l->err));
    ck_assert(is_whole == whole);
    if (!whole) {
        ck_assert_str_eq(out.ptr, to);
        ck_assert_int_eq(n, cut);
    }
    rf_text_clear(&out);
}

START_TEST(elements_that_name_a_subject_are_cut)
{
    list l = list_of("u1", NULL);
    check_cut(&l, "{\"a\":[1,2 , \"x\"]}", "{\"a\":[1,2,\"x\"]}", 0, false);
    check_cut(&l, "{\"user_ids\":[\"u1\",\"u2\"]}", "{\"user_ids\":[\"u2\"]}", 1, false);
    check_cut(&l, "{\"user_ids\":[\"u2\",\"u1\"],\"n\":null}", "{\"user_ids\":[\"u2\"],\"n\":null}", 1,
              false);
    check_cut(&l, "{\"user_ids\":[\"u1\"]}", "{\"user_ids\":[]}", 1, false);
    check_cut(&l, "{\"e\":[{\"edge\":{\"user\":\"u1\"}},{\"edge\":{\"user\":\"u3\"}}]}",
              "{\"e\":[{\"edge\":{\"user\":\"u3\"}}]}", 1, false);
    check_cut(&l, "{\"user\":\"u1\",\"edges\":[]}", "", 0, true);
    check_cut(&l, "{\"key\":\"u1\",\"h\":{\"ce_subject\":\"user/u1\"}}", "", 0, true);
    check_cut(&l, "{\"key\":\"u1\",\"entity\":\"u1\"}", "{\"key\":\"u1\",\"entity\":\"u1\"}", 0, false);
    check_cut(&l, "{\"users\":[\"u1\",[\"u1\",1],3]}", "{\"users\":[[1],3]}", 2, false);
    list_end(&l);
}
END_TEST

START_TEST(hashes_take_the_place_of_ids_and_of_what_an_id_can_be_guessed_by)
{
    list l = list_of("u1", NULL);
    rf_text out = {0};
    char want[400];
    int64_t n;
    const char *line =
        "{\"ce_id\":\"00ff\",\"user\":\"u1\",\"entity\":\"m1\",\"reason\":\"asked by u1\",\"n\":1}";
    RF_CHECK_OK(l.err, rf_subjects_hash_json(&out, &l.subjects, span(line), &n, &l.err));
    ck_assert_int_eq(n, 3);
    ck_assert_ptr_null(strstr(out.ptr, "\"00ff\"")); /* four digits alone can stand in a hash */
    snprintf(want, sizeof want,
             "\"user\":\"erased:%s\",\"entity\":\"m1\",\"reason\":\"asked by erased-%.12s\"",
             l.subjects.at[0].hash, l.subjects.at[0].hash);
    ck_assert_msg(strstr(out.ptr, want) != NULL, "%s", out.ptr);
    rf_text_reset(&out);
    line = "{\"ce_id\":\"00ff\",\"user\":\"u2\"}"; /* of somebody else: as it is */
    RF_CHECK_OK(l.err, rf_subjects_hash_json(&out, &l.subjects, span(line), &n, &l.err));
    ck_assert_str_eq(out.ptr, line);
    ck_assert_int_eq(n, 0);
    RF_CHECK_FAILS(l.err, RF_E_PARSE, "not JSON",
                   rf_subjects_hash_json(&out, &l.subjects, span("{\"user\":\"u1\""), &n, &l.err));
    rf_text_clear(&out);
    list_end(&l);
}
END_TEST

START_TEST(a_mask_keeps_the_length)
{
    static const char *const alone[] = {"customer", "shop"};
    list l = list_of("u1", NULL);
    rf_text out = {0};
    int64_t n;
    const char *line = "{\"customer\": \"u1\",\"by\": \"u1\" , \"n\":\"u17\"}";
    RF_CHECK_OK(l.err, rf_subjects_mask_json(&out, &l.subjects, span(line), alone, 2, &n, &l.err));
    ck_assert_int_eq(n, 1);
    ck_assert_uint_eq(out.len, strlen(line));
    ck_assert(strncmp(out.ptr, line, 24) == 0);
    ck_assert_ptr_null(strstr(out.ptr + 20, "\"u1\""));
    rf_text_clear(&out);
    list_end(&l);
}
END_TEST

static rf_status cut_or_clear(rf_text *out, const list *l, rf_err *err)
{
    int64_t n;
    bool whole;
    rf_status st = rf_subjects_cut_json(out, &l->subjects, span("{\"a\":[\"u1\",2]}"), &n, &whole, err);
    if (st < 0)
        rf_text_clear(out);
    return st;
}

static rf_status add_or_clear(rf_subjects *subjects, rf_err *err)
{
    rf_hash_key *key = subjects->key;
    rf_status st = rf_subjects_add(subjects, RF_USER, "a \"b\"", 5, err);
    if (st < 0)
        rf_subjects_clear(subjects);
    subjects->key = key;
    return st;
}

static rf_status look(const list *l, rf_err *err)
{
    bool named = false;
    rf_status st = rf_subjects_in_json(&named, &l->subjects, span("{\"user\":\"u1\"}"), err);
    ck_assert(st < 0 || named);
    return st;
}

static rf_status hash_or_clear(rf_text *out, const list *l, rf_err *err)
{
    int64_t n;
    rf_status st =
        rf_subjects_hash_json(out, &l->subjects, span("{\"a\":\"by=u1\",\"why\":\"u1\"}"), &n, err);
    ck_assert(st < 0 || n == 2);
    if (st < 0)
        rf_text_clear(out);
    return st;
}

START_TEST(every_refused_allocation_is_a_clean_failure)
{
    list l = list_of("u1", "m1");
    rf_subjects more = {.key = l.key};
    rf_text out = {0};
    RF_SWEEP(add_or_clear(&more, sweep_err), rf_subjects_clear(&more));
    RF_SWEEP(cut_or_clear(&out, &l, sweep_err), rf_text_clear(&out));
    RF_SWEEP(hash_or_clear(&out, &l, sweep_err), rf_text_clear(&out));
    RF_SWEEP(look(&l, sweep_err), );
    list_end(&l);
}
END_TEST

/* ---- keys ---- */

static const char *key_file(char path[RF_TEST_PATH], const char *content, mode_t mode)
{
    rf_tmp_path(path, "key");
    (void)unlink(path);
    FILE *file = fopen(path, "w");
    ck_assert(file != NULL && fputs(content, file) >= 0 && fclose(file) == 0);
    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

/* hmac.new(b"0123456789abcdef", b"user\0u1", hashlib.sha256).hexdigest() in Python, and so on. */
START_TEST(the_hash_is_hmac_sha_256)
{
    rf_err err = {0};
    rf_hash_key *key = NULL;
    char path[RF_TEST_PATH], hash[RF_HASH_HEX];
    RF_CHECK_OK(err, rf_hash_key_load(&key, key_file(path, "0123456789abcdef\n", 0600), &err));
    RF_CHECK_OK(err, rf_keyed_hash(hash, key, "user", "u1", 2, &err));
    ck_assert_str_eq(hash, "7c1fdc492c8141d0e2cca3f7f6a4696c2eb3f3613b142e8013f87708d6147a21");
    RF_CHECK_OK(err, rf_keyed_hash(hash, key, "entity", "u1", 2, &err));
    ck_assert_str_eq(hash, "86e774c8071670ef554da7eec2a7aa74a502d1ae55ee71f93f288bcf257296e5");
    RF_CHECK_OK(err, rf_keyed_hash(hash, key, "entity", "", 0, &err));
    ck_assert_str_eq(hash, "8cbba93e44da31cf0cf93e6ce73cb64c7b96d2767f8f19bc0ef73cfee754f842");
    for (int i = 0; i < 2; i++) { /* whatever was hashed before */
        RF_CHECK_OK(err, rf_keyed_hash(hash, key, "user", "u1", 2, &err));
        ck_assert_str_eq(hash, "7c1fdc492c8141d0e2cca3f7f6a4696c2eb3f3613b142e8013f87708d6147a21");
    }
    rf_hash_key_free(key);
}
END_TEST

START_TEST(a_key_that_others_can_read_is_refused)
{
    rf_err err = {0};
    rf_hash_key *key = NULL;
    char path[RF_TEST_PATH];
    static const mode_t open_modes[] = {0640, 0604, 0660, 0610, 0601};
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++)
        RF_CHECK_FAILS(err, RF_E_INVALID, "chmod 600",
                       rf_hash_key_load(&key, key_file(path, "0123456789abcdef", open_modes[i]), &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "16 to 1024 bytes",
                   rf_hash_key_load(&key, key_file(path, "0123456789abcde\n", 0600), &err));
    unlink(path);
    RF_CHECK_FAILS(err, RF_E_INVALID, "cannot be read", rf_hash_key_load(&key, path, &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "regular file", rf_hash_key_load(&key, "/dev/null", &err));
    RF_CHECK_OK(err, rf_hash_key_load(&key, key_file(path, "0123456789abcdef\r\n", 0400), &err));
    rf_hash_key_free(key);
}
END_TEST

START_TEST(a_random_key_comes_back_from_its_digits)
{
    rf_err err = {0};
    rf_hash_key *key = NULL, *again = NULL;
    char hex[RF_HASH_HEX], a[RF_HASH_HEX], b[RF_HASH_HEX];
    RF_CHECK_OK(err, rf_hash_key_random(&key, &err));
    rf_hash_key_hex(hex, key);
    RF_CHECK_OK(err, rf_hash_key_of_hex(&again, hex, strlen(hex), &err));
    RF_CHECK_OK(err, rf_keyed_hash(a, key, "user", "u1", 2, &err));
    RF_CHECK_OK(err, rf_keyed_hash(b, again, "user", "u1", 2, &err));
    ck_assert_str_eq(a, b);
    rf_hash_key_free(key);
    rf_hash_key_free(again);
    RF_CHECK_FAILS(err, RF_E_FORMAT, "64 hex digits", rf_hash_key_of_hex(&key, hex, 63, &err));
    hex[3] = 'x';
    RF_CHECK_FAILS(err, RF_E_FORMAT, "64 hex digits", rf_hash_key_of_hex(&key, hex, 64, &err));
}
END_TEST

START_TEST(the_sum_of_a_file_is_sha_256)
{
    rf_err err = {0};
    char path[RF_TEST_PATH], hash[RF_HASH_HEX];
    RF_CHECK_OK(err, rf_file_sha256(hash, key_file(path, "abc", 0600), &err));
    ck_assert_str_eq(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* What a crash leaves of a process that has loaded the key, or has not: whether there was a dump. */
static bool dumps(const char *key_path)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        rf_err err = {0};
        rf_hash_key *key = NULL;
        struct rlimit limit;
        if (getrlimit(RLIMIT_CORE, &limit) == 0)
            limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &limit);
        if (key_path != NULL && rf_hash_key_load(&key, key_path, &err) < 0)
            _exit(1);
        abort();
    }
    ck_assert(child > 0 && waitpid(child, &status, 0) == child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    return WCOREDUMP(status) != 0;
}

START_TEST(a_process_with_a_key_leaves_no_core_dump)
{
    char path[RF_TEST_PATH], here[RF_TEST_PATH];
    struct rlimit limit;
    rf_err err = {0};
    rf_hash_key *key = NULL;
    key_file(path, "0123456789abcdef", 0600);
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    char *slash = strrchr(path, '/');
    *slash = '\0';
    ck_assert_int_eq(chdir(path), 0); /* a dump of the first kind lies there */
    *slash = '/';
    bool without = dumps(NULL);
    ck_assert(!dumps(path));
    ck_assert_int_eq(chdir(here), 0);
    RF_CHECK_OK(err, rf_hash_key_load(&key, path, &err));
    rf_hash_key_free(key);
    ck_assert(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur <= 1 && limit.rlim_max <= 1);
    if (!without)
        fprintf(stderr, "no process dumps here: the limits alone were looked at\n");
}
END_TEST

START_TEST(what_is_wiped_is_gone)
{
    char secret[64];
    memset(secret, 'x', sizeof secret);
    rf_wipe(secret + 1, 62);
    ck_assert(secret[0] == 'x' && secret[63] == 'x');
    for (int i = 1; i < 63; i++)
        ck_assert_int_eq(secret[i], 0);
}
END_TEST

RF_SUITE("subjects", a_process_with_a_key_leaves_no_core_dump, what_is_wiped_is_gone,
         an_id_is_found_as_a_word_of_its_own, an_id_is_found_in_every_form_that_our_files_have_it_in,
         the_beginning_of_a_long_id_is_found_where_a_sentence_has_it,
         the_longest_of_the_ids_that_begin_at_one_place_is_found,
         a_column_is_renamed_however_its_text_is_escaped,
         figures_in_prose_are_passed_over_and_what_follows_is_not,
         what_cannot_be_read_is_not_said_to_name_nobody, each_of_many_subjects_is_found_on_its_side,
         a_side_has_its_own_ids, subjects_of_messages_may_name_a_kind, elements_that_name_a_subject_are_cut,
         hashes_take_the_place_of_ids_and_of_what_an_id_can_be_guessed_by, a_mask_keeps_the_length,
         every_refused_allocation_is_a_clean_failure, the_hash_is_hmac_sha_256,
         a_key_that_others_can_read_is_refused, a_random_key_comes_back_from_its_digits,
         the_sum_of_a_file_is_sha_256)
