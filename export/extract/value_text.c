/* value_text.c - a value of the attribute table in the form that most formats share. */
#include "extract_int.h"

#include <inttypes.h>
#include <stdio.h>

const char *rf_value_text(const rf_value *value, rf_column_type type, char buffer[RF_TIME_TEXT])
{
    switch (type) {
    case RF_COLUMN_TEXT:
    case RF_COLUMN_LIST:
        return value->text;
    case RF_COLUMN_NUMBER:
        return rf_float_format(buffer, (float)value->number);
    case RF_COLUMN_WHOLE:
        snprintf(buffer, RF_TIME_TEXT, "%" PRId64, value->whole);
        return buffer;
    case RF_COLUMN_TIME:
        return rf_time_format(buffer, value->whole);
    case RF_COLUMN_BOOL:
        return value->yes ? "true" : "false";
    }
    return "";
}
