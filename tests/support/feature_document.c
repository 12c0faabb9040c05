/* feature_document.c - the tables of docs/FEATURES.md, from the table of features. */
#include "feature_document.h"

#include "feature_table.h"

static const char *group_text(unsigned group)
{
    switch (group) {
    case RF_GROUP_TIME:
        return "time";
    case RF_GROUP_ATTRIBUTES:
        return "attributes";
    case RF_GROUP_STRUCTURE:
        return "structure";
    case RF_GROUP_HISTORY:
        return "history";
    default:
        return "always";
    }
}

static rf_status document_subject(rf_text *out, unsigned subject, const char *title, rf_err *err)
{
    static const char *const tame_text[] = {"no", "yes", "if asked"};
    static const char *const neutral_text[] = {"-", "0", "1", "column mean"};
    rf_status st = RF_OK;

    RF_TRY(rf_text_printf(out, err, "\n### %s\n\n", title));
    RF_TRY(rf_text_printf(out, err, "| name | group | log1p | without data | formula |\n"));
    RF_TRY(rf_text_printf(out, err, "| --- | --- | --- | --- | --- |\n"));
    for (int i = 0; i < RF_N_FEATURES; i++) {
        const rf_feature_info *f = rf_feature_info_get((rf_feature)i);
        if (f->subjects & subject)
            RF_TRY(rf_text_printf(out, err, "| `%s` | %s | %s | %s | %s |\n", f->pattern,
                                  group_text(f->group), tame_text[f->tame], neutral_text[f->neutral],
                                  f->formula));
    }
done:
    return st;
}

rf_status feature_document(rf_text *out, rf_err *err)
{
    rf_status st = RF_OK;

    RF_TRY(document_subject(out, RF_OF_NODE, "Users and entities", err));
    RF_TRY(document_subject(out, RF_OF_USER, "Users, of each kind of entity but the main one", err));
    RF_TRY(document_subject(out, RF_OF_PAIR, "Edges, `graph.granularity: pair`", err));
    RF_TRY(document_subject(out, RF_OF_EVENT, "Edges, `graph.granularity: event`", err));
done:
    return st;
}
