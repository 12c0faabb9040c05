/* rf_subjects.h - the users and entities that are to be erased, and where a text names one of them.
 *
 * A value names a subject if it is the id. A text (a rejected record, a page) names one if the id stands in
 * it as a word of its own, as it is or spelled and escaped as our files have it (rf_escape.h). "u1" is in
 * "u1,m3" and not in "u17".
 */
#ifndef RF_SUBJECTS_H
#define RF_SUBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "rf_idmap.h"
#include "rf_keyed_hash.h"
#include "rf_side.h"
#include "rf_span.h"
#include "rf_text.h"

#define RF_SUBJECT_FORMS 20

typedef struct rf_data_subject {
    rf_side side; /* RF_USER or RF_ENTITY */
    rf_text id;
    rf_text forms[RF_SUBJECT_FORMS]; /* the id as texts may have it, each once; forms[0] is the id itself */
    int n_forms;
    char hash[RF_HASH_HEX]; /* what stays in its place: keyed */
} rf_data_subject;

typedef struct rf_subjects {
    rf_data_subject *at;
    size_t n, cap;
    rf_hash_key *key;       /* borrowed; of the hashes */
    rf_idmap *ids;          /* of the subjects, each once */
    uint32_t (*with_id)[2]; /* [number in ids][side]: which subject; RF_NO_ID: none */
    size_t cap_ids;
} rf_subjects;

/* Adds one; a subject that is there already is not added again. `subjects` is zero at first but for the key.
 */
RF_MUST_CHECK rf_status rf_subjects_add(rf_subjects *subjects, rf_side side, const char *id, size_t len,
                                        rf_err *err);
void rf_subjects_clear(rf_subjects *subjects); /* wipes the ids */

/* The subject of this side that the id is; RF_NO_SIDE: of any, the first that was added. NULL: none. */
const rf_data_subject *rf_subjects_find(const rf_subjects *subjects, rf_side side, const char *id,
                                        size_t len);
/* The first place of a word that is a subject's; *len is the word's, the longest one's if several begin
 * there. NULL: there is none. */
const rf_data_subject *rf_subjects_in_text(const rf_subjects *subjects, rf_span text, const char **at,
                                           size_t *len);

/* Adds what a category, or a column, is called from now on that was called like the subject: "erased-" and
 * the first digits of its hash. */
RF_MUST_CHECK rf_status rf_subject_rename(rf_text *out, const rf_data_subject *subject, rf_err *err);
/* The same where names must differ: "-2" and so on behind it while all of *out is `taken`, as it is after an
 * id that was erased came back. */
RF_MUST_CHECK rf_status rf_subject_rename_free(rf_text *out, const rf_data_subject *subject,
                                               bool (*taken)(const void *context, const rf_text *name),
                                               const void *context, rf_err *err);

/* ---- subjects_json.c: values of JSON ----
 *
 * A text of a member "user", "users" or "user_ids" names users, one of "entity" and so on entities, if it is
 * the id. Any other text does so if it is "user/ID" or the like, or a JSON array that has the id: the keys
 * and subjects of messages. An object or array that has such a text names the subject, too, and so do those
 * around it up to the next element of an array. In what people read (reason, why, author, error) the id as a
 * word counts too, and so does a column "ATTRIBUTE=ID"; there a new name takes its place (rf_subject_rename).
 */

/* Whether a value names a subject anywhere. RF_E_PARSE: it is not JSON, and *named stays as it is. */
RF_MUST_CHECK rf_status rf_subjects_in_json(bool *named, const rf_subjects *subjects, rf_span value,
                                            rf_err *err);
/* Adds the value without the elements of arrays that name a subject. *cut counts them. *whole: the value
 * itself names one, what was added is of no use. */
RF_MUST_CHECK rf_status rf_subjects_cut_json(rf_text *out, const rf_subjects *subjects, rf_span value,
                                             int64_t *cut, bool *whole, rf_err *err);
/* Adds the value with "erased:HASH" in place of each text that names a subject, and of each `ce_id` and
 * `alert_id` in the same document: they are hashes without a key, by which an id could be guessed. *n counts
 * the replaced texts. */
RF_MUST_CHECK rf_status rf_subjects_hash_json(rf_text *out, const rf_subjects *subjects, rf_span value,
                                              int64_t *n, rf_err *err);

/* Adds the value with digits of the hash in place of each text that is an id, as many bytes as it had, so
 * that what follows stays where it is. Members called by one of the names[n_names] are left alone. *n counts
 * them. */
RF_MUST_CHECK rf_status rf_subjects_mask_json(rf_text *out, const rf_subjects *subjects, rf_span value,
                                              const char *const *names, int n_names, int64_t *n, rf_err *err);

#endif
