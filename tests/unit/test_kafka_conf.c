/* test_kafka_conf.c - settings and secrets of the Kafka client, and that nobody gets to see a secret. */
#include "caught_log.h"
#include "made_client.h"

#include "rf_log.h"
#include "rf_time.h"

#define SECRET "tr0ub4dor&3"

static rf_err err;

/* ---- what is logged ---- */

static void capture(void)
{
    catch_log();
    rf_log_setup(RF_LOG_DEBUG, RF_LOG_TEXT, "test");
}

static char *captured(void)
{
    rf_log_setup(RF_LOG_SILENT, RF_LOG_TEXT, NULL);
    return caught_log();
}

/* ---- making clients ---- */

#define N_OF(pairs) ((int)(sizeof(pairs) / sizeof *(pairs)))

static rf_status conf_of(rd_kafka_conf_t **conf, rf_kafka_watch *watch, const rf_setting *settings, int n,
                         const rf_setting *ours)
{
    return rf_kafka_conf(conf, watch, settings, n, ours, NULL, &err);
}

/* The setting's value in the conf that `settings` make. */
static void expect_value(const rf_setting *settings, int n, const rf_setting *ours,
                         const rf_setting *defaults, const char *key, const char *expected)
{
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    char text[1024];
    size_t size = sizeof text;
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "consumer", &err));
    RF_CHECK_OK(err, rf_kafka_conf(&conf, watch, settings, n, ours, defaults, &err));
    ck_assert(rd_kafka_conf_get(conf, key, text, &size) == RD_KAFKA_CONF_OK);
    ck_assert_str_eq(text, expected);
    rd_kafka_conf_destroy(conf);
    rf_kafka_watch_free(watch);
}

/* Settings besides the servers that are refused, with a line that says `part`. */
static void refused(const char *key, const char *value, const rf_setting *ours, const char *part)
{
    rf_setting settings[] = {{"bootstrap.servers", "127.0.0.1:9"}, {key, value}};
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "consumer", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, part, conf_of(&conf, watch, settings, 2, ours));
    ck_assert_ptr_null(conf);
    rf_kafka_watch_free(watch);
}

/* ---- settings ---- */

START_TEST(settings_pass_through_and_win_over_defaults)
{
    rf_setting settings[] = {{"bootstrap.servers", "a:1,b:2"}, {"linger.ms", "77"}};
    rf_setting defaults[] = {{"linger.ms", "1"}, {"fetch.min.bytes", "33"}, {NULL, NULL}};
    expect_value(settings, 2, NULL, defaults, "linger.ms", "77");
    expect_value(settings, 2, NULL, defaults, "fetch.min.bytes", "33");
    expect_value(settings, 2, NULL, defaults, "bootstrap.servers", "a:1,b:2");
    expect_value(settings, 2, NULL, NULL, "allow.auto.create.topics", "false");
    rf_setting topic_level[] = {{"bootstrap.servers", "a:1"}, {"message.timeout.ms", "4321"}};
    expect_value(topic_level, 2, NULL, NULL, "message.timeout.ms", "4321");
}
END_TEST

START_TEST(security_settings_pass_through)
{
    rf_setting settings[] = {{"bootstrap.servers", "a:1"},
                             {"security.protocol", "SASL_SSL"},
                             {"sasl.mechanism", "SCRAM-SHA-512"},
                             {"sasl.username", "me"},
                             {"sasl.password", SECRET},
                             {"ssl.ca.location", "/etc/ssl/certs/x.pem"},
                             {"ssl.endpoint.identification.algorithm", "none"}};
    expect_value(settings, N_OF(settings), NULL, NULL, "security.protocol", "sasl_ssl");
    expect_value(settings, N_OF(settings), NULL, NULL, "sasl.mechanisms", "SCRAM-SHA-512");
    expect_value(settings, N_OF(settings), NULL, NULL, "sasl.password", SECRET);
    expect_value(settings, N_OF(settings), NULL, NULL, "ssl.ca.location", "/etc/ssl/certs/x.pem");
}
END_TEST

/* Makes clients' settings, and returns what was logged. */
static char *logged_for(const rf_setting *settings, int n)
{
    capture();
    for (int again = 0; again < 2; again++)
        expect_value(settings, n, NULL, NULL, "bootstrap.servers", "a:1");
    return captured();
}

/* The first test: each risk is told once a process. */
START_TEST(what_lets_strangers_in_is_warned_of_once)
{
    static const rf_setting safe[] = {{"bootstrap.servers", "a:1"},
                                      {"security.protocol", "sasl_ssl"},
                                      {"sasl.mechanism", "PLAIN"},
                                      {"sasl.username", "me"},
                                      {"sasl.password", SECRET}};
    static const rf_setting scram[] = {{"bootstrap.servers", "a:1"},
                                       {"security.protocol", "sasl_plaintext"},
                                       {"sasl.mechanism", "SCRAM-SHA-256"},
                                       {"sasl.username", "me"},
                                       {"sasl.password", SECRET}};
    static const rf_setting plain[] = {{"bootstrap.servers", "a:1"},
                                       {"security.protocol", "SASL_PLAINTEXT"},
                                       {"sasl.mechanism", "PLAIN"},
                                       {"sasl.username", "me"},
                                       {"sasl.password", SECRET}};
    static const rf_setting unverified[] = {{"bootstrap.servers", "a:1"},
                                            {"security.protocol", "ssl"},
                                            {"enable.ssl.certificate.verification", "false"}};
    static const rf_setting any_name[] = {{"bootstrap.servers", "a:1"},
                                          {"security.protocol", "ssl"},
                                          {"ssl.endpoint.identification.algorithm", "none"}};
    static const struct {
        const rf_setting *settings;
        int n;
        const char *said; /* NULL: nothing */
    } cases[] = {{safe, N_OF(safe), NULL},
                 {scram, N_OF(scram), NULL},
                 {plain, N_OF(plain), "reads the password or token; use SASL_SSL"},
                 {plain, N_OF(plain), NULL},
                 {unverified, N_OF(unverified), "enable.ssl.certificate.verification is false"},
                 {any_name, N_OF(any_name), "ssl.endpoint.identification.algorithm is none"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *said = logged_for(cases[i].settings, cases[i].n), *warned = strstr(said, " warn ");
        ck_assert_msg((warned != NULL) == (cases[i].said != NULL), "case %zu: %s", i, said);
        if (warned != NULL) {
            ck_assert_ptr_nonnull(strstr(warned, cases[i].said));
            ck_assert_ptr_null(strstr(warned + 1, " warn "));
        }
        ck_assert_ptr_null(strstr(said, SECRET));
        free(said);
    }
}
END_TEST

START_TEST(a_setting_is_found_by_its_key)
{
    rf_setting settings[] = {{"group.id", "g"}, {"sasl.password", "${env:NOWHERE}"}};
    ck_assert_str_eq(rf_kafka_setting(settings, 2, "group.id"), "g");
    ck_assert_str_eq(rf_kafka_setting(settings, 2, "sasl.password"), "${env:NOWHERE}");
    ck_assert_ptr_null(rf_kafka_setting(settings, 2, "client.id"));
}
END_TEST

START_TEST(an_unknown_setting_is_named_with_the_nearest)
{
    refused("liner.ms", "5", NULL, "kafka.liner.ms: librdkafka ");
    refused("liner.ms", "5", NULL, "do you mean linger.ms?");
    refused("bootstrap.server", "x", NULL, "do you mean bootstrap.servers?");
    refused("sasl.pasword", SECRET, NULL, "do you mean sasl.password?");
    refused("key.deserializer", "x", NULL, "Java");
}
END_TEST

START_TEST(a_refused_value_is_told_with_what_is_allowed)
{
    refused("linger.ms", "-7", NULL, "kafka.linger.ms: ");
    refused("linger.ms", "-7", NULL, "0 .. 900000");
    refused("security.protocol", "tls", NULL, "plaintext, ssl, sasl_plaintext, sasl_ssl");
    refused("opaque", "1", NULL, "kafka.opaque");
}
END_TEST

START_TEST(a_value_that_breaks_exactly_once_is_refused_with_the_reason)
{
    rf_setting consumer[] = {{"enable.auto.commit", "false"}, {"isolation.level", "read_committed"}, {0}};
    rf_setting producer[] = {{"acks", "all"}, {"enable.idempotence", "true"}, {0}};
    refused("enable.auto.commit", "true", consumer, "kafka.enable.auto.commit must be false here: positions");
    refused("isolation.level", "read_uncommitted", consumer, "aborted transactions");
    refused("acks", "1", producer, "kafka.acks must be all here");
    refused("request.required.acks", "1", producer, "kafka.request.required.acks must be all here");
    refused("enable.idempotence", "0", producer, "kafka.enable.idempotence must be true here");
    refused("log.queue", "true", NULL, "kafka.log.queue must be false here");
}
END_TEST

START_TEST(a_value_that_says_the_same_in_other_words_is_fine)
{
    rf_setting producer[] = {{"acks", "all"}, {"enable.idempotence", "true"}, {0}};
    rf_setting settings[] = {
        {"bootstrap.servers", "a:1"}, {"request.required.acks", "-1"}, {"enable.idempotence", "TRUE"}};
    expect_value(settings, 3, producer, NULL, "acks", "-1");
    expect_value(settings, 3, producer, NULL, "enable.idempotence", "true");
}
END_TEST

START_TEST(a_setting_of_another_role_is_left_out)
{
    rf_setting ours[] = {{"transactional.id", NULL}, {0}};
    rf_setting settings[] = {{"bootstrap.servers", "a:1"}, {"transactional.id", "t"}, {"client.id", "me"}};
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    size_t size = 0;
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "producer", &err));
    RF_CHECK_OK(err, conf_of(&conf, watch, settings, 3, ours));
    ck_assert(rd_kafka_conf_get(conf, "transactional.id", NULL, &size) != RD_KAFKA_CONF_OK || size <= 1);
    rd_kafka_conf_destroy(conf);
    rf_kafka_watch_free(watch);
}
END_TEST

START_TEST(no_brokers_is_an_error)
{
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    rf_setting settings[] = {{"group.id", "g"}};
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "consumer", &err));
    RF_CHECK_FAILS(err, RF_E_INVALID, "kafka.bootstrap.servers is not set",
                   conf_of(&conf, watch, settings, 1, NULL));
    rf_kafka_watch_free(watch);
}
END_TEST

START_TEST(settings_that_contradict_each_other_are_one_line)
{
    rf_setting settings[] = {{"bootstrap.servers", "a:1"},
                             {"enable.idempotence", "true"},
                             {"max.in.flight.requests.per.connection", "100"}};
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    rd_kafka_t *client = NULL;
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "producer", &err));
    RF_CHECK_OK(err, conf_of(&conf, watch, settings, 3, NULL));
    RF_CHECK_FAILS(err, RF_E_INVALID, "max.in.flight",
                   rf_kafka_client(&client, RD_KAFKA_PRODUCER, conf, watch, &err));
    ck_assert_ptr_null(client);
    rf_kafka_watch_free(watch);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    char path[RF_TEST_PATH], reference[RF_TEST_PATH + 16];
    rf_spill(rf_tmp_path(path, "password"), SECRET "\n", strlen(SECRET) + 1);
    snprintf(reference, sizeof reference, "${file:%s}", path);
    rf_setting settings[] = {{"bootstrap.servers", "a:1"}, {"sasl.password", reference}, {"acks", "all"}};
    rf_setting ours[] = {{"acks", "all"}, {0}};
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    RF_SWEEP(rf_kafka_watch_new(&watch, "producer", sweep_err), rf_kafka_watch_free(watch));
    for (int granted = 0, st = RF_E_NOMEM; st < 0; granted++) { /* the watch keeps secrets of a failed try */
        rf_err failure = {0};
        int64_t live = rf_mem_stats_get().live_blocks;
        RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "producer", &err));
        rf_mem_fail_after(granted);
        st = rf_kafka_conf(&conf, watch, settings, 3, ours, NULL, &failure);
        rf_mem_fail_after(-1);
        RF_HOLDS(st == RF_OK ? rf_mem_refusals() == 0 : st == RF_E_NOMEM && failure.msg[0] != '\0');
        rf_kafka_watch_free(watch);
        RF_HOLDS(rf_mem_stats_get().live_blocks == live);
        RF_HOLDS(granted < 1000);
    }
    rd_kafka_conf_destroy(conf);
}
END_TEST

/* ---- secrets ---- */

START_TEST(references_are_replaced_anywhere_in_a_value)
{
    char path[RF_TEST_PATH], value[RF_TEST_PATH + 64];
    rf_spill(rf_tmp_path(path, "name"), "two\r\n", 5);
    ck_assert(setenv("RF_TEST_ONE", "one", 1) == 0);
    snprintf(value, sizeof value, "a-${env:RF_TEST_ONE}-${file:%s}-$x-${y}", path);
    rf_setting settings[] = {{"bootstrap.servers", "a:1"}, {"client.id", value}};
    expect_value(settings, 2, NULL, NULL, "client.id", "a-one-two-$x-${y}");
}
END_TEST

START_TEST(only_the_last_line_end_of_a_file_is_cut)
{
    char path[RF_TEST_PATH], value[RF_TEST_PATH + 16];
    rf_spill(rf_tmp_path(path, "key.pem"), "line\nline\n\n", 11);
    snprintf(value, sizeof value, "${file:%s}", path);
    rf_setting settings[] = {{"bootstrap.servers", "a:1"}, {"ssl.key.pem", value}};
    expect_value(settings, 2, NULL, NULL, "ssl.key.pem", "line\nline\n");
}
END_TEST

START_TEST(a_missing_secret_is_named)
{
    unsetenv("RF_TEST_NOT_THERE");
    refused("sasl.password", "${env:RF_TEST_NOT_THERE}", NULL,
            "kafka.sasl.password: the environment variable RF_TEST_NOT_THERE");
    refused("sasl.password", "${file:/nowhere/at/all}", NULL,
            "kafka.sasl.password: the file of ${file:/nowhere/at/all} cannot be opened: No such file");
    refused("sasl.password", "${env:OPEN", NULL,
            "kafka.sasl.password: a ${env:NAME} or ${file:PATH} has no closing");
    refused("sasl.password", "${env:}", NULL, "has no name in it");
    refused("sasl.password", "${file:/dev/zero}", NULL, "is not a short text file");
}
END_TEST

/* The line does not hold `hidden`, and the failure is about `key`. */
static void refused_without(const char *key, const char *value, const char *hidden)
{
    rf_setting settings[] = {{"bootstrap.servers", "127.0.0.1:9"}, {key, value}};
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    err = (rf_err){0};
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "consumer", &err));
    ck_assert_int_eq(conf_of(&conf, watch, settings, 2, NULL), RF_E_INVALID);
    ck_assert_msg(strstr(err.msg, key) != NULL, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, hidden) == NULL, "%s", err.msg);
    rf_kafka_watch_free(watch);
    err = (rf_err){0};
}

START_TEST(a_refused_value_from_outside_is_not_shown)
{
    ck_assert(setenv("RF_TEST_SECRET", SECRET, 1) == 0);
    refused_without("security.protocol", "${env:RF_TEST_SECRET}", SECRET);
    refused_without("compression.type", "x-${env:RF_TEST_SECRET}", SECRET);
    refused_without("acks", "${env:RF_TEST_SECRET}", SECRET);
    refused_without("sasl.pasword", "${env:RF_TEST_SECRET}", SECRET);
}
END_TEST

START_TEST(a_reference_is_shown_in_place_of_its_value)
{
    char clean[256];
    ck_assert(setenv("RF_TEST_SECRET", SECRET, 1) == 0);
    ck_assert(setenv("RF_TEST_HOSTS", "kafka-1:9093,kafka-2:9093", 1) == 0);
    rf_setting settings[] = {{"bootstrap.servers", "${env:RF_TEST_HOSTS}"},
                             {"sasl.password", "${env:RF_TEST_SECRET}"},
                             {"ssl.key.password", "written out"},
                             {"sasl.oauthbearer.config", "principal=admin scope=all-of-it"}};
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "consumer", &err));
    RF_CHECK_OK(err, conf_of(&conf, watch, settings, N_OF(settings), NULL));
    rf_kafka_clean(watch, clean, sizeof clean, "got '" SECRET "' from kafka-2:9093/2");
    ck_assert_str_eq(clean, "got '${env:RF_TEST_SECRET}' from ${env:RF_TEST_HOSTS}/2");
    rf_kafka_clean(watch, clean, sizeof clean, "bad key: written out!");
    ck_assert_str_eq(clean, "bad key: (hidden)!");
    rf_kafka_clean(watch, clean, sizeof clean, "Unrecognized beginning at: scope=all-of-it, admin");
    ck_assert_str_eq(clean, "Unrecognized beginning at: (hidden), (hidden)");
    rf_kafka_clean(watch, clean, sizeof clean, "cut short: tr0ub4do"); /* librdkafka's buffers are short */
    ck_assert_str_eq(clean, "cut short: ${env:RF_TEST_SECRET}");
    rf_kafka_clean(watch, clean, 6, "a " SECRET);
    ck_assert_str_eq(clean, "a ${e");
    rd_kafka_conf_destroy(conf);
    rf_kafka_watch_free(watch);
}
END_TEST

/* Debug logs of librdkafka itself included. */
START_TEST(secrets_never_reach_a_log_or_an_error)
{
    mock_cluster mock = mock_start(1);
    ck_assert(setenv("RF_TEST_SECRET", SECRET, 1) == 0);
    ck_assert(setenv("RF_TEST_USER", "user-from-outside", 1) == 0);
    rf_setting settings[] = {mock_servers(&mock),
                             {"debug", "all"},
                             {"security.protocol", "sasl_plaintext"},
                             {"sasl.mechanism", "PLAIN"},
                             {"sasl.username", "${env:RF_TEST_USER}"},
                             {"sasl.password", "${env:RF_TEST_SECRET}"},
                             {"ssl.key.password", "another-pass-phrase"},
                             {"client.id", "${env:RF_TEST_USER}"}};
    capture();
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, N_OF(settings));
    int n = 0;
    rf_status st = rf_kafka_partitions(&n, m.client, m.watch, "orders", 2000000, &err);
    rd_kafka_poll(m.client, 100);
    made_client_free(&m);
    char *log = captured();
    ck_assert_int_eq(st, RF_E_KAFKA);
    ck_assert_msg(strlen(log) > 1000, "librdkafka logged next to nothing: %s", log);
    const char *secrets[] = {SECRET, "user-from-outside", "another-pass-phrase"};
    for (size_t i = 0; i < 3; i++) {
        const char *at = strstr(log, secrets[i]);
        ck_assert_msg(at == NULL, "the log holds %s: %.200s", secrets[i], at != NULL ? at - 100 : "");
        ck_assert_msg(strstr(err.msg, secrets[i]) == NULL, "%s", err.msg);
    }
    free(log);
    err = (rf_err){0};
    mock_stop(&mock);
}
END_TEST

/* Settings of OAUTHBEARER with this sasl.oauthbearer.config. */
static int token_settings(rf_setting out[5], const char *config, const char *unsecured)
{
    out[0] = (rf_setting){"bootstrap.servers", "127.0.0.1:9"};
    out[1] = (rf_setting){"security.protocol", "sasl_plaintext"};
    out[2] = (rf_setting){"sasl.mechanism", "OAUTHBEARER"};
    out[3] = (rf_setting){"enable.sasl.oauthbearer.unsecure.jwt", unsecured};
    out[4] = (rf_setting){"sasl.oauthbearer.config", config};
    return config == NULL ? 4 : 5;
}

static void token_refused(const char *config, const char *unsecured, const char *part)
{
    rf_setting settings[5];
    rf_kafka_watch *watch = NULL;
    rd_kafka_conf_t *conf = NULL;
    int n = token_settings(settings, config, unsecured);
    RF_CHECK_OK(err, rf_kafka_watch_new(&watch, "consumer", &err));
    ck_assert_int_eq(conf_of(&conf, watch, settings, n, NULL), RF_E_INVALID);
    ck_assert_msg(strstr(err.msg, part) != NULL, "%s", err.msg);
    ck_assert_msg(strstr(err.msg, SECRET) == NULL, "%s", err.msg);
    err = (rf_err){0};
    rf_kafka_watch_free(watch);
}

START_TEST(a_token_configuration_is_checked_and_not_quoted)
{
    token_refused(NULL, "false", "has no tokenFile=PATH (unsigned ones need");
    token_refused("principal=me", "false", "has no tokenFile=PATH");
    token_refused("scope=a", "true", "has no tokenFile=PATH (nor principal=NAME");
    token_refused("principal=me " SECRET "=1", "true", "a word of it is not known (not shown)");
    token_refused("principal=me " SECRET, "true", "words are NAME=VALUE");
    token_refused("principal=me lifeSeconds=" SECRET, "true", "lifeSeconds is not a number of seconds");
}
END_TEST

/* librdkafka 2.0's own renewal crashes here. */
START_TEST(unsigned_tokens_are_renewed)
{
    rf_setting settings[5];
    int n = token_settings(settings, "principal=me lifeSeconds=1 scope=a,b extension_x=y", "true");
    capture();
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, n);
    for (int i = 0; i < 30; i++)
        rd_kafka_poll(m.client, 100);
    made_client_free(&m);
    char *log = captured();
    ck_assert_msg(strstr(log, "token") == NULL, "%s", log);
    ck_assert_msg(strstr(log, "127.0.0.1:9/bootstrap") != NULL, "it had no token to connect with: %s", log);
    free(log);
}
END_TEST

/* What the client logs, and how it fails, with this content of the token's file (NULL: no file). */
static char *log_with_token(const char *content, char message[512])
{
    char path[RF_TEST_PATH], config[RF_TEST_PATH + 16];
    rf_setting settings[5];
    rf_tmp_path(path, "token");
    unlink(path);
    if (content != NULL)
        rf_spill(path, content, strlen(content));
    snprintf(config, sizeof config, "tokenFile=%s", path);
    int count = token_settings(settings, config, "false"), n = 0;
    capture();
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, count);
    rf_err failure = {0};
    rf_status st = rf_kafka_partitions(&n, m.client, m.watch, "orders", 2000000, &failure);
    made_client_free(&m);
    char *log = captured();
    ck_assert_int_eq(st, RF_E_KAFKA);
    snprintf(message, 512, "%s", failure.msg);
    return log;
}

START_TEST(a_token_is_read_from_a_file)
{
    /* {"alg":"none"}.{"sub":"me","exp":4102444800}. */
    const char *token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImV4cCI6NDEwMjQ0NDgwMH0.\n";
    char message[512];
    char *log = log_with_token(token, message);
    ck_assert_msg(strstr(message, "Connection refused") != NULL, "%s", message); /* it got that far */
    ck_assert_msg(strstr(log, "eyJ") == NULL && strstr(log, "no token") == NULL, "%s", log);
    free(log);
}
END_TEST

START_TEST(a_file_without_a_token_is_told_and_not_quoted)
{
    const struct {
        const char *content, *says;
    } cases[] = {
        {NULL, "cannot log in to any broker of 127.0.0.1:9: the file of tokenFile cannot be opened"},
        {"", "the file of tokenFile is empty"},
        {SECRET "\n", "the file of tokenFile is not a JWT"},
        {"a.!" SECRET ".c\n", "the file of tokenFile is not base64url"},
        {"eyJhbGciOiJub25lIn0.AAAA.", "the file of tokenFile has no JSON in its middle part"},
        /* ended in 2001 */
        {"eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImV4cCI6MTAwMDAwMDAwMH0.", "the token is not accepted"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[512];
        char *log = log_with_token(cases[i].content, message);
        ck_assert_msg(strstr(message, cases[i].says) != NULL, "%s: %s", cases[i].says, message);
        ck_assert_msg(strstr(log, "no token to log in with") != NULL, "%s", log);
        ck_assert_msg(strstr(log, SECRET) == NULL && strstr(message, SECRET) == NULL, "%s", log);
        free(log);
    }
}
END_TEST

START_TEST(settings_of_the_other_role_are_no_news)
{
    rf_setting settings[] = {{"bootstrap.servers", "127.0.0.1:9"}, {"group.id", "g"}, {"linger.ms", "3"}};
    capture();
    made_client m = made_client_of(RD_KAFKA_PRODUCER, settings, 3);
    made_client_free(&m);
    m = made_client_of(RD_KAFKA_CONSUMER, settings, 3);
    made_client_free(&m);
    char *log = captured();
    ck_assert_msg(strstr(log, "will be ignored") == NULL, "%s", log);
    free(log);
}
END_TEST

RF_SUITE("kafka_conf", what_lets_strangers_in_is_warned_of_once, settings_pass_through_and_win_over_defaults,
         security_settings_pass_through, a_setting_is_found_by_its_key,
         an_unknown_setting_is_named_with_the_nearest, a_refused_value_is_told_with_what_is_allowed,
         a_value_that_breaks_exactly_once_is_refused_with_the_reason,
         a_value_that_says_the_same_in_other_words_is_fine, a_setting_of_another_role_is_left_out,
         no_brokers_is_an_error, settings_that_contradict_each_other_are_one_line,
         every_failing_allocation_is_survived, references_are_replaced_anywhere_in_a_value,
         only_the_last_line_end_of_a_file_is_cut, a_missing_secret_is_named,
         a_refused_value_from_outside_is_not_shown, a_reference_is_shown_in_place_of_its_value,
         secrets_never_reach_a_log_or_an_error, a_token_configuration_is_checked_and_not_quoted,
         unsigned_tokens_are_renewed, a_token_is_read_from_a_file,
         a_file_without_a_token_is_told_and_not_quoted, settings_of_the_other_role_are_no_news)
