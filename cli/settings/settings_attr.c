/* settings_attr.c - fields.attributes: a map of the user's own names, each with the keys of an attribute. */
#include "settings_int.h"

#include <stdio.h>
#include <string.h>

#define PATH_BYTES 416 /* an attribute's name and a key of it, as much as a message shows */

const rf_attr rf_attr_default = {
    .type = (rf_attr_type)-1, .decimals = RF_PLACES_FREE, .scale = 1, .required = true, .top = 20};

/* The row of fields.attributes.*.name, NULL: none; *bit is its own in attr_set. */
static const rf_key *attr_key(const char *name, int64_t *bit)
{
    *bit = 1;
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        if (!rf_key_is_attr(key))
            continue;
        if (strcmp(key->path + strlen(RF_ATTRIBUTES ".*."), name) == 0)
            return key;
        *bit *= 2;
    }
    return NULL;
}

/* The attribute of this name, made where there is none. */
static rf_status attr_named(int *out, rf_settings *settings, const char *name, const rf_origin *at,
                            rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    int n = own->schema.n_attrs;
    char who[512];
    for (*out = 0; *out < n; ++*out) {
        if (strcmp(own->attrs[*out].name, name) == 0)
            return RF_OK;
    }
    if (!rf_settings_printable(name, 128))
        RF_FAIL(err, RF_E_INVALID,
                "%s is not a name for an attribute; give 1 to 128 bytes of printable UTF-8",
                rf_settings_subject(who, at, name));
    if (n == RF_MAX_ATTRS)
        RF_FAIL(err, RF_E_INVALID, "%s is attribute number %d; at most %d are possible, leave some out",
                rf_settings_subject(who, at, name), RF_MAX_ATTRS + 1, RF_MAX_ATTRS);
    own->attrs[n] = rf_attr_default;
    own->attrs[n].name = rf_keep_text(&own->keep, name, strlen(name), err);
    if (own->attrs[n].name == NULL)
        return RF_E_NOMEM;
    own->attr_set[n].first = *at;
    own->schema.n_attrs++;
done:
    return st;
}

static rf_status put_value(rf_settings *settings, int i, const rf_key *key, int64_t bit,
                           const rf_yaml_node *node, const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    struct rf_settings_own *own = settings->own;
    bool fits = false;
    char path[PATH_BYTES];
    if (rf_settings_is_null(node)) {
        fits = rf_key_has_value(&rf_attr_default, key);
        if (fits)
            rf_key_copy(&own->attrs[i], &rf_attr_default, key);
        bit = 0;
    } else {
        RF_TRY(rf_key_store(&own->attrs[i], key, node, &own->keep, &fits, err));
    }
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%s%s", own->attrs[i].name, strrchr(key->path, '.'));
    if (!fits)
        return rf_settings_wrong_value(at, path, key, node, err);
    own->attr_set[i].set |= bit;
done:
    return st;
}

static rf_status unknown_key(const char *attr, const char *name, const rf_origin *at, rf_err *err)
{
    const char *names[16];
    int n = 0;
    char path[PATH_BYTES], who[512];
    for (const rf_key *key = rf_keys; key->path != NULL; key++) {
        if (rf_key_is_attr(key) && n < 15)
            names[n++] = strrchr(key->path, '.') + 1;
    }
    names[n] = NULL;
    const char *near = rf_nearest(name, names);
    snprintf(path, sizeof path, RF_ATTRIBUTES ".%.128s.%.64s", attr, name);
    rf_settings_subject(who, at, path);
    if (near != NULL)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s is an unknown key; did you mean \"%s\"?",
                          who, near);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s is an unknown key; `ringfence help config` lists those of an attribute", who);
}

rf_status rf_attr_put(rf_settings *settings, const char *name, const rf_yaml_node *node, rf_origin at,
                      rf_err *err)
{
    rf_status st = RF_OK;
    int i;
    int64_t bit;
    RF_TRY(attr_named(&i, settings, name, &at, err));
    if (node->kind != RF_YAML_MAP) {
        const rf_key *type = attr_key("type", &bit);
        return put_value(settings, i, type, bit, node, &at, err);
    }
    for (const rf_yaml_node *child = node->first; child != NULL; child = child->next) {
        at.line = at.line > 0 ? child->line : 0;
        const rf_key *key = attr_key(child->key, &bit);
        if (key == NULL)
            return unknown_key(settings->own->attrs[i].name, child->key, &at, err);
        RF_TRY(put_value(settings, i, key, bit, child, &at, err));
    }
done:
    return st;
}

rf_status rf_attr_put_path(rf_settings *settings, const char *rest, const rf_yaml_node *node,
                           const rf_origin *at, rf_err *err)
{
    rf_status st = RF_OK;
    char name[256];
    int64_t bit;
    int i;
    const char *dot = strrchr(rest, '.');
    const rf_key *key = dot == NULL || dot == rest ? NULL : attr_key(dot + 1, &bit);
    if (key == NULL)
        return rf_attr_put(settings, rest, node, *at, err);
    snprintf(name, sizeof name, "%.*s", (int)(dot - rest), rest);
    RF_TRY(attr_named(&i, settings, name, at, err));
    RF_TRY(put_value(settings, i, key, bit, node, at, err));
done:
    return st;
}

/* ---- when everything is set ---- */

/* The bit of an attribute's key in attr_set. */
static int64_t bit_of(const char *name)
{
    int64_t bit;
    (void)attr_key(name, &bit);
    return bit;
}

/* What does not fit the attribute's type, as the end of a message; NULL: all does. */
static const char *wrong_for_type(const rf_attr *attr, int64_t set)
{
    bool number = attr->type == RF_ATTR_NUMBER && !attr->age;
    if ((int)attr->type == RF_TYPE_AGE)
        return "an age needs the moment that it counts from; give from: COLUMN";
    if (attr->from != NULL && !attr->age)
        return "from is for ages; remove it, or set type: age";
    if (attr->log1p && attr->type != RF_ATTR_NUMBER)
        return "log1p is for numbers; remove it, or set type: number";
    if ((set & (bit_of("decimals") | bit_of("scale"))) != 0 && !number)
        return "decimals and scale are for numbers; remove them, or set type: number";
    if ((set & bit_of("top")) != 0 && attr->type != RF_ATTR_CATEGORY)
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

rf_status rf_attr_finish(rf_settings *settings, rf_err *err)
{
    struct rf_settings_own *own = settings->own;
    int64_t type_bit;
    const rf_key *type = attr_key("type", &type_bit);
    for (int i = 0; i < own->schema.n_attrs; i++) {
        rf_attr *attr = &own->attrs[i];
        if (attr->from != NULL && (!rf_key_has_value(attr, type) || (int)attr->type == RF_TYPE_AGE)) {
            attr->type = RF_ATTR_NUMBER;
            attr->age = true;
            attr->field = attr->from;
        }
        bool cyclic = attr->type == RF_ATTR_TIME_OF_DAY || attr->type == RF_ATTR_TIME_OF_WEEK;
        const char *wrong = wrong_for_type(attr, own->attr_set[i].set);
        char path[PATH_BYTES], who[512];
        if (!rf_key_has_value(attr, type))
            wrong = "the type is missing; give number, category, boolean, time_of_day, time_of_week or age";
        else if (wrong == NULL && !set_places(attr))
            wrong = "scale is no power of ten, such as 1e-18 or 0.01";
        snprintf(path, sizeof path, RF_ATTRIBUTES ".%s", attr->name);
        rf_origin at = own->attr_set[i].first;
        at.is_flag = false;
        if (wrong != NULL)
            return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__, "%s: %s",
                              rf_settings_subject(who, &at, path), wrong);
        if (attr->field == NULL && !cyclic)
            attr->field = attr->name;
    }
    return RF_OK;
}
