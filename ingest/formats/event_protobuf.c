/* event_protobuf.c - one Protobuf message to raw values; pure, driven by the plan of the mapped fields.
 *
 * All other fields of the message are skipped by their wire type, whether they are known or not. A field that
 * occurs twice is read as Protobuf defines it: the last value wins, messages are merged, and a member of a
 * oneof replaces the others.
 *
 * An absent field is missing. But a field without presence (proto3, not `optional`, in no oneof) has its
 * default value if its message is present. Wire format: protobuf.dev/programming-guides/encoding.
 */
#include "event_protobuf_int.h"

#include <inttypes.h>
#include <string.h>

#include "descriptor_set_int.h"
#include "protobuf_plan_int.h"
#include "number_print_int.h"
#include "protobuf_wire_int.h"
#include "rf_mem.h"
#include "rf_text.h"

/* What is known of a scope in the message that is read. */
typedef struct scope_state {
    uint64_t seen; /* number of the last record that had it */
    int64_t seconds, nanos;
} scope_state;

struct rf_protobuf_decoder {
    const rf_field_plan *names;
    rf_descriptor_set *set;
    rf_pb_plan *plan;
    scope_state *states;           /* [plan->n_scopes] */
    char (*slots)[RF_NUMBER_SLOT]; /* [names->n_names] texts of numbers */
    rf_raw *defaults;              /* [names->n_names] of fields without presence */

    /* while a record is read */
    rf_raw *raws;
    uint64_t record_number;
    const unsigned char *record;
    rf_reject *reject;
};

/* ---- raw values ---- */

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

/* What a number on the wire is, by the field's type; 32-bit types take the lower half, as Protobuf's readers.
 */
static void put_number(rf_raw *raw, char slot[RF_NUMBER_SLOT], const rf_pb_field *field, uint64_t bits)
{
    const char *name;
    uint32_t half = (uint32_t)bits;
    double real;
    float small;
    raw->kind = RF_RAW_NUMBER;
    switch (field->declared.type) {
    case RF_PB_BOOL:
        raw->kind = bits != 0 ? RF_RAW_TRUE : RF_RAW_FALSE;
        break;
    case RF_PB_ENUM:
        name = field->values == NULL ? NULL : rf_pb_enum_name(field->values, (int32_t)half);
        raw->kind = name != NULL ? RF_RAW_TEXT : RF_RAW_NUMBER;
        raw->text =
            name != NULL ? (rf_span){name, strlen(name)} : rf_number_print_signed(slot, (int32_t)half);
        break;
    case RF_PB_DOUBLE:
        memcpy(&real, &bits, sizeof real);
        raw->text = rf_number_print_real(slot, real, false);
        break;
    case RF_PB_FLOAT:
        memcpy(&small, &half, sizeof small);
        raw->text = rf_number_print_real(slot, (double)small, true);
        break;
    case RF_PB_UINT64:
    case RF_PB_FIXED64:
        raw->text = rf_number_print_unsigned(slot, bits);
        break;
    case RF_PB_UINT32:
    case RF_PB_FIXED32:
        raw->text = rf_number_print_unsigned(slot, half);
        break;
    case RF_PB_INT32:
    case RF_PB_SFIXED32:
        raw->text = rf_number_print_signed(slot, (int32_t)half);
        break;
    case RF_PB_SINT32:
        raw->text = rf_number_print_signed(slot, (int32_t)unzigzag(half));
        break;
    case RF_PB_SINT64:
        raw->text = rf_number_print_signed(slot, unzigzag(bits));
        break;
    default: /* INT64, SFIXED64 */
        raw->text = rf_number_print_signed(slot, (int64_t)bits);
        break;
    }
}

static bool is_text(rf_pb_type type)
{
    return type == RF_PB_STRING || type == RF_PB_BYTES;
}

/* ---- opening ---- */

/* What the mapped fields are where they are absent and have no presence. */
static void make_defaults(rf_protobuf_decoder *decoder)
{
    char slot[RF_NUMBER_SLOT];
    for (size_t scope = 0; scope < decoder->plan->n_scopes; scope++) {
        const rf_pb_scope *at = &decoder->plan->scopes[scope];
        for (size_t i = 0; i < at->n_fields; i++) {
            const rf_pb_field *field = &at->fields[i];
            if (field->name < 0)
                continue;
            rf_raw raw = {.kind = RF_RAW_TEXT, .text = {"", 0}};
            if (!is_text(field->declared.type))
                put_number(&raw, slot, field, 0);
            if (raw.kind == RF_RAW_NUMBER)
                raw.text = (rf_span){"0", 1}; /* outlives the slot */
            decoder->defaults[field->name] = raw;
        }
    }
}

rf_status rf_protobuf_decoder_new(rf_protobuf_decoder **out, const rf_field_plan *names,
                                  rf_descriptor_set *set, const char *message_type, rf_err *err)
{
    rf_status st = RF_OK;
    rf_protobuf_decoder *decoder = NULL;
    RF_ZERO(decoder, 1, err);
    decoder->names = names;
    decoder->set = set;
    set = NULL;
    RF_TRY(rf_pb_plan_new(&decoder->plan, names, decoder->set, message_type, err));
    RF_ZERO(decoder->states, decoder->plan->n_scopes, err);
    RF_ZERO(decoder->slots, names->n_names, err);
    RF_ZERO(decoder->defaults, names->n_names, err);
    make_defaults(decoder);
    *out = decoder;
    decoder = NULL;
done:
    rf_protobuf_decoder_free(decoder);
    rf_descriptor_set_free(set);
    return st;
}

rf_status rf_protobuf_decoder_open(rf_protobuf_decoder **out, const rf_field_plan *names,
                                   const char *descriptors, const char *message_type, rf_err *err)
{
    rf_status st = RF_OK;
    rf_descriptor_set *set = NULL;
    if (descriptors == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "source.descriptors is not set: protobuf needs the file that protoc --include_imports "
                "--descriptor_set_out writes");
    if (message_type == NULL)
        RF_FAIL(err, RF_E_INVALID,
                "source.message_type is not set: name the message type of the values, as in shop.Order");
    RF_TRY(rf_descriptor_set_read(&set, descriptors, err));
    RF_TRY(rf_protobuf_decoder_new(out, names, set, message_type, err));
done:
    return st;
}

void rf_protobuf_decoder_free(rf_protobuf_decoder *decoder)
{
    if (decoder == NULL)
        return;
    rf_pb_plan_free(decoder->plan);
    rf_descriptor_set_free(decoder->set);
    rf_mem_free(decoder->states);
    rf_mem_free(decoder->slots);
    rf_mem_free(decoder->defaults);
    rf_mem_free(decoder);
}

/* ---- scopes: messages that may be there ---- */

/* Nothing of it has been read: its fields are missing. */
static void leave_out(rf_protobuf_decoder *decoder, int scope)
{
    const rf_pb_scope *at = &decoder->plan->scopes[scope];
    decoder->states[scope].seen = 0;
    if (at->moment >= 0)
        decoder->raws[at->moment].kind = RF_RAW_ABSENT;
    for (size_t i = 0; i < at->n_fields; i++) {
        if (at->fields[i].name >= 0)
            decoder->raws[at->fields[i].name].kind = RF_RAW_ABSENT;
        if (at->fields[i].scope >= 0)
            leave_out(decoder, at->fields[i].scope);
    }
}

/* It is there: fields without presence have their default values until they are read. */
static void enter_scope(rf_protobuf_decoder *decoder, int scope)
{
    const rf_pb_scope *at = &decoder->plan->scopes[scope];
    scope_state *state = &decoder->states[scope];
    if (state->seen == decoder->record_number)
        return;
    *state = (scope_state){.seen = decoder->record_number};
    for (size_t i = 0; i < at->n_fields; i++) {
        const rf_pb_field *field = &at->fields[i];
        if (field->name >= 0 && field->declared.implicit)
            decoder->raws[field->name] = decoder->defaults[field->name];
    }
}

/* ---- fields ---- */

static rf_pb_wire wire_of(rf_pb_type type)
{
    switch (type) {
    case RF_PB_DOUBLE:
    case RF_PB_FIXED64:
    case RF_PB_SFIXED64:
        return RF_PB_WIRE_64;
    case RF_PB_FLOAT:
    case RF_PB_FIXED32:
    case RF_PB_SFIXED32:
        return RF_PB_WIRE_32;
    case RF_PB_STRING:
    case RF_PB_BYTES:
    case RF_PB_MESSAGE:
        return RF_PB_WIRE_BYTES;
    case RF_PB_GROUP:
        return RF_PB_WIRE_GROUP;
    default:
        return RF_PB_WIRE_VARINT;
    }
}

static rf_status refuse_wire(const rf_protobuf_decoder *decoder, const unsigned char *at,
                             const rf_pb_field *field, rf_pb_wire wire)
{
    char shown[RF_SHOWN_BYTES];
    const char *name = field->declared.name;
    return rf_reject_set(decoder->reject, RF_REJECT_BAD_PROTOBUF, at - decoder->record,
                         "byte %td: field \"%s\" (%" PRIu32 ") comes with wire type %d, its type has %d: "
                         "another message type than source.message_type?",
                         at - decoder->record, rf_shown(shown, (rf_span){name, strlen(name)}),
                         field->declared.number, (int)wire, (int)wire_of(field->declared.type));
}

static rf_status read_text(rf_protobuf_decoder *decoder, const rf_pb_field *field, rf_pb_cursor *c)
{
    const unsigned char *start;
    size_t len = 0;
    rf_status st = rf_pb_length(&len, c);
    start = c->at;
    c->at += len;
    if (st != RF_OK || field->name < 0)
        return st;
    rf_span text = {(const char *)start, len};
    if (!rf_utf8_valid(text.ptr, text.len)) {
        char shown[RF_SHOWN_BYTES];
        const char *name = decoder->names->names[field->name];
        return rf_reject_set(decoder->reject, RF_REJECT_BAD_UTF8, start - decoder->record,
                             "byte %td: field \"%s\" is not UTF-8", start - decoder->record,
                             rf_shown(shown, (rf_span){name, strlen(name)}));
    }
    decoder->raws[field->name].kind = RF_RAW_TEXT;
    decoder->raws[field->name].text = text;
    return RF_OK;
}

static rf_status read_number(rf_protobuf_decoder *decoder, int scope, const rf_pb_field *field,
                             rf_pb_cursor *c, rf_pb_wire wire)
{
    uint64_t bits = 0;
    rf_status st = wire == RF_PB_WIRE_VARINT ? rf_pb_varint(&bits, c)
                                             : rf_pb_fixed(&bits, c, wire == RF_PB_WIRE_64 ? 8 : 4);
    if (st != RF_OK)
        return st;
    if (field->part == RF_PB_SECONDS)
        decoder->states[scope].seconds = (int64_t)bits;
    else if (field->part == RF_PB_NANOS)
        decoder->states[scope].nanos = (int32_t)(uint32_t)bits;
    if (field->name >= 0)
        put_number(&decoder->raws[field->name], decoder->slots[field->name], field, bits);
    return RF_OK;
}

static rf_status read_message(rf_protobuf_decoder *decoder, int scope, rf_pb_cursor c);

/* A Timestamp's two numbers to microseconds, half to even. */
static rf_status put_moment(rf_protobuf_decoder *decoder, int scope, const unsigned char *at)
{
    const int64_t seconds = decoder->states[scope].seconds, nanos = decoder->states[scope].nanos;
    const int64_t most = INT64_C(1000000000000);
    int name = decoder->plan->scopes[scope].moment;
    if (nanos < 0 || nanos > 999999999)
        return rf_reject_set(decoder->reject, RF_REJECT_BAD_TIME, at - decoder->record,
                             "byte %td: a Timestamp's nanos are %" PRId64 ", not 0 to 999999999",
                             at - decoder->record, nanos);
    int64_t micros = nanos / 1000, rest = nanos % 1000;
    micros += rest > 500 || (rest == 500 && (micros & 1) != 0);
    decoder->raws[name] = (rf_raw){
        .kind = RF_RAW_MOMENT,
        .time_us = seconds < -most  ? INT64_MIN
                   : seconds > most ? INT64_MAX
                                    : seconds * 1000000 + micros,
    };
    return RF_OK;
}

static rf_status read_below(rf_protobuf_decoder *decoder, const rf_pb_field *field, rf_pb_cursor *c)
{
    size_t len = 0;
    rf_status st = rf_pb_length(&len, c);
    const unsigned char *start = c->at;
    c->at += len;
    if (st != RF_OK)
        return st;
    if (field->name >= 0)
        decoder->raws[field->name].kind = RF_RAW_NESTED;
    if (field->scope < 0)
        return RF_OK;
    enter_scope(decoder, field->scope);
    st = read_message(decoder, field->scope, (rf_pb_cursor){start, c->at, c->record, c->reject});
    if (st == RF_OK && decoder->plan->scopes[field->scope].moment >= 0)
        st = put_moment(decoder, field->scope, start);
    return st;
}

static rf_status read_field(rf_protobuf_decoder *decoder, int scope, const rf_pb_field *field,
                            rf_pb_cursor *c, const unsigned char *start, rf_pb_wire wire)
{
    const rf_pb_scope *at = &decoder->plan->scopes[scope];
    bool repeated = field->declared.repeated;
    for (size_t i = 0; field->declared.oneof >= 0 && i < at->n_fields; i++) {
        const rf_pb_field *other = &at->fields[i]; /* a member of a oneof came: the others go */
        if (other == field || other->declared.oneof != field->declared.oneof)
            continue;
        if (other->name >= 0)
            decoder->raws[other->name].kind = RF_RAW_ABSENT;
        if (other->scope >= 0)
            leave_out(decoder, other->scope);
    }
    if (wire != wire_of(field->declared.type) && !(repeated && wire == RF_PB_WIRE_BYTES))
        return refuse_wire(decoder, start, field, wire);
    if (repeated) { /* packed or not: a list is no plain value */
        if (field->name >= 0)
            decoder->raws[field->name].kind = RF_RAW_NESTED;
        return rf_pb_skip_field(c, field->declared.number, wire);
    }
    if (wire == RF_PB_WIRE_GROUP)
        return rf_pb_skip_group(c, field->declared.number);
    if (is_text(field->declared.type))
        return read_text(decoder, field, c);
    if (wire == RF_PB_WIRE_BYTES)
        return read_below(decoder, field, c);
    return read_number(decoder, scope, field, c, wire);
}

/* Depth: as many messages as the longest mapped path has parts. */
static rf_status read_message(rf_protobuf_decoder *decoder, int scope, rf_pb_cursor c)
{
    const rf_pb_scope *at = &decoder->plan->scopes[scope];
    rf_status st = RF_OK;
    while (st == RF_OK && c.at < c.end) {
        const unsigned char *start = c.at;
        uint32_t number = 0;
        rf_pb_wire wire = RF_PB_WIRE_VARINT;
        if ((st = rf_pb_tag(&number, &wire, &c)) != RF_OK)
            break;
        const rf_pb_field *field = rf_pb_plan_field(at, number);
        st = field == NULL ? rf_pb_skip_field(&c, number, wire)
                           : read_field(decoder, scope, field, &c, start, wire);
    }
    return st;
}

/* ---- a record ---- */

/* A schema registry's: a byte 0, four of the schema's number, and the place of the message type in the
 * schema: how many numbers (zigzag), and these. A message cannot begin with a byte 0. */
static rf_status skip_prefix(rf_pb_cursor *c)
{
    uint64_t count = 0, ignored = 0;
    rf_status st = RF_OK;
    if (c->at == c->end || *c->at != 0)
        return RF_OK;
    if (c->end - c->at < 5)
        return rf_pb_broken(c, c->at, "the message breaks off inside a schema registry's prefix");
    c->at += 5;
    const unsigned char *start = c->at;
    if ((st = rf_pb_varint(&count, c)) != RF_OK)
        return st;
    if ((count & 1) != 0 || count / 2 > (uint64_t)(c->end - c->at))
        return rf_pb_broken(c, start, "a schema registry's prefix has an impossible number of indexes");
    for (count /= 2; st == RF_OK && count > 0; count--)
        st = rf_pb_varint(&ignored, c);
    return st;
}

rf_status rf_protobuf_decode(rf_raw *raws, rf_protobuf_decoder *decoder, rf_span record, rf_reject *reject)
{
    const unsigned char *bytes = (const unsigned char *)record.ptr;
    rf_pb_cursor c = {bytes, bytes + record.len, bytes, reject};
    decoder->raws = raws;
    decoder->record = bytes;
    decoder->record_number++;
    decoder->reject = reject;
    for (int i = 0; i < decoder->names->n_names; i++)
        raws[i].kind = RF_RAW_ABSENT; /* those that are not of the body are filled later */
    rf_status st = skip_prefix(&c);
    if (st != RF_OK)
        return st;
    enter_scope(decoder, 0);
    return read_message(decoder, 0, c);
}
