/* rf_key.h - a row of the table of settings: what a key is called, what it takes, and where its value goes.
 *
 * Reading a file, --set, the flags of the verbs, messages, help, the man page and docs/CONFIGURATION.md all
 * go by these rows. A default is not part of a row: it is what the field holds in rf_settings_default.
 */
#ifndef RF_KEY_H
#define RF_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rf_status.h"
#include "rf_text.h"

typedef enum rf_key_type { /* how a value is written */
                           RF_KEY_INT,
                           RF_KEY_REAL,
                           RF_KEY_BOOL,
                           RF_KEY_TEXT,
                           RF_KEY_PATH,
                           RF_KEY_FIELD,       /* a column or key, or several: a list, {first: [...]}, {join:
                                                  [...]};       `beside` has those behind the first. `alternative`:
                                                  a list       is       joined */
                           RF_KEY_ZONE,        /* text that the reader of times checks */
                           RF_KEY_TIME_FORMAT, /* one of the words; or a strptime pattern, which goes to
                                                  `beside`, and `alternative` */
                           RF_KEY_CHOICE,      /* one of the words */
                           RF_KEY_MARK,     /* an ASCII character that is no letter and no digit, as itself,
                                               \t or \x01; or one of the words */
                           RF_KEY_DURATION, /* microseconds, or one of the words */
                           RF_KEY_TIME,     /* microseconds since the epoch, or one of the words */
                           RF_KEY_ORIGIN,   /* the same, of any year from 1600 on: what times count from */
                           RF_KEY_TEXTS,    /* `beside` counts them */
                           RF_KEY_INTS,     /* `beside` counts them; without it see `least` */
                           RF_KEY_REALS
} rf_key_type;

typedef enum rf_field_type {               /* the C type of the field, of an item where it is an array */
                             RF_FIELD_INT, /* enums too */
                             RF_FIELD_INT64,
                             RF_FIELD_UINT64,
                             RF_FIELD_DOUBLE,
                             RF_FIELD_BOOL,
                             RF_FIELD_TEXT, /* const char * */
                             RF_FIELD_TEXTS /* const char *const * */
} rf_field_type;

typedef struct rf_word {
    const char *word; /* NULL ends a list */
    int64_t value;    /* its value in the field */
} rf_word;

#define RF_KEY_ITEMS 16 /* the longest array */

typedef struct rf_key {
    const char *path; /* "train.lr"; "fields.attributes.*.top" for every attribute, likewise for kinds */
    rf_key_type type;
    size_t offset; /* into rf_settings; where the path has a *, see rf_named_default */
    rf_field_type field;
    size_t beside;   /* offset of a second field that goes with it (an int, or the pattern's text); 0: none */
    int alternative; /* several keys share the field, and `beside` says which one was given: this number */
    int most;        /* items of an array; 0: one value */
    int least; /* an array that is not counted takes `least` to `most` numbers (what is left out is 0), or
                  one number means `least` equal ones; `each` says for what they are */
    const char *each;
    double min, max; /* INT, REAL, DURATION (us), and the items of lists */
    bool above_min;  /* min itself is not allowed */
    const rf_word *words;
    bool in_output;        /* a relative name leads into `output`, unless the command line gave it */
    const char *otherwise; /* what happens without a value, where the default is none */
    const char *unit;
    const char *about;
} rf_key;

typedef struct rf_key_group { /* in the order of the document */
    const char *path, *about;
} rf_key_group;

extern const rf_key rf_keys[];             /* ended by a NULL path */
extern const rf_key_group rf_key_groups[]; /* likewise */

const rf_key *rf_key_find(const char *path); /* NULL: no such key */
bool rf_key_is_named(const rf_key *key);     /* of every attribute or kind: the path has a * */

/* "a whole number from 1 to 16", "one of pair, event". */
RF_MUST_CHECK rf_status rf_key_allowed(rf_text *text, const rf_key *key, rf_err *err);
/* The default as a file would say it; nothing is added where there is none. */
RF_MUST_CHECK rf_status rf_key_default(rf_text *text, const rf_key *key, rf_err *err);

#endif
