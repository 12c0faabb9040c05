/* tags_int.h - what makers and keepers of tags share: the parts of an rf_tags, and what a type may be called.
 */
#ifndef TAGS_INT_H
#define TAGS_INT_H

#include <stdbool.h>

#include "rf_tags.h"

#define RF_TAG_TYPE_MOST 63 /* letters of a type */

/* Lower-case letters, digits and _, a letter first. */
bool rf_tag_type_valid(const char *type);
void rf_tag_side_clear(rf_tag_side *side);

/* RF_E_FORMAT names `path` unless these can be tags of these scores; the ptr of all sides and the places of
 * evidence must be in order already. */
RF_MUST_CHECK rf_status rf_tags_check(const rf_tags *tags, const rf_scores *scores, const char *path,
                                      rf_err *err);

#endif
