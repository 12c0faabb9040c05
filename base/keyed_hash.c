/* keyed_hash.c - keys from private files, HMAC-SHA-256 of texts, SHA-256 of files, by OpenSSL's libcrypto.
 *
 * A context that has taken the key goes back to that moment for each text. The libcrypto of a system may be
 * too old for that, and hash on where the last text ended: then the context is copied, which takes twice as
 * long.
 */
#include "rf_keyed_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rf_mem.h"
#include "rf_rng.h"
#include "rf_secret.h"

#define HASH_BYTES 32
#define READ_BYTES ((size_t)1 << 16)

struct rf_hash_key {
    EVP_MAC_CTX *keyed;               /* has taken the key */
    bool goes_back;                   /* to the key, by an initialisation without one */
    unsigned char random[HASH_BYTES]; /* a key that nobody else knows; else zero */
};

static void hex_of(char *out, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

static rf_status failed(const char *what, rf_err *err)
{
    return rf_err_set(err, RF_E_INTERNAL, __FILE__, __LINE__, "libcrypto cannot compute %s", what);
}

static bool mac_of(unsigned char out[HASH_BYTES], EVP_MAC_CTX *context, const char *purpose, const char *text,
                   size_t len)
{
    size_t n = 0;
    return EVP_MAC_update(context, (const unsigned char *)purpose, strlen(purpose) + 1) == 1 &&
           EVP_MAC_update(context, (const unsigned char *)text, len) == 1 &&
           EVP_MAC_final(context, out, &n, HASH_BYTES) == 1 && n == HASH_BYTES;
}

/* ---- keys ---- */

static bool check_going_back(const EVP_MAC_CTX *keyed)
{
    unsigned char once[HASH_BYTES], again[HASH_BYTES];
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(keyed);
    bool same = context != NULL && mac_of(once, context, "", "a", 1) &&
                EVP_MAC_init(context, NULL, 0, NULL) == 1 && mac_of(again, context, "", "a", 1) &&
                memcmp(once, again, HASH_BYTES) == 0;
    EVP_MAC_CTX_free(context);
    return same;
}

static rf_status new_key(rf_hash_key **out, const unsigned char *bytes, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    rf_hash_key *key = NULL;
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                 OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    RF_ZERO(key, 1, err);
    key->keyed = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    if (key->keyed == NULL || EVP_MAC_init(key->keyed, bytes, len, params) != 1)
        RF_TRY(failed("HMAC-SHA-256", err));
    key->goes_back = check_going_back(key->keyed);
    *out = key;
    key = NULL;
done:
    EVP_MAC_free(hmac);
    rf_hash_key_free(key);
    return st;
}

static rf_status check_private(int fd, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    struct stat info;
    if (fstat(fd, &info) != 0)
        RF_FAIL(err, RF_E_INVALID, "%s: the key cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        RF_FAIL(err, RF_E_INVALID, "%s: a key is a regular file", path);
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        RF_FAIL(
            err, RF_E_INVALID,
            "%s: others than its owner may use this key (mode %03o); chmod 600 it, and if others can have "
            "read it, make a new one",
            path, (unsigned)info.st_mode & 0777u);
    if (info.st_uid != geteuid() && info.st_uid != 0)
        RF_FAIL(err, RF_E_INVALID, "%s: the key belongs to another user", path);
done:
    return st;
}

rf_status rf_hash_key_of_bytes(rf_hash_key **out, const char *bytes, size_t len, const char *what,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_secret_no_dumps();
    if (len < RF_HASH_KEY_LEAST || len > RF_HASH_KEY_MOST)
        RF_FAIL(err, RF_E_INVALID, "%s: a key has %d to %d bytes; `openssl rand -hex 32` makes a good one",
                what, RF_HASH_KEY_LEAST, RF_HASH_KEY_MOST);
    RF_TRY(new_key(out, (const unsigned char *)bytes, len, err));
done:
    return st;
}

rf_status rf_hash_key_load(rf_hash_key **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char bytes[RF_HASH_KEY_MOST + 3];
    size_t len = 0;
    rf_secret_no_dumps();
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        RF_FAIL(err, RF_E_INVALID, "%s: the key cannot be read: %s", path, strerror(errno));
    RF_TRY(check_private(fd, path, err));
    for (ssize_t n = 1; n != 0 && len < sizeof bytes;) {
        n = read(fd, bytes + len, sizeof bytes - len);
        if (n < 0 && errno != EINTR)
            RF_FAIL(err, RF_E_INVALID, "%s: the key cannot be read: %s", path, strerror(errno));
        len += n > 0 ? (size_t)n : 0;
    }
    len -= len > 0 && bytes[len - 1] == '\n';
    len -= len > 0 && bytes[len - 1] == '\r';
    RF_TRY(rf_hash_key_of_bytes(out, (const char *)bytes, len, path, err));
done:
    rf_wipe(bytes, sizeof bytes);
    if (fd >= 0)
        (void)close(fd);
    return st;
}

rf_status rf_hash_key_random(rf_hash_key **out, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char bytes[HASH_BYTES];
    rf_secret_no_dumps();
    RF_TRY(rf_random_bytes(bytes, sizeof bytes, err));
    RF_TRY(new_key(out, bytes, sizeof bytes, err));
    memcpy((*out)->random, bytes, sizeof bytes);
done:
    rf_wipe(bytes, sizeof bytes);
    return st;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

rf_status rf_hash_key_of_hex(rf_hash_key **out, const char *hex, size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char bytes[HASH_BYTES];
    rf_secret_no_dumps();
    for (size_t i = 0; i < 2 * sizeof bytes; i++) {
        if (len != 2 * sizeof bytes || digit_of(hex[i]) < 0)
            RF_FAIL(err, RF_E_FORMAT, "this is not a key of %d hex digits", 2 * HASH_BYTES);
        bytes[i / 2] = (unsigned char)(i % 2 == 0 ? digit_of(hex[i]) << 4 : bytes[i / 2] | digit_of(hex[i]));
    }
    RF_TRY(new_key(out, bytes, sizeof bytes, err));
    memcpy((*out)->random, bytes, sizeof bytes);
done:
    rf_wipe(bytes, sizeof bytes);
    return st;
}

void rf_hash_key_hex(char out[RF_HASH_HEX], const rf_hash_key *key)
{
    hex_of(out, key->random, sizeof key->random);
}

void rf_hash_key_free(rf_hash_key *key)
{
    if (key == NULL)
        return;
    EVP_MAC_CTX_free(key->keyed); /* libcrypto overwrites its copy */
    rf_wipe(key, sizeof *key);
    rf_mem_free(key);
}

/* ---- hashes ---- */

rf_status rf_keyed_hash(char out[RF_HASH_HEX], rf_hash_key *key, const char *purpose, const char *text,
                        size_t len, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char hash[HASH_BYTES];
    EVP_MAC_CTX *context = key->goes_back ? key->keyed : EVP_MAC_CTX_dup(key->keyed);
    if (context == NULL || (key->goes_back && EVP_MAC_init(context, NULL, 0, NULL) != 1) ||
        !mac_of(hash, context, purpose, text, len))
        RF_TRY(failed("HMAC-SHA-256", err));
    hex_of(out, hash, sizeof hash);
done:
    if (context != key->keyed)
        EVP_MAC_CTX_free(context);
    return st;
}

rf_status rf_hash_key_check(char out[RF_HASH_CHECK], rf_hash_key *key, rf_err *err)
{
    char hash[RF_HASH_HEX];
    rf_status st = rf_keyed_hash(hash, key, "check", "", 0, err);
    if (st >= 0)
        snprintf(out, RF_HASH_CHECK, "%.16s", hash);
    return st;
}

rf_status rf_pseudonym(char out[RF_PSEUDONYM], rf_hash_key *key, const char *kind, const char *id, size_t len,
                       rf_err *err)
{
    char hash[RF_HASH_HEX];
    rf_status st = rf_keyed_hash(hash, key, kind, id, len, err);
    if (st >= 0)
        snprintf(out, RF_PSEUDONYM, "p-%.32s", hash);
    return st;
}

rf_status rf_file_sha256(char out[RF_HASH_HEX], const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char hash[EVP_MAX_MD_SIZE], *bytes = NULL;
    unsigned n = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
    RF_NEW(bytes, READ_BYTES, err);
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        RF_TRY(failed("SHA-256", err));
    for (;;) {
        ssize_t got = read(fd, bytes, READ_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            RF_FAIL(err, RF_E_IO, "%s: cannot be read: %s", path, strerror(errno));
        if (got == 0)
            break;
        if (EVP_DigestUpdate(context, bytes, (size_t)got) != 1)
            RF_TRY(failed("SHA-256", err));
    }
    if (EVP_DigestFinal_ex(context, hash, &n) != 1 || n != HASH_BYTES)
        RF_TRY(failed("SHA-256", err));
    hex_of(out, hash, n);
done:
    EVP_MD_CTX_free(context);
    rf_mem_free(bytes);
    if (fd >= 0)
        (void)close(fd);
    return st;
}
