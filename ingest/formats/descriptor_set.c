/* descriptor_set.c - the FileDescriptorSet that protoc writes, as the declarations of messages and enums.
 *
 * The only file that knows protobuf-c: descriptor.proto is compiled by protoc-c when ringfence is built. Only
 * declarations are read with it; messages go through event_protobuf.c.
 */
#include "descriptor_set_int.h"

#include <google/protobuf/descriptor.pb-c.h>
#include <stdio.h>
#include <string.h>

#include "input_stream_int.h"
#include "reject_int.h"
#include "rf_mem.h"
#include "rf_text.h"

#define MOST_DESCRIPTOR_BYTES (64u << 20)
#define MOST_NESTING 64 /* of message types in one another */

typedef Google__Protobuf__FileDescriptorSet file_set;
typedef Google__Protobuf__FileDescriptorProto file_proto;
typedef Google__Protobuf__DescriptorProto message_proto;
typedef Google__Protobuf__EnumDescriptorProto enum_proto;
typedef Google__Protobuf__FieldDescriptorProto field_proto;

struct rf_pb_declared_message {
    char *name; /* full, without a leading point; owned */
    const message_proto *proto;
    bool proto3;
};

struct rf_pb_declared_enum {
    char *name; /* owned */
    const enum_proto *proto;
};

struct rf_descriptor_set {
    char *path;
    file_set *files; /* protobuf-c's */
    ProtobufCAllocator memory;
    bool refused; /* by that allocator: protobuf-c does not tell it from broken bytes */
    rf_pb_declared_message *messages;
    size_t n_messages, cap_messages;
    rf_pb_declared_enum *enums;
    size_t n_enums, cap_enums;
};

/* ---- protobuf-c's memory ---- */

static void *take(void *context, size_t size)
{
    rf_descriptor_set *set = context;
    void *block = rf_mem_new(size, 1, NULL);
    set->refused = set->refused || block == NULL;
    return block;
}

static void give_back(void *context, void *block)
{
    (void)context;
    rf_mem_free(block);
}

/* ---- types by full name ---- */

static const char *text_or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* "scope.name", or the name alone at the top of a file without package. */
static rf_status full_name(char **out, const char *scope, const char *name, rf_err *err)
{
    size_t scope_len = strlen(scope), len = strlen(name);
    char *text = rf_mem_new(scope_len + len + 2, 1, err);
    if (text == NULL)
        return RF_E_NOMEM;
    snprintf(text, scope_len + len + 2, "%s%s%s", scope, scope_len > 0 ? "." : "", name);
    *out = text;
    return RF_OK;
}

static rf_status add_enum(rf_descriptor_set *set, const enum_proto *proto, const char *scope, rf_err *err)
{
    rf_status st = RF_OK;
    RF_RESERVE(set->enums, set->cap_enums, set->n_enums + 1, err);
    rf_pb_declared_enum *declared = &set->enums[set->n_enums];
    *declared = (rf_pb_declared_enum){.proto = proto};
    RF_TRY(full_name(&declared->name, scope, text_or_empty(proto->name), err));
    set->n_enums++;
done:
    return st;
}

static rf_status add_message(rf_descriptor_set *set, const message_proto *proto, const char *scope,
                             bool proto3, int depth, rf_err *err)
{
    rf_status st = RF_OK;
    char *name = NULL;
    if (depth > MOST_NESTING)
        RF_FAIL(err, RF_E_FORMAT, "source.descriptors %s: message types are nested more than %d deep",
                set->path, MOST_NESTING);
    RF_RESERVE(set->messages, set->cap_messages, set->n_messages + 1, err);
    RF_TRY(full_name(&name, scope, text_or_empty(proto->name), err));
    set->messages[set->n_messages++] =
        (rf_pb_declared_message){.name = name, .proto = proto, .proto3 = proto3};
    for (size_t i = 0; i < proto->n_nested_type; i++)
        RF_TRY(add_message(set, proto->nested_type[i], name, proto3, depth + 1, err));
    for (size_t i = 0; i < proto->n_enum_type; i++)
        RF_TRY(add_enum(set, proto->enum_type[i], name, err));
done:
    return st;
}

static rf_status add_file(rf_descriptor_set *set, const file_proto *file, rf_err *err)
{
    rf_status st = RF_OK;
    char shown[RF_SHOWN_BYTES];
    const char *syntax = text_or_empty(file->syntax), *package = text_or_empty(file->package);
    bool proto3 = strcmp(syntax, "proto3") == 0;
    if (!proto3 && syntax[0] != '\0' && strcmp(syntax, "proto2") != 0)
        RF_FAIL(err, RF_E_FORMAT,
                "source.descriptors %s: a file in it has the syntax \"%s\"; proto2 and proto3 can be read",
                set->path, rf_shown(shown, (rf_span){syntax, strlen(syntax)}));
    for (size_t i = 0; i < file->n_message_type; i++)
        RF_TRY(add_message(set, file->message_type[i], package, proto3, 0, err));
    for (size_t i = 0; i < file->n_enum_type; i++)
        RF_TRY(add_enum(set, file->enum_type[i], package, err));
done:
    return st;
}

/* ---- the set ---- */

rf_status rf_descriptor_set_parse(rf_descriptor_set **out, const char *bytes, size_t len, const char *path,
                                  rf_err *err)
{
    rf_status st = RF_OK;
    rf_descriptor_set *set = NULL;
    RF_ZERO(set, 1, err);
    set->path = rf_mem_text(path, strlen(path), err);
    if (set->path == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    set->memory = (ProtobufCAllocator){.alloc = take, .free = give_back, .allocator_data = set};
    set->files = google__protobuf__file_descriptor_set__unpack(&set->memory, len, (const uint8_t *)bytes);
    if (set->refused)
        RF_FAIL(err, RF_E_NOMEM, "out of memory while reading the descriptor set %s", path);
    if (set->files == NULL || set->files->n_file == 0)
        RF_FAIL(err, RF_E_FORMAT,
                "source.descriptors %s: is not a descriptor set; write it with protoc --include_imports "
                "--descriptor_set_out=FILE",
                path);
    for (size_t i = 0; i < set->files->n_file; i++)
        RF_TRY(add_file(set, set->files->file[i], err));
    *out = set;
    set = NULL;
done:
    rf_descriptor_set_free(set);
    return st;
}

rf_status rf_descriptor_set_read(rf_descriptor_set **out, const char *path, rf_err *err)
{
    rf_status st = RF_OK;
    rf_input *input = NULL;
    rf_text bytes = {0};
    char part[16384];
    size_t n;
    RF_TRY(rf_input_open(&input, path, err));
    do {
        RF_TRY(rf_input_read(input, part, sizeof part, &n, err));
        RF_TRY(rf_text_add(&bytes, part, n, err));
        if (bytes.len > MOST_DESCRIPTOR_BYTES)
            RF_FAIL(err, RF_E_FORMAT, "source.descriptors %s: is longer than %u MiB: no descriptor set", path,
                    MOST_DESCRIPTOR_BYTES >> 20);
    } while (n > 0);
    RF_TRY(rf_descriptor_set_parse(out, bytes.ptr, bytes.len, path, err));
done:
    rf_input_close(input);
    rf_text_clear(&bytes);
    return st;
}

void rf_descriptor_set_free(rf_descriptor_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->n_messages; i++)
        rf_mem_free(set->messages[i].name);
    for (size_t i = 0; i < set->n_enums; i++)
        rf_mem_free(set->enums[i].name);
    if (set->files != NULL)
        google__protobuf__file_descriptor_set__free_unpacked(set->files, &set->memory);
    rf_mem_free(set->messages);
    rf_mem_free(set->enums);
    rf_mem_free(set->path);
    rf_mem_free(set);
}

const char *rf_descriptor_set_path(const rf_descriptor_set *set)
{
    return set->path;
}

/* ---- looking things up ---- */

const rf_pb_declared_message *rf_pb_find_message(const rf_descriptor_set *set, const char *name)
{
    for (size_t i = 0; i < set->n_messages; i++) {
        if (strcmp(set->messages[i].name, name) == 0)
            return &set->messages[i];
    }
    return NULL;
}

const rf_pb_declared_enum *rf_pb_find_enum(const rf_descriptor_set *set, const char *name)
{
    for (size_t i = 0; i < set->n_enums; i++) {
        if (strcmp(set->enums[i].name, name) == 0)
            return &set->enums[i];
    }
    return NULL;
}

static const char *last_part(const char *name)
{
    const char *point = strrchr(name, '.');
    return point == NULL ? name : point + 1;
}

/* A package left out or mistaken is likelier than another word; then the name that is nearest in letters. */
const char *rf_pb_nearest_message(const rf_descriptor_set *set, const char *name)
{
    for (size_t i = 0; i < set->n_messages; i++) {
        if (strcmp(last_part(set->messages[i].name), last_part(name)) == 0)
            return set->messages[i].name;
    }
    const char **names = rf_mem_new(set->n_messages + 1, sizeof *names, NULL);
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < set->n_messages; i++)
        names[i] = set->messages[i].name;
    names[set->n_messages] = NULL;
    const char *nearest = rf_nearest(name, names);
    rf_mem_free(names);
    return nearest;
}

const char *rf_pb_message_name(const rf_pb_declared_message *message)
{
    return message->name;
}

int rf_pb_n_fields(const rf_pb_declared_message *message)
{
    return (int)message->proto->n_field;
}

rf_pb_declared_field rf_pb_field_at(const rf_pb_declared_message *message, int i)
{
    const field_proto *field = message->proto->field[i];
    bool repeated = field->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    bool in_oneof = field->has_oneof_index && !(field->has_proto3_optional && field->proto3_optional);
    bool message_like = field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE ||
                        field->type == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_GROUP;
    const char *type_name = text_or_empty(field->type_name);
    return (rf_pb_declared_field){
        .name = text_or_empty(field->name),
        .number = (uint32_t)field->number,
        .type = (rf_pb_type)field->type,
        .repeated = repeated,
        .implicit = message->proto3 && !repeated && !message_like && !field->has_oneof_index,
        .oneof = in_oneof ? field->oneof_index : -1,
        .type_name = type_name + (type_name[0] == '.'),
    };
}

const char *rf_pb_enum_name(const rf_pb_declared_enum *declared, int32_t number)
{
    const enum_proto *proto = declared->proto;
    for (size_t i = 0; i < proto->n_value; i++) {
        if (proto->value[i]->number == number)
            return text_or_empty(proto->value[i]->name);
    }
    return NULL;
}
