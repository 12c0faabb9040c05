/* avro_messages.c - the schemas of Avro messages: one for all, or by the number in front of each value, from
 * a folder or a registry. Each is read and planned once.
 *
 * A number that nobody knows is the message's fault, and the message is rejected. A registry that does not
 * answer says nothing about messages, so it fails the source, which goes on from there another time.
 */
#include "avro_messages_int.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "rf_log.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "rf_time.h"
#include "schema_registry_int.h"

#define MOST_SCHEMAS 100000                        /* nobody has more */
#define MOST_UNKNOWN 1000                          /* numbers without one that are kept in mind */
#define ASK_AGAIN_US (RF_MINUTE_US + RF_SECOND_US) /* for one that was not there */

typedef struct known_schema {
    uint32_t number;
    rf_avro_schema *schema;
    rf_avro_plan *plan;
    char *why; /* there is none; NULL: there is */
    int64_t asked_us;
} known_schema;

struct rf_avro_messages {
    rf_avro_options options; /* its texts are borrowed */
    const rf_field_plan *names;
    const rf_avro_decoder *decoder;
    rf_registry *registry; /* NULL: not the source of schemas */
    pthread_mutex_t lock;  /* of what is next: who judges may be another thread than who decodes */
    known_schema **known;  /* [n] by number; the only one where there is one for all messages */
    size_t n, cap;
    bool judged;
    const known_schema *last; /* found; NULL: none yet */
    rf_text json;
};

/* ---- one schema ---- */

static void forget_schema(known_schema *known)
{
    rf_avro_plan_free(known->plan);
    rf_avro_schema_free(known->schema);
    known->plan = NULL;
    known->schema = NULL;
}

static void forget(known_schema *known)
{
    if (known == NULL)
        return;
    forget_schema(known);
    rf_mem_free(known->why);
    rf_mem_free(known);
}

/* `what` names it as a schema, `which` as one of several in "the schema of ...". */
static rf_status plan(known_schema *known, const rf_avro_messages *messages, bool list, const char *what,
                      const char *which, rf_absent_keys absent, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_avro_schema_read(&known->schema, (rf_span){messages->json.ptr, messages->json.len}, list, what,
                               err));
    RF_TRY(rf_avro_plan_new(&known->plan, known->schema, messages->names,
                            rf_avro_decoder_keys(messages->decoder), err));
    RF_TRY(rf_avro_plan_check(known->plan, absent, which, err));
done:
    return st;
}

/* The JSON of a schema into messages->json. RF_SKIPPED: there is none, and why. */
static rf_status fetch(rf_avro_messages *messages, uint32_t number, bool *list, rf_text *why, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err problem = {0};
    rf_text path = {0};
    *list = false;
    rf_text_reset(&messages->json);
    RF_TRY(rf_text_add(&messages->json, "", 0, err));
    RF_TRY(rf_text_printf(why, err, "schema %lu: ", (unsigned long)number));
    if (messages->registry != NULL)
        return rf_registry_schema(&messages->json, list, why, messages->registry, number, err);
    RF_TRY(rf_text_printf(&path, err, "%s/%lu.avsc", messages->options.schemas, (unsigned long)number));
    st = rf_text_of_file(&messages->json, path.ptr, RF_AVRO_MOST_SCHEMA, &problem);
    if (st == RF_E_IO && errno == ENOENT) {
        RF_TRY(rf_text_printf(why, err, "there is no file %lu.avsc in source.avro.schemas",
                              (unsigned long)number));
        st = RF_SKIPPED;
    } else if (st == RF_E_INVALID) {
        RF_TRY(rf_text_printf(why, err, "its file %s", problem.msg));
        st = RF_SKIPPED;
    } else if (st != RF_OK) {
        RF_FAIL(err, st, "%s: %s", path.ptr, problem.msg);
    }
done:
    rf_text_clear(&path);
    return st;
}

/* Asks for the schema of that number. A text that is no schema is kept as a reason, too. */
static rf_status learn(known_schema *known, rf_avro_messages *messages, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text why = {0};
    rf_err broken = {0};
    char what[32], which[32];
    bool list;
    snprintf(what, sizeof what, "schema %lu", (unsigned long)known->number);
    snprintf(which, sizeof which, "number %lu", (unsigned long)known->number);
    RF_TRY(fetch(messages, known->number, &list, &why, err));
    if (st == RF_OK) {
        st = plan(known, messages, list, what, which, RF_ABSENT_KEYS_WARN, &broken);
        if (st == RF_E_FORMAT || st == RF_E_INVALID) {
            rf_text_reset(&why);
            RF_TRY(rf_text_printf(&why, err, "%s", broken.msg));
            st = RF_SKIPPED;
        }
        if (st < 0)
            RF_FAIL(err, st, "%s", broken.msg);
    }
    known->asked_us = rf_monotonic_us();
    if (st == RF_SKIPPED) {
        known->why = rf_mem_text(why.len == 0 ? "" : why.ptr, why.len, err);
        st = known->why == NULL ? RF_E_NOMEM : RF_OK;
    }
done:
    rf_text_clear(&why);
    return st;
}

static rf_status learn_again(known_schema *known, rf_avro_messages *messages, rf_err *err)
{
    known_schema fresh = {.number = known->number};
    rf_status st = learn(&fresh, messages, err);
    if (st < 0) {
        forget_schema(&fresh);
        rf_mem_free(fresh.why);
        return st;
    }
    pthread_mutex_lock(&messages->lock);
    forget_schema(known);
    rf_mem_free(known->why);
    *known = fresh;
    pthread_mutex_unlock(&messages->lock);
    return RF_OK;
}

/* ---- by their numbers ---- */

static size_t place_of(const rf_avro_messages *messages, uint32_t number)
{
    size_t low = 0, high = messages->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (messages->known[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* NULL: nobody asked for it, or that was long ago. */
static known_schema *find_known(const rf_avro_messages *messages, uint32_t number)
{
    size_t at = place_of(messages, number);
    bool known = at < messages->n && messages->known[at]->number == number;
    return known ? messages->known[at] : NULL;
}

static rf_status keep(rf_avro_messages *messages, known_schema *added, rf_err *err)
{
    rf_status st = RF_OK;
    size_t at = place_of(messages, added->number);
    pthread_mutex_lock(&messages->lock);
    RF_RESERVE(messages->known, messages->cap, messages->n + 1, err);
    memmove(&messages->known[at + 1], &messages->known[at], (messages->n - at) * sizeof *messages->known);
    messages->known[at] = added;
    messages->n++;
done:
    pthread_mutex_unlock(&messages->lock);
    return st;
}

static void drop(rf_avro_messages *messages, size_t at)
{
    pthread_mutex_lock(&messages->lock);
    forget(messages->known[at]);
    messages->n--;
    memmove(&messages->known[at], &messages->known[at + 1], (messages->n - at) * sizeof *messages->known);
    pthread_mutex_unlock(&messages->lock);
}

/* Broken messages may have any numbers: of those without a schema, the one asked for first makes room. */
static void make_room(rf_avro_messages *messages)
{
    size_t n_unknown = 0, oldest = 0;
    for (size_t i = 0; i < messages->n; i++) {
        const known_schema *known = messages->known[i];
        if (known->why == NULL)
            continue;
        if (n_unknown == 0 || known->asked_us < messages->known[oldest]->asked_us)
            oldest = i;
        n_unknown++;
    }
    if (n_unknown >= MOST_UNKNOWN)
        drop(messages, oldest);
}

static rf_status look_up(known_schema **out, rf_avro_messages *messages, uint32_t number, rf_err *err)
{
    rf_status st = RF_OK;
    known_schema *added = NULL;
    RF_ZERO(added, 1, err);
    added->number = number;
    RF_TRY(learn(added, messages, err));
    if (added->why != NULL)
        make_room(messages);
    RF_TRY(keep(messages, added, err));
    *out = added;
    added = NULL;
done:
    forget(added);
    return st;
}

/* It was not there the last time: a registry may have it by now. */
static bool is_asked_again(const known_schema *known)
{
    return known->why != NULL && rf_monotonic_us() - known->asked_us > ASK_AGAIN_US;
}

/* A schema that has the field, or only one that was met: *any. */
static bool is_anywhere(const rf_avro_messages *messages, int name, const rf_avro_plan **any)
{
    for (size_t i = 0; i < messages->n; i++) {
        const rf_avro_plan *plan = messages->known[i]->plan;
        if (plan != NULL && plan->has[name])
            return true;
        *any = plan != NULL ? plan : *any;
    }
    return false;
}

rf_status rf_avro_messages_judge(rf_avro_messages *messages, bool tolerated, rf_err *err)
{
    rf_status st = RF_OK;
    rf_text why = {0};
    pthread_mutex_lock(&messages->lock);
    bool judges = !messages->judged && !tolerated && messages->options.schema == NULL;
    messages->judged = true;
    for (int name = 0; judges && name < messages->names->n_names; name++) {
        const rf_avro_plan *any = NULL;
        if (messages->names->origins[name] != RF_FIELD_BODY ||
            rf_field_plan_is_alternative(messages->names, name) || is_anywhere(messages, name, &any) ||
            any == NULL)
            continue;
        RF_TRY(rf_avro_plan_explain(&why, any, name, err));
        RF_FAIL(err, RF_E_INVALID,
                "fields: \"%s\" is in no schema of the first messages; one %s; if it is right, and only "
                "rare, set "
                "ingest.absent_keys: warn",
                messages->names->names[name], why.ptr);
    }
done:
    pthread_mutex_unlock(&messages->lock);
    rf_text_clear(&why);
    return st;
}

static rf_status no_prefix(rf_span value, const rf_message *message, rf_reject *reject)
{
    const char *name = rf_framing_name(value), *header = rf_framing_header(message);
    if (header != NULL)
        return rf_reject_set(
            reject, RF_REJECT_BAD_AVRO, 0,
            "its schema is named by the header %s, which is not read; let producers write the "
            "prefix (a byte 0 and 4 bytes)",
            header);
    if (name != NULL)
        return rf_reject_set(reject, RF_REJECT_BAD_AVRO, 0, "the value begins with %s, which is not read",
                             name);
    return rf_reject_set(reject, RF_REJECT_BAD_AVRO, 0,
                         "the value has no schema registry's prefix (a byte 0 and 4 bytes of the schema's "
                         "number); source.avro.schema reads values without one");
}

rf_status rf_avro_messages_find(const rf_avro_plan **plan_out, size_t *before, rf_avro_messages *messages,
                                rf_span value, const rf_message *message, rf_reject *reject, rf_err *err)
{
    rf_status st = RF_OK;
    known_schema *found = NULL;
    if (messages->options.schema != NULL) {
        *before = 0;
        *plan_out = messages->known[0]->plan;
        return RF_OK;
    }
    if (!rf_framing_is_registry(value))
        return no_prefix(value, message, reject);
    uint32_t number = rf_framing_schema(value);
    *before = RF_FRAMING_PREFIX;
    if (messages->last != NULL && messages->last->number == number) {
        *plan_out = messages->last->plan;
        return RF_OK;
    }
    found = find_known(messages, number);
    if (found == NULL && messages->n >= MOST_SCHEMAS + MOST_UNKNOWN)
        return rf_reject_set(reject, RF_REJECT_BAD_AVRO, 0, "schema %lu: %d others were read already",
                             (unsigned long)number, MOST_SCHEMAS);
    if (found == NULL)
        RF_TRY(look_up(&found, messages, number, err));
    else if (is_asked_again(found))
        RF_TRY(learn_again(found, messages, err));
    if (found->why != NULL)
        return rf_reject_set(reject, RF_REJECT_BAD_AVRO, 0, "%s%s", found->why,
                             number == 0 ? "; some registries (Apicurio) write 8 bytes of number unless they "
                                           "are told to write 4"
                                         : "");
    messages->last = found;
    *plan_out = found->plan;
done:
    return st;
}

void rf_avro_messages_hint(const rf_avro_messages *messages, rf_span record, rf_reject *reject)
{
    size_t len = strlen(reject->text);
    if (messages->options.schema != NULL && rf_framing_is_registry(record))
        snprintf(reject->text + len, sizeof reject->text - len,
                 "; it begins like a schema registry's prefix: source.avro.registry or source.avro.schemas "
                 "read that");
    else if (messages->last != NULL && messages->options.schema == NULL)
        snprintf(reject->text + len, sizeof reject->text - len, " (schema %lu)",
                 (unsigned long)messages->last->number);
}

/* ---- options ---- */

rf_status rf_avro_options_check(const rf_avro_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    int given = (options->schema != NULL) + (options->schemas != NULL) + (options->registry != NULL);
    const char *of_registry = options->user != NULL       ? "user"
                              : options->password != NULL ? "password"
                              : options->ca != NULL       ? "ca"
                                                          : NULL;
    if (options->registry == NULL && of_registry != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "source.avro.%s is for a schema registry, but source.avro.registry is not set", of_registry);
    if (given != 1)
        RF_FAIL(err, RF_E_INVALID,
                "Avro messages: give one of source.avro.registry (a URL), source.avro.schemas (a folder of "
                "ID.avsc) "
                "and source.avro.schema (a file, for values without a registry's prefix)");
    if (options->password != NULL && options->user == NULL)
        RF_FAIL(err, RF_E_INVALID, "source.avro.password is set, but source.avro.user is not");
done:
    return st;
}

/* ---- open and close ---- */

/* The one schema of all messages. */
static rf_status read_only_one(rf_avro_messages *messages, rf_absent_keys absent, rf_err *err)
{
    rf_status st = RF_OK;
    const char *path = messages->options.schema;
    rf_err problem = {0};
    known_schema *added = NULL;
    RF_RESERVE(messages->known, messages->cap, 1, err);
    RF_ZERO(added, 1, err);
    RF_TRY(rf_text_add(&messages->json, "", 0, err));
    st = rf_text_of_file(&messages->json, path, RF_AVRO_MOST_SCHEMA, &problem);
    if (st == RF_E_IO && errno == ENOENT)
        RF_FAIL(err, RF_E_INVALID, "source.avro.schema: there is no file %s", path);
    if (st != RF_OK)
        RF_FAIL(err, st, "source.avro.schema: %s: %s", path, problem.msg);
    RF_TRY(plan(added, messages, false, path, path, absent, err));
    messages->known[messages->n++] = added;
    added = NULL;
done:
    forget(added);
    return st;
}

rf_status rf_avro_messages_new(rf_avro_messages **out, const rf_avro_options *options,
                               const rf_field_plan *names, const rf_avro_decoder *decoder,
                               rf_absent_keys absent, int64_t patience_us, rf_err *err)
{
    rf_status st = RF_OK;
    rf_avro_messages *messages = NULL;
    RF_TRY(rf_avro_options_check(options, err));
    RF_ZERO(messages, 1, err);
    pthread_mutex_init(&messages->lock, NULL);
    messages->options = *options;
    messages->names = names;
    messages->decoder = decoder;
    if (options->schema != NULL)
        RF_TRY(read_only_one(messages, absent, err));
    if (options->registry != NULL)
        RF_TRY(rf_registry_open(&messages->registry, options, patience_us, RF_AVRO_MOST_SCHEMA, err));
    *out = messages;
    messages = NULL;
done:
    rf_avro_messages_free(messages);
    return st;
}

void rf_avro_messages_stop(rf_avro_messages *messages)
{
    if (messages != NULL)
        rf_registry_stop(messages->registry);
}

void rf_avro_messages_free(rf_avro_messages *messages)
{
    if (messages == NULL)
        return;
    for (size_t i = 0; i < messages->n; i++)
        forget(messages->known[i]);
    rf_registry_close(messages->registry);
    pthread_mutex_destroy(&messages->lock);
    rf_mem_free(messages->known);
    rf_text_clear(&messages->json);
    rf_mem_free(messages);
}
