/* emit_audit_int.h - what an emission writes to the audit log. */
#ifndef RF_EMIT_AUDIT_INT_H
#define RF_EMIT_AUDIT_INT_H

#include "action_int.h"

typedef struct rf_emit_record rf_emit_record;
RF_MUST_CHECK rf_status rf_emit_record_new(rf_emit_record **out, const rf_emission *emission, rf_err *err);
void rf_emit_record_free(rf_emit_record *record);
/* Before anything is sent: a crash leaves this trace. Forgets earlier notes. */
RF_MUST_CHECK rf_status rf_emit_record_begin(rf_emit_record *record, rf_err *err);
/* Notes an action, or one that is silenced, until it is visible. */
RF_MUST_CHECK rf_status rf_emit_record_note(rf_emit_record *record, const rf_action *action, const char *id,
                                            bool silenced, rf_err *err);
/* Everything is visible: one entry an action and a suppression, and one of the whole. */
RF_MUST_CHECK rf_status rf_emit_record_end(rf_emit_record *record, const rf_emit_result *result, rf_err *err);
/* The run is in the topic since an earlier emission, and the log may lack that emission's end: records where
 * the manifest is. */
RF_MUST_CHECK rf_status rf_emit_record_found(rf_emit_record *record, const rf_emit_result *result,
                                             rf_err *err);
/* Nothing is. A failure to say so is logged. */
void rf_emit_record_failed(rf_emit_record *record, const char *why);

#endif
