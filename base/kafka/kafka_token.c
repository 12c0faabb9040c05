/* kafka_token.c - tokens for SASL/OAUTHBEARER, as sasl.oauthbearer.config says:
 *
 *   tokenFile=PATH        a JWT that somebody else renews (a sidecar, Kubernetes); read again at each renewal
 *   principal=NAME ...    with enable.sasl.oauthbearer.unsecure.jwt: an unsigned token, for tests; also
 *                         lifeSeconds, scope (a,b), principalClaimName, scopeClaimName
 *   extension_NAME=VALUE  sent along with either
 *
 * librdkafka has unsigned tokens of its own, with the same words, but 2.0 crashes when it renews one, and
 * Debian's has no OIDC. Its sasl.oauthbearer.method=oidc is left to it. Called on the client's background
 * thread; no text of a token or of the setting is printed.
 */
#include "kafka_token_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kafka_jwt_int.h"
#include "kafka_watch_int.h"
#include "rf_json.h"
#include "rf_mem.h"

#define TOKEN_BYTES 65536
#define MOST_EXTENSIONS 16
#define OPAQUE_LIFE_S 300 /* of a token that does not say when it ends */

/* The words of sasl.oauthbearer.config; texts lie in `text`. */
typedef struct wish {
    char *text; /* owned */
    const char *token_file, *principal, *principal_claim, *scope, *scope_claim;
    const char *extensions[2 * MOST_EXTENSIONS]; /* name, value */
    size_t n_extensions;
    int64_t life_s;
} wish;

/* ---- the setting ---- */

static rf_status put_word(wish *w, const char *name, const char *value, rf_err *err)
{
    rf_status st = RF_OK;
    const struct {
        const char *name, **value;
    } words[] = {{"tokenFile", &w->token_file},
                 {"principal", &w->principal},
                 {"principalClaimName", &w->principal_claim},
                 {"scope", &w->scope},
                 {"scopeClaimName", &w->scope_claim}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(name, words[i].name) == 0) {
            *words[i].value = value;
            return RF_OK;
        }
    if (strcmp(name, "lifeSeconds") == 0) {
        if (!rf_int_parse(&w->life_s, value, strlen(value)) || w->life_s < 1 || w->life_s > INT32_MAX)
            RF_FAIL(err, RF_E_INVALID,
                    "kafka.sasl.oauthbearer.config: lifeSeconds is not a number of seconds");
    } else if (strncmp(name, "extension_", 10) == 0 && w->n_extensions < MOST_EXTENSIONS) {
        w->extensions[2 * w->n_extensions] = name + 10;
        w->extensions[2 * w->n_extensions + 1] = value;
        w->n_extensions++;
    } else {
        RF_FAIL(err, RF_E_INVALID,
                "kafka.sasl.oauthbearer.config: a word of it is not known (not shown); it takes tokenFile, "
                "principal, principalClaimName, scope, scopeClaimName, lifeSeconds and extension_NAME");
    }
done:
    return st;
}

static rf_status read_wish(wish *w, const char *config, bool unsecured, rf_err *err)
{
    rf_status st = RF_OK;
    char *rest = NULL;
    *w = (wish){.principal_claim = "sub", .scope_claim = "scope", .life_s = 3600};
    w->text = rf_mem_text(config, strlen(config), err);
    if (w->text == NULL)
        return RF_E_NOMEM;
    for (char *word = strtok_r(w->text, " \t\r\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        char *equals = strchr(word, '=');
        if (equals == NULL || equals[1] == '\0')
            RF_FAIL(err, RF_E_INVALID,
                    "kafka.sasl.oauthbearer.config: words are NAME=VALUE, separated by spaces; one is not "
                    "(not shown)");
        *equals = '\0';
        RF_TRY(put_word(w, word, equals + 1, err));
    }
    if (w->token_file == NULL && (!unsecured || w->principal == NULL))
        RF_FAIL(err, RF_E_INVALID,
                "kafka.sasl.mechanism is OAUTHBEARER, but kafka.sasl.oauthbearer.config has no "
                "tokenFile=PATH (%s)",
                unsecured ? "nor principal=NAME for unsigned tokens"
                          : "unsigned ones need enable.sasl.oauthbearer.unsecure.jwt");
done:
    return st;
}

static void clear_wish(wish *w)
{
    rf_mem_free(w->text);
    w->text = NULL;
}

/* ---- tokens ---- */

typedef struct token {
    rf_text text;
    int64_t ends_ms; /* since the epoch */
    char principal[256];
} token;

static rf_status add_claims(rf_text *out, const wish *w, int64_t now_s, int64_t ends_s, rf_err *err)
{
    rf_status st = RF_OK;
    rf_json *json = NULL;
    const char *text;
    size_t len;
    RF_TRY(rf_json_new(&json, err));
    rf_json_map_open(json);
    rf_json_key(json, w->principal_claim);
    rf_json_string(json, w->principal);
    rf_json_key(json, "iat");
    rf_json_int(json, now_s);
    rf_json_key(json, "exp");
    rf_json_int(json, ends_s);
    if (w->scope != NULL) {
        rf_json_key(json, w->scope_claim);
        rf_json_array_open(json);
        for (const char *at = w->scope; *at != '\0';) {
            size_t n = strcspn(at, ",");
            rf_json_text(json, at, n);
            at += at[n] == ',' ? n + 1 : n;
        }
        rf_json_array_close(json);
    }
    rf_json_map_close(json);
    RF_TRY(rf_json_end(json, &text, &len, err));
    RF_TRY(rf_base64_add(out, text, len, true, err));
done:
    rf_json_free(json);
    return st;
}

static rf_status make_unsigned(token *t, const wish *w, rf_err *err)
{
    static const char head[] = "{\"alg\":\"none\"}";
    rf_status st = RF_OK;
    int64_t now_s = (int64_t)time(NULL);    /* the broker's clock counts, not SOURCE_DATE_EPOCH */
    int64_t ends_s = now_s + 1 + w->life_s; /* now_s is rounded down: the life is never shorter */
    RF_TRY(rf_base64_add(&t->text, head, sizeof head - 1, true, err));
    RF_TRY(rf_text_add(&t->text, ".", 1, err));
    RF_TRY(add_claims(&t->text, w, now_s, ends_s, err));
    RF_TRY(rf_text_add(&t->text, ".", 1, err));
    t->ends_ms = ends_s * 1000;
    snprintf(t->principal, sizeof t->principal, "%s", w->principal);
done:
    return st;
}

static rf_status read_token(token *t, const wish *w, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err why = {0};
    st = rf_text_of_file(&t->text, w->token_file, TOKEN_BYTES, &why);
    if (st != RF_OK)
        RF_FAIL(err, st == RF_E_INVALID ? RF_E_FORMAT : st, "%s",
                st == RF_E_INVALID ? "is too long for a token" : why.msg);
    if (t->text.len == 0)
        RF_FAIL(err, RF_E_FORMAT, "is empty");
    t->text.len = strcspn(t->text.ptr, " \t\r\n"); /* its line end */
    t->text.ptr[t->text.len] = '\0';
    t->ends_ms = ((int64_t)time(NULL) + OPAQUE_LIFE_S) * 1000;
    snprintf(t->principal, sizeof t->principal, "%s", w->principal != NULL ? w->principal : "ringfence");
    RF_TRY(rf_kafka_jwt_read(&t->ends_ms, t->principal, sizeof t->principal, t->text.ptr, err));
done:
    return st;
}

/* ---- the client asks ---- */

static void renew(rd_kafka_t *client, const char *config, void *opaque)
{
    rf_kafka_watch *watch = opaque;
    rf_err err = {0};
    wish w;
    token t = {0};
    char text[512] = "", line[600];
    rf_status st = read_wish(&w, config != NULL ? config : "", watch->unsecured_tokens, &err);
    if (st == RF_OK)
        st = w.token_file != NULL ? read_token(&t, &w, &err) : make_unsigned(&t, &w, &err);
    if (st == RF_OK &&
        rd_kafka_oauthbearer_set_token(client, t.text.ptr, t.ends_ms, t.principal, w.extensions,
                                       2 * w.n_extensions, text, sizeof text) != 0)
        st = RF_E_KAFKA;
    if (st != RF_OK) {
        if (st == RF_E_KAFKA)
            snprintf(line, sizeof line, "the token is not accepted: %s", text);
        else
            snprintf(line, sizeof line, st == RF_E_INVALID ? "%s" : "the file of tokenFile %s", err.msg);
        rf_kafka_watch_no_token(watch, line);
        rd_kafka_oauthbearer_set_token_failure(client, line);
    }
    rf_kafka_wipe(&t.text);
    clear_wish(&w);
}

rf_status rf_kafka_token_conf(rf_kafka_watch *watch, rd_kafka_conf_t *conf, bool unsecured, rf_err *err)
{
    rf_status st = RF_OK;
    wish w = {0};
    size_t size = 0;
    char *config = NULL;
    if (rd_kafka_conf_get(conf, "sasl.oauthbearer.config", NULL, &size) != RD_KAFKA_CONF_OK)
        size = 0;
    config = rf_mem_zero(size + 1, 1, err);
    if (config == NULL)
        return RF_E_NOMEM;
    if (size > 0)
        (void)rd_kafka_conf_get(conf, "sasl.oauthbearer.config", config, &size);
    RF_TRY(read_wish(&w, config, unsecured, err));
    watch->unsecured_tokens = unsecured;
    (void)rd_kafka_conf_set(conf, "enable.sasl.oauthbearer.unsecure.jwt", "false", NULL, 0); /* its own */
    rd_kafka_conf_enable_sasl_queue(conf, 1); /* renewed in the background */
    rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, renew);
done:
    clear_wish(&w);
    rf_mem_free(config);
    return st;
}
