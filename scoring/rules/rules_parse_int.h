/* rules_parse_int.h - shared by the files that read a rule file. They know no graph. */
#ifndef RULES_PARSE_INT_H
#define RULES_PARSE_INT_H

#include "rules_int.h"

/* ---- rules_read.c ---- shared by the parts of the parser */

#define RULE_MOST_ABOUT 500 /* bytes of a sentence */

typedef struct rule_reader {
    rf_rules *rules;
    rule_place place; /* of the node being read */
} rule_reader;

rf_status rule_fail(const rule_reader *r, int line, rf_err *err, const char *format, ...) RF_PRINTF(4, 5);
/* Fails at a line of the file being read. */
#define RULE_FAIL(reader, at, ...)                                                                           \
    do {                                                                                                     \
        st = rule_fail((reader), (at), err, __VA_ARGS__);                                                    \
        goto done;                                                                                           \
    } while (0)
RF_MUST_CHECK rf_status rule_read_number(double *out, const rule_reader *r, const rf_yaml_node *node,
                                         double min, double max, rf_err *err);
RF_MUST_CHECK rf_status rule_read_whole(int64_t *out, const rule_reader *r, const rf_yaml_node *node,
                                        int64_t min, rf_err *err);
/* One line of UTF-8; lives as long as the rules. */
RF_MUST_CHECK rf_status rule_read_text(const char **out, const rule_reader *r, const rf_yaml_node *node,
                                       size_t most, rf_err *err);
RF_MUST_CHECK rf_status rule_read_bool(bool *out, const rule_reader *r, const rf_yaml_node *node,
                                       rf_err *err);
RF_MUST_CHECK rf_status rule_read_side(rf_side *out, const rule_reader *r, const rf_yaml_node *node,
                                       rf_err *err);
/* The side that the first len bytes name, a kind's edges excepted; RF_NO_SIDE: none. */
rf_side rule_find_side(const rf_rules *rules, const char *word, size_t len);
/* The words for sides that this file may use, NULL-terminated. */
#define RULE_SIDE_WORDS (RF_KINDS_MOST + 3)
void rule_side_words(const char *out[RULE_SIDE_WORDS], const rf_rules *rules);
/* node is a map, and its keys are all among these (NULL-terminated). */
RF_MUST_CHECK rf_status rule_check_keys(const rule_reader *r, const rf_yaml_node *map, const char *what,
                                        const char *const *keys, rf_err *err);
int rule_count(const rf_yaml_node *node); /* children */

/* ---- rules_signal.c ---- the signals and the confidence of a rule whose subject and whose file's segments
 * are known; confidence NULL: all signals. */
RF_MUST_CHECK rf_status rule_read_signals(rule *out, rule_reader *r, const rf_yaml_node *signals,
                                          const rf_yaml_node *confidence, rf_err *err);

/* ---- rules_value.c ---- text of a value, for subjects of this side; place says whose it is. */
RF_MUST_CHECK rf_status rule_read_value(rule_value *out, const rule_reader *r, const rf_yaml_node *node,
                                        rf_side subject, rf_err *err);

#endif
