/* h5_scan_object.c - the header of an object: its messages, and what they say together. */
#include <string.h>

#include "h5_scan_int.h"

#define MOST_CHUNKS 65536 /* of one header */
#define MOST_HEAD ((size_t)512)

enum {
    SPACE = 0x01,
    LINKS = 0x02,
    TYPE = 0x03,
    OLD_FILL = 0x04,
    FILL = 0x05,
    LINK = 0x06,
    ELSEWHERE = 0x07,
    LAYOUT = 0x08,
    GROUP = 0x0a,
    FILTERS = 0x0b,
    ATTRIBUTE = 0x0c,
    SHARED_TABLE = 0x0f,
    MORE = 0x10,
    TABLE = 0x11,
    DRIVER = 0x14,
    ATTRIBUTES = 0x15,
    CACHE = 0x18
};

typedef struct part { /* a piece of the header */
    uint64_t address, len;
} part;

typedef struct head { /* the beginning of a header; most are not longer */
    unsigned char *bytes;
    size_t len;
} head;

typedef struct dense {
    uint64_t heap, trees[2];
} dense;

typedef struct object {
    unsigned version; /* of the header */
    unsigned flags;
    uint32_t has; /* bits: message types met */
    part *parts;
    size_t n_parts, cap_parts;
    rf_h5_scan_type type;
    rf_h5_scan_space space;
    rf_h5_scan_storage storage;
    uint64_t tree, heap; /* of a group of the oldest form */
    dense links, attributes;
} object;

static bool has(const object *o, unsigned type)
{
    return (o->has >> type & 1) != 0;
}

/* ---- messages ---- */

/* Where links or attributes are that do not stand in the header; their numbers, which come first, have
 * `bytes` bytes. */
static rf_status take_dense(dense *out, rf_h5_scan *scan, rf_h5_cursor *c, uint64_t bytes)
{
    rf_status st = RF_OK;
    uint64_t version = rf_h5_take(c, 1), flags = rf_h5_take(c, 1);
    if ((flags & 1) != 0)
        rf_h5_take_bytes(c, bytes);
    out->heap = rf_h5_take(c, 8);
    out->trees[0] = rf_h5_take(c, 8);
    out->trees[1] = (flags & 2) != 0 ? rf_h5_take(c, 8) : RF_H5_UNDEFINED;
    if (c->over || version != 0 || flags > 3)
        H5_DAMAGED("where its links or attributes are cannot be read");
done:
    return st;
}

static rf_status add_part(object *o, rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    RF_RESERVE(o->parts, o->cap_parts, o->n_parts + 1, scan->err);
    part *more = &o->parts[o->n_parts++];
    more->address = rf_h5_take(c, 8);
    more->len = rf_h5_take(c, 8);
    if (c->over || o->n_parts > MOST_CHUNKS)
        H5_DAMAGED("its header is cut off");
done:
    return st;
}

/* Messages of which an object has one, if any. */
static bool is_single(uint64_t type)
{
    return type != LINK && type != ATTRIBUTE && type != MORE && type != 0;
}

static rf_status take_message(object *o, rf_h5_scan *scan, uint64_t type, uint64_t flags, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    if (type > CACHE)
        goto done; /* HDF5 passes over it, or refuses the object */
    if (is_single(type) && has(o, (unsigned)type))
        H5_DAMAGED("its header repeats itself");
    o->has |= 1U << type;
    if ((flags & 2) != 0)
        H5_REFUSE(
            "has a named type or shares its description with other objects, which ringfence does not read",
            "write it without");
    switch (type) {
    case SPACE:
        RF_TRY(rf_h5_scan_take_space(&o->space, scan, c));
        break;
    case LINKS:
        RF_TRY(take_dense(&o->links, scan, c, 8));
        break;
    case TYPE:
        RF_TRY(rf_h5_scan_take_type(&o->type, scan, c));
        break;
    case OLD_FILL:
        if (rf_h5_take_bytes(c, rf_h5_take(c, 4)) == NULL)
            H5_DAMAGED("its fill value is cut off");
        break;
    case FILL:
        RF_TRY(rf_h5_scan_take_fill(&o->storage, scan, c));
        break;
    case LINK:
        RF_TRY(rf_h5_scan_take_link(scan, c));
        break;
    case ELSEWHERE:
        H5_REFUSE("keeps its values in another file (external storage), which ringfence does not read",
                  "write the values into this file");
    case LAYOUT:
        RF_TRY(rf_h5_scan_take_layout(&o->storage, scan, c));
        break;
    case FILTERS:
        RF_TRY(rf_h5_scan_take_filters(&o->storage, scan, c));
        break;
    case ATTRIBUTE:
        RF_TRY(rf_h5_scan_take_attribute(scan, c));
        break;
    case ATTRIBUTES:
        RF_TRY(take_dense(&o->attributes, scan, c, 2));
        break;
    case MORE:
        RF_TRY(add_part(o, scan, c));
        break;
    case TABLE:
        o->tree = rf_h5_take(c, 8);
        o->heap = rf_h5_take(c, 8);
        if (c->over)
            H5_DAMAGED("where its links are cannot be read");
        break;
    case SHARED_TABLE:
    case DRIVER:
    case CACHE:
        H5_REFUSE("is stored in a way that ringfence does not read", "copy the file with h5repack");
    default:
        break;
    }
done:
    return st;
}

static rf_status take_messages(object *o, rf_h5_scan *scan, rf_h5_cursor c)
{
    rf_status st = RF_OK;
    const bool old = o->version == 1;
    const size_t prefix = old ? 8 : 4 + ((o->flags & 4) != 0 ? 2U : 0U);
    while (c.left >= prefix) {
        uint64_t type = rf_h5_take(&c, old ? 2 : 1), len = rf_h5_take(&c, 2), flags = rf_h5_take(&c, 1);
        rf_h5_take_bytes(&c, prefix - (old ? 5 : 4));
        const unsigned char *at = rf_h5_take_bytes(&c, len);
        if (at == NULL || (old && len % 8 != 0))
            H5_DAMAGED("its header is cut off");
        rf_h5_cursor body = {at, (size_t)len, false};
        RF_TRY(take_message(o, scan, type, flags, &body));
    }
done:
    return st;
}

/* ---- headers ---- */

static rf_status take_old_header(object *o, rf_h5_scan *scan, uint64_t address, const head *first)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c = {first->bytes, first->len, false};
    uint64_t version = rf_h5_take(&c, 2);
    rf_h5_take_bytes(&c, 6);
    uint64_t len = rf_h5_take(&c, 4);
    if (c.over || (version & 0xff) != 1)
        H5_DAMAGED("its header cannot be read");
    o->version = 1;
    RF_NEW(o->parts, 1, scan->err);
    o->parts[0] = (part){address + 16, len};
    o->n_parts = o->cap_parts = 1;
    for (size_t i = 0; i < o->n_parts; i++) {
        rf_mem_free(bytes);
        bytes = NULL;
        len = o->parts[i].len;
        RF_TRY(rf_h5_scan_load(&bytes, scan, o->parts[i].address, len));
        RF_TRY(take_messages(o, scan, (rf_h5_cursor){bytes, (size_t)len, false}));
    }
done:
    rf_mem_free(bytes);
    return st;
}

/* Leaves *c at the messages of the header's first part; *bytes is what holds them where the head does not. */
static rf_status take_first_part(unsigned char **bytes, rf_h5_cursor *c, object *o, rf_h5_scan *scan,
                                 uint64_t address, const head *first)
{
    rf_status st = RF_OK;
    *c = (rf_h5_cursor){first->bytes, first->len, false};
    bool marked = rf_h5_take_mark(c, "OHDR");
    o->version = (unsigned)rf_h5_take(c, 1);
    o->flags = (unsigned)rf_h5_take(c, 1);
    rf_h5_take_bytes(c, ((o->flags & 32) != 0 ? 16U : 0U) + ((o->flags & 16) != 0 ? 4U : 0U));
    uint64_t len = rf_h5_take(c, (size_t)1 << (o->flags & 3));
    size_t before = first->len - c->left;
    if (c->over || !marked || o->version != 2 || (o->flags & 0xc0) != 0 ||
        __builtin_add_overflow(len, before + 4, &len))
        H5_DAMAGED("its header cannot be read");
    if (len <= first->len)
        RF_TRY(rf_h5_scan_summed(c, scan, address, first->bytes, (size_t)len));
    else
        RF_TRY(rf_h5_scan_load_summed(bytes, c, scan, address, len));
    rf_h5_take_bytes(c, before);
done:
    return st;
}

static rf_status take_new_header(object *o, rf_h5_scan *scan, uint64_t address, const head *first)
{
    rf_status st = RF_OK;
    unsigned char *bytes = NULL;
    rf_h5_cursor c;
    RF_TRY(take_first_part(&bytes, &c, o, scan, address, first));
    RF_TRY(take_messages(o, scan, c));
    for (size_t i = 0; i < o->n_parts; i++) {
        rf_mem_free(bytes);
        bytes = NULL;
        RF_TRY(rf_h5_scan_load_summed(&bytes, &c, scan, o->parts[i].address, o->parts[i].len));
        if (!rf_h5_take_mark(&c, "OCHK"))
            H5_DAMAGED("its header cannot be read");
        RF_TRY(take_messages(o, scan, c));
    }
done:
    rf_mem_free(bytes);
    return st;
}

/* ---- objects ---- */

/* A group, a dataset, or a type with a name. */
static rf_status check_together(rf_h5_scan *scan, const object *o)
{
    rf_status st = RF_OK;
    bool group = has(o, LINKS) || has(o, TABLE), data = has(o, LAYOUT);
    if (group + data + (has(o, TYPE) && !data) != 1 || (has(o, LINKS) && has(o, TABLE)) ||
        (data && !(has(o, TYPE) && has(o, SPACE))))
        H5_DAMAGED("it is no group and no dataset");
    if (data)
        RF_TRY(rf_h5_scan_check_storage(scan, &o->storage, &o->type, &o->space));
done:
    return st;
}

rf_status rf_h5_scan_object(rf_h5_scan *scan, uint64_t address)
{
    rf_status st = RF_OK;
    object o = {0};
    head first = {.len = 0};
    if (address < scan->size)
        first.len = scan->size - address < MOST_HEAD ? (size_t)(scan->size - address) : MOST_HEAD;
    RF_TRY(rf_h5_scan_load(&first.bytes, scan, address, first.len));
    if (first.len >= 4 && memcmp(first.bytes, "OHDR", 4) == 0)
        RF_TRY(take_new_header(&o, scan, address, &first));
    else
        RF_TRY(take_old_header(&o, scan, address, &first));
    RF_TRY(check_together(scan, &o));
    if (has(&o, TABLE) && scan->cached_tree != RF_H5_UNDEFINED &&
        (scan->cached_tree != o.tree || scan->cached_heap != o.heap))
        H5_DAMAGED("two places say different things about where its links are");
    if (!scan->follow)
        goto done;
    if (has(&o, TABLE))
        RF_TRY(rf_h5_scan_table(scan, o.tree, o.heap));
    if (has(&o, LINKS) && o.links.heap != RF_H5_UNDEFINED)
        RF_TRY(rf_h5_scan_dense(scan, RF_H5_DENSE_LINKS, o.links.heap, o.links.trees));
    if (has(&o, ATTRIBUTES) && o.attributes.heap != RF_H5_UNDEFINED)
        RF_TRY(rf_h5_scan_dense(scan, RF_H5_DENSE_ATTRIBUTES, o.attributes.heap, o.attributes.trees));
done:
    rf_mem_free(first.bytes);
    rf_mem_free(o.parts);
    return st;
}
