/* event_ids.c - the ids of an event, each in one spelling, and hidden where that is wanted.
 *
 * Between event_fields.c, which takes them as a record has them, and the event that is handed out.
 */
#include "event_ids_int.h"
#include "rf_count.h"

#include <stdio.h>
#include <string.h>

#include "id_spelling_int.h"
#include "rf_log.h"
#include "rf_mem.h"
#include "value_mask_int.h"

#define LOOKS_FOR_SPACES 1000

/* The user, or the entity of a kind. */
typedef struct id_place {
    rf_spelling spelling;
    const char *name; /* "user", the kind's name */
    bool required;
    int64_t odd; /* events whose value a word refuses, and that therefore have none of this kind */
    char pseudonym[RF_PSEUDONYM];
    char spelt[RF_SPELL_BYTES];
} id_place;

struct rf_event_ids {
    id_place *places; /* [n] the user, and the entities of each kind */
    int n;
    rf_hash_key *key; /* NULL: ids stay */
    bool hides;       /* nothing is said that could name one */
    bool spells;      /* some are to be spelt */
    bool told_padded;
    int looks_for_spaces; /* events that are still looked at for that */
};

rf_status rf_event_ids_new(rf_event_ids **out, const rf_source_options *options, rf_field_plan *plan,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_event_ids *ids = NULL;
    RF_ZERO(ids, 1, err);
    RF_ZERO(ids->places, (size_t)plan->n_kinds + 1, err);
    ids->n = plan->n_kinds + 1;
    for (int i = 0; i < ids->n; i++) {
        id_place *place = &ids->places[i];
        const int kind = i - 1;
        const rf_side side = kind < 0 ? RF_USER : rf_entity_side(kind);
        place->name = kind < 0 ? "user" : rf_kind_name(&plan->kinds, kind);
        place->required = kind < 0 || plan->entity_required[kind];
        RF_TRY(rf_spelling_init(&place->spelling, &options->fields, side, err));
        plan->takes_long[side] = rf_spelling_takes_long(&place->spelling);
        ids->spells = ids->spells || place->spelling.n > 0;
    }
    ids->key = options->pseudonym_key;
    ids->hides = rf_source_hides_ids(options);
    ids->looks_for_spaces = LOOKS_FOR_SPACES;
    *out = ids;
    ids = NULL;
done:
    rf_event_ids_free(ids);
    return st;
}

void rf_event_ids_free(rf_event_ids *ids)
{
    if (ids == NULL)
        return;
    for (int i = 0; i < ids->n; i++)
        rf_spelling_clear(&ids->places[i].spelling);
    rf_mem_free(ids->places);
    rf_mem_free(ids);
}

static inline rf_span *id_of(rf_event *event, int i)
{
    return i == 0 ? &event->user : i == 1 ? &event->entity : &event->others[i - 2];
}

/* ---- one spelling ---- */

static rf_status refuse(rf_reject *reject, rf_span id, const rf_spell_refusal *refusal, const id_place *place)
{
    char shown[RF_SHOWN_BYTES];
    rf_shown(shown, id);
    rf_status st = rf_reject_set(reject, RF_REJECT_BAD_ID, -1, "%s: \"%s\" %s (%s: %s)", place->name, shown,
                                 refusal->why, place->spelling.key, refusal->step->told);
    reject->about.names = true;
    reject->about.at = (int)strlen(place->name) + 3;
    reject->about.len = (int)strlen(shown);
    return st;
}

/* Of a kind that need not be there, a value that is none is no reason to lose the event. */
static void pass_over(const rf_event_ids *ids, rf_span id, const rf_spell_refusal *refusal, id_place *place)
{
    char masked[RF_MASKED];
    if (place->odd++ > 0)
        return;
    rf_log(RF_LOG_WARN, "%s: \"%s\" %s (%s: %s); such events count, without %s %s", place->name,
           ids->hides ? "(not shown)" : rf_masked(masked, id.ptr, id.len), refusal->why, place->spelling.key,
           refusal->step->told, strchr("aeio", place->name[0]) != NULL ? "an" : "a", place->name);
}

static rf_status spell(const rf_event_ids *ids, rf_span *id, id_place *place, rf_reject *reject, rf_err *err)
{
    const rf_span before = *id;
    rf_spell_refusal refusal;
    rf_status st = rf_spelling_apply(id, place->spelt, &place->spelling, &refusal, err);
    if (st < 0)
        return st;
    if (st == RF_SKIPPED && place->required)
        return refuse(reject, before, &refusal, place);
    if (st == RF_SKIPPED)
        pass_over(ids, before, &refusal, place);
    if ((st == RF_SKIPPED || id->len == 0) && !place->required) {
        *id = (rf_span){0};
        return RF_OK;
    }
    if (id->len == 0)
        return rf_reject_set(reject, RF_REJECT_EMPTY_ID, -1, "%s: nothing is left of it by %s", place->name,
                             place->spelling.key);
    if (id->len > RF_MAX_ID_BYTES)
        return rf_reject_set(reject, RF_REJECT_ID_TOO_LONG, -1,
                             "%s: is longer than an id may be (1024 bytes) by %s", place->name,
                             place->spelling.key);
    return RF_OK;
}

static void warn_of_padding(rf_event_ids *ids, const id_place *place, rf_span id)
{
    char masked[RF_MASKED];
    ids->told_padded = true;
    rf_log(
        RF_LOG_WARN,
        "%s \"%s\" is a whole number with decimals, as tables with gaps write it: without decimals it would "
        "be another one; %s: [whole] makes one of both",
        place->name, ids->hides ? "(pseudonymised)" : rf_masked(masked, id.ptr, id.len), place->spelling.key);
}

static rf_status spell_all(rf_event_ids *ids, rf_event *event, rf_reject *reject, rf_err *err)
{
    for (int i = 0; i < ids->n; i++) {
        rf_span *id = id_of(event, i);
        if (ids->places[i].spelling.n == 0 || id->ptr == NULL)
            continue;
        rf_status st = spell(ids, id, &ids->places[i], reject, err);
        if (st != RF_OK)
            return st;
    }
    return RF_OK;
}

/* Without `whole` a number that a table has padded is said once. */
rf_status rf_event_ids_spell(rf_event_ids *ids, rf_event *event, rf_reject *reject, rf_err *err)
{
    rf_status st = ids->spells ? spell_all(ids, event, reject, err) : RF_OK;
    for (int i = 0; i < ids->n && st == RF_OK && !ids->told_padded; i++) {
        const rf_span id = *id_of(event, i);
        if (id.len > 2 && id.ptr[id.len - 1] == '0' && rf_spelling_is_padded_number(id))
            warn_of_padding(ids, &ids->places[i], id);
    }
    return st;
}

/* ---- pseudonyms ---- */

/* An id is called the same whatever the kind of its entity. */
rf_status rf_event_ids_hide(rf_event_ids *ids, rf_event *event, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < ids->n; i++) {
        rf_span *id = id_of(event, i);
        char *name = ids->places[i].pseudonym;
        if (id->ptr == NULL)
            continue;
        RF_TRY(rf_pseudonym(name, ids->key, i == 0 ? "user" : "entity", id->ptr, id->len, err));
        *id = (rf_span){name, RF_PSEUDONYM - 1};
    }
done:
    return st;
}

/* ---- what is read, but probably not as it was meant ---- */

static bool has_space_around(rf_span id)
{
    return id.len > 0 && (id.ptr[0] == ' ' || id.ptr[id.len - 1] == ' ');
}

void rf_event_ids_warn(rf_event_ids *ids)
{
    for (int i = 0; i < ids->n; i++) {
        id_place *place = &ids->places[i];
        if (place->odd > 1)
            rf_log(RF_LOG_WARN, "%s: %s without one, because %s refuses what is there", place->name,
                   RF_THINGS(place->odd, "event"), place->spelling.key);
        place->odd = 0;
    }
}

bool rf_event_ids_look_for_spaces(rf_event_ids *ids, const rf_event *event, bool csv)
{
    int at = 0;
    ids->looks_for_spaces--;
    while (at < ids->n && !has_space_around(at == 0 ? event->user : rf_event_entity(event, at - 1)))
        at++;
    if (at == ids->n)
        return ids->looks_for_spaces > 0;
    rf_log(RF_LOG_WARN,
           "some users or entities have spaces at their ends, which belong to them; %s%s takes them away",
           csv ? "source.csv.trim: true" : ids->places[at].spelling.key, csv ? "" : ": [trim]");
    return false;
}
