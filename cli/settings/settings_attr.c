/* settings_attr.c - fields.attributes, when everything is set: what each attribute is made of, and whether
 * its keys fit its type.
 */
#include "settings_int.h"

#include <stdio.h>
#include <string.h>

#define PATH_BYTES 416 /* an attribute's name and a key of it, as much as a message shows */

const rf_attr rf_attr_default = {
    .type = (rf_attr_type)-1, .decimals = RF_PLACES_FREE, .scale = 1, .required = true, .top = 20};

static bool was_set(const rf_settings *settings, int i, const char *part)
{
    return rf_named_was_set(settings, RF_NAMED_ATTRS, i, part);
}

/* What does not fit the attribute's type, as the end of a message; NULL: all does. */
static const char *wrong_for_type(const rf_settings *settings, int i)
{
    const rf_attr *attr = &settings->own->attrs[i];
    bool number = attr->type == RF_ATTR_NUMBER && !attr->age;
    if ((int)attr->type == RF_TYPE_AGE)
        return "an age needs the moment that it counts from; give from: COLUMN";
    if (attr->from != NULL && !attr->age)
        return "from is for ages; remove it, or set type: age";
    if (attr->log1p && attr->type != RF_ATTR_NUMBER)
        return "log1p is for numbers; remove it, or set type: number";
    if ((was_set(settings, i, ".decimals") || was_set(settings, i, ".scale")) && !number)
        return "decimals and scale are for numbers; remove them, or set type: number";
    if (was_set(settings, i, ".top") && attr->type != RF_ATTR_CATEGORY)
        return "top is for categories; remove it, or set type: category";
    if (attr->truth.n_yes + attr->truth.n_no > 0 && attr->type != RF_ATTR_BOOLEAN)
        return "true_values and false_values are for booleans; remove them, or set type: boolean";
    return NULL;
}

#define UNIT_LEAST (-80) /* of `scale`, as its row in the table */
#define UNIT_MOST 18

/* The exponent of a power of ten; UNIT_MOST + 1: it is none. */
static int exponent_of(double scale)
{
    char power[16];
    double ten = 0;
    int unit = scale == 1 ? 0 : UNIT_LEAST; /* nearly all are 1 */
    for (; unit <= UNIT_MOST; unit++) {
        snprintf(power, sizeof power, "1e%d", unit);
        if (rf_double_parse(&ten, power, strlen(power)) && ten == scale)
            break;
    }
    return unit;
}

/* The unit that numbers count in, and the places that are kept; false: scale is no power of ten. */
static bool set_places(rf_attr *attr)
{
    attr->unit = exponent_of(attr->scale);
    int places = -attr->unit < RF_FREE_PLACES_MOST ? -attr->unit : RF_FREE_PLACES_MOST;
    places = places < RF_FIXED_PLACES ? RF_FIXED_PLACES : places;
    attr->told_places = attr->decimals != RF_PLACES_FREE;
    attr->finer = (attr->told_places ? attr->decimals : places) - RF_FIXED_PLACES;
    return attr->unit <= UNIT_MOST;
}

/* What the attribute says is whole: its type is known, and its field. */
static rf_status finish_one(rf_settings *settings, int i, rf_err *err)
{
    rf_status st = RF_OK;
    rf_attr *attr = &settings->own->attrs[i];
    const rf_named_item *item = &settings->own->named[RF_NAMED_ATTRS].at[i];
    const rf_key *type = rf_key_find(RF_ATTRIBUTES ".*.type");
    char path[PATH_BYTES], who[512];
    if (attr->from != NULL && (!rf_key_has_value(attr, type) || (int)attr->type == RF_TYPE_AGE)) {
        attr->type = RF_ATTR_NUMBER;
        attr->age = true;
        attr->field = attr->from;
    }
    bool cyclic = attr->type == RF_ATTR_TIME_OF_DAY || attr->type == RF_ATTR_TIME_OF_WEEK;
    const char *wrong = wrong_for_type(settings, i);
    if (!rf_key_has_value(attr, type))
        wrong = "the type is missing; give number, category, boolean, time_of_day, time_of_week or age";
    else if (wrong == NULL && !set_places(attr))
        wrong = "scale is no power of ten, such as 1e-18 or 0.01";
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%s", attr->name);
    rf_origin at = item->first;
    at.is_flag = false;
    if (wrong != NULL)
        RF_FAIL(err, RF_E_INVALID, "%s: %s", rf_settings_subject(who, &at, path), wrong);
    if (attr->field == NULL && !cyclic)
        attr->field = attr->name;
    RF_TRY(rf_kinds_of_attr(settings, i, err));
done:
    return st;
}

rf_status rf_attr_finish(rf_settings *settings, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    for (int i = 0; i < own->schema.n_attrs; i++)
        RF_TRY(finish_one(settings, i, err));
done:
    return st;
}
