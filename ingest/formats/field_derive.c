/* field_derive.c - fields that are made of several: the first of them that has a value, or all joined.
 *
 * Between the decoders, which fill what stands in the record, and event_fields.c, which reads a derived field
 * like any other.
 */
#include "field_plan_int.h"

#include <string.h>

#define LOOKED_AT 10000 /* records until a choice that never was one is said */

/* Ids are joined so that no two pairs give the same text: a mark inside a part gets a backslash before it. */
static rf_status add_part(rf_text *text, const rf_derived *derived, rf_span part, rf_err *err)
{
    rf_status st = RF_OK;
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (derived->between == RF_ID_MARK && (c == RF_ID_MARK || c == '\\'))
            RF_TRY(rf_text_add(text, "\\", 1, err));
        RF_TRY(rf_text_add(text, &c, 1, err));
    }
done:
    return st;
}

static rf_status join(rf_raw *raws, rf_derived *derived, const rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    rf_raw *out = &raws[derived->name];
    rf_text_reset(&derived->text);
    for (int i = 0; i < derived->n; i++) {
        const rf_raw *part = &raws[derived->parts[i]];
        bool lacks = rf_field_plan_lacks(plan, part);
        bool fraction =
            part->kind == RF_RAW_NUMBER && derived->between == RF_ID_MARK && !rf_raw_is_whole_number(part);
        if (lacks || fraction || !rf_raw_has_text(part)) { /* is the whole's, too */
            *out = lacks ? (rf_raw){.kind = RF_RAW_ABSENT} : *part;
            return RF_OK;
        }
        if (i > 0)
            RF_TRY(rf_text_add(&derived->text, &derived->between, 1, err));
        RF_TRY(add_part(&derived->text, derived, part->text, err));
    }
    *out = (rf_raw){.kind = RF_RAW_TEXT, .text = {derived->text.ptr, derived->text.len}};
done:
    return st;
}

static void choose(rf_raw *raws, rf_derived *derived, const rf_field_plan *plan)
{
    int i = 0;
    while (i < derived->n - 1 && rf_field_plan_lacks(plan, &raws[derived->parts[i]]))
        i++;
    raws[derived->name] = raws[derived->parts[i]];
    derived->records++;
    derived->others += i > 0;
}

rf_status rf_field_plan_derive(rf_raw *raws, rf_field_plan *plan, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < plan->n_derived; i++) {
        if (plan->derived[i].between != '\0')
            RF_TRY(join(raws, &plan->derived[i], plan, err));
        else
            choose(raws, &plan->derived[i], plan);
    }
done:
    return st;
}

bool rf_field_plan_is_alternative(const rf_field_plan *plan, int name)
{
    for (int i = 0; i < plan->n_derived; i++) {
        const rf_derived *derived = &plan->derived[i];
        for (int part = 0; derived->between == '\0' && part < derived->n; part++) {
            if (derived->parts[part] == name)
                return true;
        }
    }
    return false;
}

const rf_derived *rf_field_plan_idle_choice(rf_field_plan *plan, bool at_end)
{
    for (int i = 0; i < plan->n_derived; i++) {
        rf_derived *derived = &plan->derived[i];
        if (!derived->list || derived->told || derived->records == 0 ||
            (derived->records < LOOKED_AT && !at_end))
            continue;
        derived->told = true;
        if (derived->others == 0)
            return derived;
    }
    return NULL;
}
