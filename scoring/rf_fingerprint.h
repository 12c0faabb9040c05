/* rf_fingerprint.h - names derived from content: run_id and the identity of messages. */
#ifndef RF_FINGERPRINT_H
#define RF_FINGERPRINT_H

/* 32 hex digits out of a list of texts (NULL is not the same as ""); 128-bit xxHash, not cryptographic. */
void rf_fingerprint_texts(char out[33], const char *const *texts, int n);

#endif
