/* rf_keyed_hash.h - names for ids that only the holder of a key can compute: HMAC-SHA-256 (RFC 2104). And the
 * SHA-256 of a file.
 *
 * Without the key nobody can find out by trying which id a name stands for, however few ids there are. The
 * only place that knows OpenSSL.
 */
#ifndef RF_KEYED_HASH_H
#define RF_KEYED_HASH_H

#include <stddef.h>

#include "rf_status.h"

#define RF_HASH_HEX 65       /* room for 64 hex digits and the NUL */
#define RF_HASH_KEY_LEAST 16 /* bytes of a key */
#define RF_HASH_KEY_MOST 1024

typedef struct rf_hash_key rf_hash_key;

/* The content of a file that nobody but its owner can read (0600 or less; the owner is this user or root),
 * without a line end behind it. RF_E_INVALID if others can read it, or if it is too short or too long. */
RF_MUST_CHECK rf_status rf_hash_key_load(rf_hash_key **out, const char *path, rf_err *err);
/* These bytes, of which there are as many as a file may have; `what` names them for messages. */
RF_MUST_CHECK rf_status rf_hash_key_of_bytes(rf_hash_key **out, const char *bytes, size_t len,
                                             const char *what, rf_err *err);
/* The first digits of a hash by the key, which say whether two keys are the same. */
#define RF_HASH_CHECK 17 /* room for them, with the NUL */
RF_MUST_CHECK rf_status rf_hash_key_check(char out[RF_HASH_CHECK], rf_hash_key *key, rf_err *err);
/* A key that nobody knows. */
RF_MUST_CHECK rf_status rf_hash_key_random(rf_hash_key **out, rf_err *err);
/* From the hex digits that rf_hash_key_hex gave. */
RF_MUST_CHECK rf_status rf_hash_key_of_hex(rf_hash_key **out, const char *hex, size_t len, rf_err *err);
/* Of a random key; the caller wipes it. */
void rf_hash_key_hex(char out[RF_HASH_HEX], const rf_hash_key *key);
void rf_hash_key_free(rf_hash_key *key); /* wipes it; NULL allowed */

/* The first 64 hex digits over purpose, a NUL, and the text: the same text has other names for other
 * purposes. One thread at a time uses a key. */
RF_MUST_CHECK rf_status rf_keyed_hash(char out[RF_HASH_HEX], rf_hash_key *key, const char *purpose,
                                      const char *text, size_t len, rf_err *err);

/* What stands for a user's or an entity's id everywhere when ids are pseudonymised: "p-" and the first 32
 * digits of the hash of its kind ("user", "entity") and the id. */
#define RF_PSEUDONYM 35 /* room for it, with the NUL */
RF_MUST_CHECK rf_status rf_pseudonym(char out[RF_PSEUDONYM], rf_hash_key *key, const char *kind,
                                     const char *id, size_t len, rf_err *err);

RF_MUST_CHECK rf_status rf_file_sha256(char out[RF_HASH_HEX], const char *path, rf_err *err);

#endif
