/* schema_registry.c - asks a schema registry (Confluent's interface, which Apicurio, Karapace, Redpanda and
 * others have, too) for schemas: GET /schemas/ids/NUMBER, and for those that a schema refers to
 * GET /subjects/NAME/versions/VERSION.
 *
 * A registry that is away is asked again, at growing intervals or when it says; after the patience that is
 * configured for brokers, the work ends and can be continued. What it says for certain is an answer: that
 * there is no such schema, that the password is wrong. Caching is the caller's.
 */
#include "schema_registry_int.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rf_json_scan.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "rf_secret.h"
#include "rf_time.h"

#define MOST_ANSWER (8u << 20)
#define FIRST_WAIT_US (RF_SECOND_US / 5)
#define LONGEST_WAIT_US (10 * RF_SECOND_US)
#define LOOK_US (RF_SECOND_US / 20) /* between looks whether to stop */
#define MOST_REFERENCES 64
#define SHOWN_BYTES 200 /* of what a registry says */

struct rf_registry {
    CURL *curl;
    struct curl_slist *headers;
    char *url; /* without a slash at its end */
    rf_text user, password;
    int64_t patience_us, timeout_us;
    size_t most;
    int64_t until_us; /* for the schema that is asked for, with all that it refers to */
    atomic_bool stopped;
    rf_text answer, request;
    bool too_long;
    char problem[CURL_ERROR_SIZE];
};

/* ---- open and close ---- */

/* *clear: what goes there is not encrypted. */
static rf_status check_url(bool *clear, const char *url, rf_err *err)
{
    rf_status st = RF_OK;
    char *part = NULL;
    CURLU *parsed = curl_url();
    if (parsed == NULL)
        RF_FAIL(err, RF_E_NOMEM, "out of memory");
    if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parsed, CURLUPART_SCHEME, &part, 0) != CURLUE_OK ||
        (strcmp(part, "http") != 0 && strcmp(part, "https") != 0))
        RF_FAIL(err, RF_E_INVALID,
                "source.avro.registry: \"%.100s\" is no URL; it begins with http:// or https://",
                strchr(url, '@') == NULL ? url : "(hidden)");
    *clear = strcmp(part, "http") == 0;
    curl_free(part);
    part = NULL;
    if (curl_url_get(parsed, CURLUPART_USER, &part, 0) != CURLUE_NO_USER)
        RF_FAIL(err, RF_E_INVALID,
                "source.avro.registry has a user in its URL; set source.avro.user and source.avro.password");
done:
    curl_free(part);
    curl_url_cleanup(parsed);
    return st;
}

static size_t take_answer(char *bytes, size_t size, size_t n, void *context)
{
    rf_registry *registry = context;
    registry->too_long = registry->answer.len + size * n > MOST_ANSWER;
    bool kept = !registry->too_long && rf_text_add(&registry->answer, bytes, size * n, NULL) == RF_OK;
    return kept ? size * n : 0;
}

static int look_whether_to_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const rf_registry *registry = context;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&registry->stopped);
}

static rf_status configure(rf_registry *registry, const rf_avro_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    CURL *curl = registry->curl;
    bool fine = curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_HTTPHEADER, registry->headers) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_USERAGENT, "ringfence") == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, registry->problem) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_WRITEDATA, registry) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_whether_to_stop) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_XFERINFODATA, registry) == CURLE_OK &&
                curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
    if (fine && options->ca != NULL)
        fine = curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca) == CURLE_OK;
    if (fine && options->user != NULL)
        fine = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_USERNAME, registry->user.ptr) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PASSWORD,
                                registry->password.ptr == NULL ? "" : registry->password.ptr) == CURLE_OK;
    if (!fine)
        RF_FAIL(err, RF_E_INTERNAL, "libcurl refuses a setting for source.avro.registry");
done:
    return st;
}

static rf_status expand_secrets(rf_registry *registry, const rf_avro_options *options, bool clear,
                                rf_err *err)
{
    rf_status st = RF_OK;
    if (options->user != NULL)
        RF_TRY(rf_secret_expand(&registry->user, "source.avro.user", options->user, NULL, err));
    if (options->password == NULL)
        return RF_OK;
    rf_secret_no_dumps();
    RF_TRY(rf_secret_expand(&registry->password, "source.avro.password", options->password, NULL, err));
    if (clear)
        rf_log(RF_LOG_WARN,
               "source.avro.registry is not https: source.avro.password goes there in the clear");
done:
    return st;
}

rf_status rf_registry_open(rf_registry **out, const rf_avro_options *options, int64_t patience_us,
                           size_t most, rf_err *err)
{
    rf_status st = RF_OK;
    rf_registry *registry = NULL;
    size_t len = strlen(options->registry);
    bool clear = true;
    RF_TRY(check_url(&clear, options->registry, err));
    RF_ZERO(registry, 1, err);
    while (len > 0 && options->registry[len - 1] == '/')
        len--;
    registry->url = rf_mem_text(options->registry, len, err);
    if (registry->url == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    registry->patience_us = patience_us;
    registry->most = most;
    registry->timeout_us = options->timeout_us;
    atomic_init(&registry->stopped, false);
    RF_TRY(expand_secrets(registry, options, clear, err));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        RF_FAIL(err, RF_E_INTERNAL, "libcurl cannot start");
    registry->curl = curl_easy_init();
    registry->headers =
        curl_slist_append(NULL, "Accept: application/vnd.schemaregistry.v1+json, application/json");
    if (registry->curl == NULL || registry->headers == NULL)
        RF_FAIL(err, RF_E_NOMEM, "out of memory for libcurl");
    RF_TRY(configure(registry, options, err));
    *out = registry;
    registry = NULL;
done:
    rf_registry_close(registry);
    return st;
}

void rf_registry_stop(rf_registry *registry)
{
    if (registry != NULL)
        atomic_store(&registry->stopped, true);
}

void rf_registry_close(rf_registry *registry)
{
    if (registry == NULL)
        return;
    if (registry->curl != NULL)
        curl_easy_cleanup(registry->curl);
    curl_slist_free_all(registry->headers);
    rf_secret_wipe(&registry->user);
    rf_secret_wipe(&registry->password);
    rf_text_clear(&registry->answer);
    rf_text_clear(&registry->request);
    rf_mem_free(registry->url);
    rf_mem_free(registry);
}

/* ---- a request ---- */

static rf_status wait_for(const rf_registry *registry, int64_t us, rf_err *err)
{
    for (int64_t until = rf_monotonic_us() + us; rf_monotonic_us() < until;) {
        const struct timespec pause = {.tv_nsec = LOOK_US * 1000};
        if (atomic_load(&registry->stopped))
            return rf_err_set(err, RF_E_INTERRUPTED, __FILE__, __LINE__, "stopped");
        (void)nanosleep(&pause, NULL);
    }
    return RF_OK;
}

/* What no repetition changes: the settings are wrong. */
static bool is_final(CURLcode code)
{
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_SSL_CACERT_BADFILE || code == CURLE_PEER_FAILED_VERIFICATION ||
           code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_ENGINE_NOTFOUND;
}

static bool is_temporary(long status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

static CURLcode perform(const rf_registry *registry)
{
    int64_t left_us = registry->until_us - rf_monotonic_us();
    int64_t us = left_us < registry->timeout_us ? left_us : registry->timeout_us;
    long ms = us < 1000 ? 1 : (long)(us / 1000); /* 0 would be for ever */
    CURLcode code = curl_easy_setopt(registry->curl, CURLOPT_URL, registry->request.ptr);
    if (code == CURLE_OK)
        code = curl_easy_setopt(registry->curl, CURLOPT_TIMEOUT_MS, ms);
    if (code == CURLE_OK)
        code = curl_easy_setopt(registry->curl, CURLOPT_CONNECTTIMEOUT_MS, ms);
    return code == CURLE_OK ? curl_easy_perform(registry->curl) : code;
}

/* One attempt: RF_OK: *status is that of an answer. RF_TIMEOUT: there may be one another time. */
static rf_status attempt(rf_registry *registry, long *status, int64_t *after_us, rf_err *err)
{
    rf_status st = RF_OK;
    curl_off_t seconds = 0;
    *after_us = 0;
    rf_text_reset(&registry->answer);
    registry->problem[0] = '\0';
    CURLcode code = perform(registry);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        RF_FAIL(err, RF_E_INTERRUPTED, "stopped");
    if (code == CURLE_OUT_OF_MEMORY)
        RF_FAIL(err, RF_E_NOMEM, "out of memory for libcurl");
    const char *why = registry->problem[0] != '\0' ? registry->problem : curl_easy_strerror(code);
    if (code == CURLE_WRITE_ERROR && registry->too_long)
        RF_FAIL(err, RF_E_INVALID, "source.avro.registry: %s answers with more than %u bytes",
                registry->request.ptr, MOST_ANSWER);
    if (is_final(code))
        RF_FAIL(err, RF_E_INVALID, "source.avro.registry: %s: %s; check the URL and source.avro.ca",
                registry->request.ptr, why);
    if (code != CURLE_OK) {
        memmove(registry->problem, why, strlen(why) + 1);
        return RF_TIMEOUT;
    }
    (void)curl_easy_getinfo(registry->curl, CURLINFO_RESPONSE_CODE, status);
    if (!is_temporary(*status))
        return RF_OK;
    if (curl_easy_getinfo(registry->curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0)
        *after_us = (int64_t)(seconds < 600 ? seconds : 600) * RF_SECOND_US;
    snprintf(registry->problem, sizeof registry->problem, "it answers with status %ld", *status);
    st = RF_TIMEOUT;
done:
    return st;
}

/* Until there is an answer to registry->request, or patience has ended. */
static rf_status ask(rf_registry *registry, long *status, rf_err *err)
{
    rf_status st = RF_OK;
    int64_t wait_us = FIRST_WAIT_US, after_us;
    for (bool first = true;; first = false) {
        RF_TRY(attempt(registry, status, &after_us, err));
        if (st == RF_OK)
            break;
        after_us = after_us > wait_us ? after_us : wait_us;
        if (registry->until_us - rf_monotonic_us() < after_us)
            RF_FAIL(
                err, RF_E_IO,
                "source.avro.registry: no schema from %s: %.200s; nothing was skipped, and the same command "
                "goes on when the registry is there (it is awaited for source.broker_timeout, and half of "
                "kafka.max.poll.interval.ms at most)",
                registry->request.ptr, registry->problem);
        if (first)
            rf_log(RF_LOG_WARN, "source.avro.registry: no schema from %s yet: %s; trying again",
                   registry->request.ptr, registry->problem);
        RF_TRY(wait_for(registry, after_us, err));
        wait_us = wait_us * 2 < LONGEST_WAIT_US ? wait_us * 2 : LONGEST_WAIT_US;
    }
done:
    return st;
}

/* ---- what it answers ---- */

/* A text of the answer, unescaped: added to *out. False: there is none. */
static bool add_text(rf_text *out, rf_span json, rf_status *st, rf_err *err)
{
    if (json.len < 2 || json.ptr[0] != '"')
        return false;
    rf_span inside = {json.ptr + 1, json.len - 2};
    char *bytes = rf_mem_new(inside.len + 1, 1, err);
    *st = bytes == NULL ? RF_E_NOMEM : rf_text_add(out, bytes, rf_json_unescape(bytes, inside), err);
    rf_mem_free(bytes);
    return *st == RF_OK;
}

static rf_span answer_of(const rf_registry *registry)
{
    rf_span answer = {registry->answer.len == 0 ? "" : registry->answer.ptr, registry->answer.len};
    return rf_json_valid(answer) ? answer : (rf_span){"", 0};
}

/* Of another status than 200: whether a registry says so of a schema, or something else is wrong. reference:
 * the path of one that another refers to, or NULL. */
static rf_status judge_refusal(const rf_registry *registry, const char *reference, long status, rf_text *why,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_span code = rf_json_member(answer_of(registry), "error_code");
    const char *url = registry->request.ptr;
    if (status == 404 && code.len == 5 && memcmp(code.ptr, "404", 3) == 0) {
        if (reference == NULL)
            RF_TRY(rf_text_printf(why, err, "the registry has none of that number"));
        else
            RF_TRY(rf_text_printf(why, err, "it refers to %.*s, which the registry does not have",
                                  SHOWN_BYTES, reference));
        return RF_SKIPPED;
    }
    if (status == 401 || status == 403)
        RF_FAIL(err, RF_E_INVALID,
                "source.avro.registry: %s is refused (status %ld): check source.avro.user and "
                "source.avro.password",
                url, status);
    RF_FAIL(
        err, RF_E_INVALID,
        "source.avro.registry: %s answers with status %ld, and not as a registry of schemas does: check the "
        "URL",
        url, status);
done:
    return st;
}

static rf_status no_registry(const rf_registry *registry, rf_err *err)
{
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "source.avro.registry: %s answers with something else than a schema: check the URL",
                      registry->request.ptr);
}

/* ---- schemas that a schema refers to ---- */

typedef struct references {
    char *paths[MOST_REFERENCES]; /* asked for already, in this order */
    size_t n;
    size_t bytes; /* of all schemas and lists of references that were read */
    rf_text json; /* definitions, each with a comma behind it: what they refer to stands before them */
} references;

/* "/subjects/NAME/versions/VERSION", with what is special in a URL escaped. */
static rf_status path_of(rf_text *path, rf_span reference, bool *fine, rf_registry *registry, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text subject = {0};
    rf_span version = rf_json_member(reference, "version");
    *fine = add_text(&subject, rf_json_member(reference, "subject"), &st, err) && version.len > 0 &&
            version.ptr[0] >= '0' && version.ptr[0] <= '9';
    if (st == RF_OK && *fine) {
        char *escaped = curl_easy_escape(registry->curl, subject.ptr, (int)subject.len);
        st = escaped == NULL ? rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory for libcurl")
                             : rf_text_printf(path, err, "/subjects/%s/versions/%.*s", escaped,
                                              (int)version.len, version.ptr);
        curl_free(escaped);
    }
    rf_text_clear(&subject);
    return st;
}

static rf_status take_schema(rf_text *json, references *refs, rf_text *why, const char *path,
                             rf_registry *registry, rf_err *err);

/* Asks for one of them, unless it was asked for before. */
static rf_status refer(references *refs, rf_span reference, rf_text *why, rf_registry *registry, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text path = {0}, json = {0};
    bool fine;
    RF_TRY(path_of(&path, reference, &fine, registry, err));
    if (!fine) {
        st = no_registry(registry, err);
        goto done;
    }
    for (size_t i = 0; i < refs->n; i++) {
        if (strcmp(refs->paths[i], path.ptr) == 0)
            goto done;
    }
    if (refs->n == MOST_REFERENCES) {
        RF_TRY(rf_text_printf(why, err, "it refers to more than %d others", MOST_REFERENCES));
        st = RF_SKIPPED;
        goto done;
    }
    refs->paths[refs->n] = rf_mem_text(path.ptr, path.len, err);
    if (refs->paths[refs->n] == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    const char *asked = refs->paths[refs->n++];
    RF_TRY(take_schema(&json, refs, why, asked, registry, err));
    if (st == RF_OK)
        RF_TRY(rf_text_printf(&refs->json, err, "%s,", json.ptr));
done:
    rf_text_clear(&path);
    rf_text_clear(&json);
    return st;
}

/* All that the answer refers to. The answer is copied: the registry is asked meanwhile. */
static rf_status follow(references *refs, rf_span list, rf_text *why, rf_registry *registry, rf_err *err)
{
    rf_status st = RF_OK;
    char *copy = rf_mem_text(list.ptr, list.len, err);
    if (copy == NULL)
        return RF_E_NOMEM;
    rf_json_scan s = rf_json_scan_of((rf_span){copy, list.len});
    for (rf_span reference; st == RF_OK && rf_json_next_element(&s, &reference);)
        st = refer(refs, reference, why, registry, err);
    rf_mem_free(copy);
    return st;
}

/* The schema at that path, and before it in refs what it refers to. */
static rf_status take_schema(rf_text *json, references *refs, rf_text *why, const char *path,
                             rf_registry *registry, rf_err *err)
{
    rf_status st = RF_OK;
    long status = 0;
    rf_text_reset(&registry->request);
    RF_TRY(rf_text_printf(&registry->request, err, "%s%s", registry->url, path));
    RF_TRY(ask(registry, &status, err));
    if (status != 200)
        return judge_refusal(registry, refs->n > 0 ? path : NULL, status, why, err);
    rf_span answer = answer_of(registry), type = rf_json_member(answer, "schemaType");
    if (type.len > 2 && (type.len != 6 || memcmp(type.ptr, "\"AVRO\"", 6) != 0)) {
        RF_TRY(rf_text_printf(why, err, "it is a schema of another kind (%.*s)",
                              (int)(type.len < SHOWN_BYTES ? type.len : SHOWN_BYTES), type.ptr));
        return RF_SKIPPED;
    }
    if (!add_text(json, rf_json_member(answer, "schema"), &st, err)) {
        RF_TRY(st);
        return no_registry(registry, err);
    }
    rf_span list = rf_json_member(answer, "references");
    refs->bytes += json->len + list.len;
    if (refs->bytes > registry->most) {
        RF_TRY(
            rf_text_printf(why, err, "with what it refers to, it has more than %zu bytes", registry->most));
        return RF_SKIPPED;
    }
    RF_TRY(follow(refs, list, why, registry, err));
done:
    return st;
}

rf_status rf_registry_schema(rf_text *json, bool *list, rf_text *why, rf_registry *registry, uint32_t number,
                             rf_err *err)
{
    rf_status st = RF_OK;
    references refs = {.n = 0};
    rf_text path = {0}, own = {0};
    registry->until_us = rf_monotonic_us() + registry->patience_us;
    RF_TRY(rf_text_printf(&path, err, "/schemas/ids/%lu", (unsigned long)number));
    RF_TRY(take_schema(&own, &refs, why, path.ptr, registry, err));
    if (st == RF_SKIPPED)
        goto done;
    *list = refs.json.len > 0;
    RF_TRY(rf_text_printf(json, err, "%s%s%s%s", *list ? "[" : "", *list ? refs.json.ptr : "", own.ptr,
                          *list ? "]" : ""));
    rf_log(RF_LOG_INFO, "source.avro.registry: read schema %lu", (unsigned long)number);
done:
    for (size_t i = 0; i < refs.n; i++)
        rf_mem_free(refs.paths[i]);
    rf_text_clear(&refs.json);
    rf_text_clear(&path);
    rf_text_clear(&own);
    return st;
}
