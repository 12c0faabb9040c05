/* yaml.c - YAML text to a small tree in which every node knows its line; the only user of libyaml.
 *
 * Configuration, rules and lists need maps, lists and scalars. Constructs that could make a small file large
 * or surprising are refused: anchors and aliases, tags, several documents, duplicate keys, deep nesting, too
 * many nodes.
 */
#include "rf_yaml.h"

#include <string.h>
#include <yaml.h>

#include "rf_mem.h"
#include "rf_secret.h"
#include "rf_quote.h"

#define MAX_DEPTH 16
#define MAX_SIBLINGS 1024

struct rf_keep_block {
    struct rf_keep_block *before;
};

void *rf_keep_new(rf_keep *keep, size_t bytes, rf_err *err)
{
    size_t total;
    if (!rf_add_size(&total, bytes, sizeof(struct rf_keep_block))) {
        (void)rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory: %zu bytes of configuration",
                         bytes);
        return NULL;
    }
    struct rf_keep_block *block = rf_mem_zero(1, total, err);
    if (block == NULL)
        return NULL;
    block->before = keep->last;
    keep->last = block;
    return block + 1;
}

char *rf_keep_text(rf_keep *keep, const char *text, size_t len, rf_err *err)
{
    char *copy = rf_keep_new(keep, len + 1, err);
    if (copy != NULL && len > 0)
        memcpy(copy, text, len);
    return copy;
}

void rf_keep_clear(rf_keep *keep)
{
    while (keep->last != NULL) {
        struct rf_keep_block *before = keep->last->before;
        rf_mem_free(keep->last);
        keep->last = before;
    }
}

typedef struct frame { /* an open list or map */
    rf_yaml_node *node, *last;
    int n;
    const char *key; /* of the value to come, in a map */
} frame;

typedef struct reader {
    yaml_parser_t parser;
    const char *name;
    rf_keep *keep;
    frame stack[MAX_DEPTH];
    int depth, n_nodes, max_nodes, n_documents;
    rf_yaml_node *root;
} reader;

static int line_of(const yaml_event_t *event)
{
    return (int)event->start_mark.line + 1;
}

static rf_status refuse_extras(const reader *r, const yaml_event_t *event, const yaml_char_t *anchor,
                               const yaml_char_t *tag, rf_err *err)
{
    rf_status st = RF_OK;
    if (anchor != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s:%d: anchors and aliases (& and *) are not supported; write the value out, "
                "or quote it if it is meant as text",
                r->name, line_of(event));
    if (tag != NULL)
        RF_FAIL(err, RF_E_INVALID,
                "%s:%d: tags (!) are not supported; quote the value if it is meant as text", r->name,
                line_of(event));
done:
    return st;
}

static rf_status check_key(const reader *r, const frame *top, const char *key, int line, rf_err *err)
{
    rf_status st = RF_OK;
    char shown[48];
    rf_quote_short(shown, sizeof shown, key, strlen(key));
    if (key[0] == '\0')
        RF_FAIL(err, RF_E_INVALID, "%s:%d: a key is empty; write NAME: VALUE", r->name, line);
    for (const rf_yaml_node *child = top->node->first; child != NULL; child = child->next) {
        if (strcmp(child->key, key) == 0)
            RF_FAIL(err, RF_E_INVALID, "%s:%d: the key \"%s\" is set twice, first on line %d; keep one",
                    r->name, line, shown, child->line);
    }
done:
    return st;
}

/* Hangs a new node of `kind` below the innermost open list or map; a scalar in key position becomes the key.
 */
static rf_status add_node(reader *r, rf_yaml_kind kind, const yaml_event_t *event, rf_yaml_node **out,
                          rf_err *err)
{
    rf_status st = RF_OK;
    frame *top = r->depth == 0 ? NULL : &r->stack[r->depth - 1];
    if (++r->n_nodes > r->max_nodes ||
        (top != NULL && top->node->kind == RF_YAML_MAP && top->n >= MAX_SIBLINGS))
        RF_FAIL(err, RF_E_INVALID, "%s:%d: the file is too large (more than %d values, or %d in one map)",
                r->name, line_of(event), r->max_nodes, MAX_SIBLINGS);
    rf_yaml_node *node = rf_keep_new(r->keep, sizeof *node, err);
    if (node == NULL)
        return RF_E_NOMEM;
    *node = (rf_yaml_node){.kind = kind, .line = line_of(event)};
    if (top == NULL) {
        r->root = node;
    } else {
        node->key = top->key;
        top->key = NULL;
        if (top->last == NULL)
            top->node->first = node;
        else
            top->last->next = node;
        top->last = node;
        top->n++;
    }
    *out = node;
done:
    return st;
}

static rf_status take_scalar(reader *r, const yaml_event_t *event, rf_err *err)
{
    rf_status st = RF_OK;
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    RF_TRY(refuse_extras(r, event, event->data.scalar.anchor, event->data.scalar.tag, err));
    if (memchr(text, '\0', len) != NULL)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: a value holds a NUL byte; remove it", r->name, line_of(event));
    char *copy = rf_keep_text(r->keep, text, len, err);
    if (copy == NULL)
        return RF_E_NOMEM;
    frame *top = r->depth == 0 ? NULL : &r->stack[r->depth - 1];
    if (top != NULL && top->node->kind == RF_YAML_MAP && top->key == NULL) {
        RF_TRY(check_key(r, top, copy, line_of(event), err));
        top->key = copy;
        goto done;
    }
    rf_yaml_node *node = NULL;
    RF_TRY(add_node(r, RF_YAML_SCALAR, event, &node, err));
    node->text = copy;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
done:
    return st;
}

static rf_status open_node(reader *r, rf_yaml_kind kind, const yaml_event_t *event, rf_err *err)
{
    rf_status st = RF_OK;
    bool map = kind == RF_YAML_MAP;
    RF_TRY(refuse_extras(r, event, map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
                         map ? event->data.mapping_start.tag : event->data.sequence_start.tag, err));
    if (r->depth == MAX_DEPTH)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: nested deeper than %d levels", r->name, line_of(event), MAX_DEPTH);
    frame *top = r->depth == 0 ? NULL : &r->stack[r->depth - 1];
    if (top != NULL && top->node->kind == RF_YAML_MAP && top->key == NULL)
        RF_FAIL(err, RF_E_INVALID, "%s:%d: a list or map cannot be a key; write NAME: VALUE", r->name,
                line_of(event));
    rf_yaml_node *node = NULL;
    RF_TRY(add_node(r, kind, event, &node, err));
    r->stack[r->depth++] = (frame){.node = node};
done:
    return st;
}

static rf_status take_event(reader *r, const yaml_event_t *event, rf_err *err)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++r->n_documents > 1)
            return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                              "%s:%d: a second document begins; keep one a file", r->name, line_of(event));
        return RF_OK;
    case YAML_SCALAR_EVENT:
        return take_scalar(r, event, err);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(r, RF_YAML_LIST, event, err);
    case YAML_MAPPING_START_EVENT:
        return open_node(r, RF_YAML_MAP, event, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return RF_OK;
    case YAML_ALIAS_EVENT:
        return refuse_extras(r, event, event->data.alias.anchor, NULL, err);
    default:
        return RF_OK;
    }
}

static rf_status syntax_error(const reader *r, rf_err *err)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem == NULL ? "not readable as YAML" : p->problem;
    size_t line = p->error == YAML_READER_ERROR ? 0 : p->problem_mark.line + 1;
    if (p->error == YAML_MEMORY_ERROR)
        return rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory while reading %s", r->name);
    if (p->context != NULL && (strstr(p->context, "alias") != NULL || strstr(p->context, "anchor") != NULL))
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                          "%s:%zu: a value that begins with * or & has to be quoted: \"*.csv\"", r->name,
                          line);
    if (line == 0)
        return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                          "%s: %s at byte %zu; it must be UTF-8 text without control characters", r->name,
                          problem, p->problem_offset);
    return rf_err_set(err, RF_E_INVALID, __FILE__, __LINE__,
                      "%s:%zu: not YAML: %s%s%s; check indentation and quotes", r->name, line, problem,
                      p->context == NULL ? "" : " ", p->context == NULL ? "" : p->context);
}

const rf_yaml_node *rf_yaml_get(const rf_yaml_node *map, const char *key)
{
    for (const rf_yaml_node *child = map->first; child != NULL; child = child->next) {
        if (child->key != NULL && strcmp(child->key, key) == 0)
            return child;
    }
    return NULL;
}

rf_status rf_yaml_read(rf_yaml_node **root, rf_keep *keep, const char *name, const char *bytes, size_t len,
                       int max_nodes, rf_err *err)
{
    rf_status st = RF_OK;
    reader r = {.name = name, .keep = keep, .max_nodes = max_nodes};
    if (!yaml_parser_initialize(&r.parser))
        return rf_err_set(err, RF_E_NOMEM, __FILE__, __LINE__, "out of memory while reading %s", name);
    while (len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* libyaml takes it for a column */
        bytes += 3;
        len -= 3;
    }
    if (len >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        RF_FAIL(err, RF_E_INVALID, "%s: is UTF-16; save it as UTF-8", name);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes, len);
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r.parser, &event)) {
            st = syntax_error(&r, err);
            goto done;
        }
        st = take_event(&r, &event, err);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (st < 0)
            goto done;
    }
    *root = r.root;
done:
    yaml_parser_delete(&r.parser);
    return st;
}

rf_status rf_yaml_bytes(char **out, size_t *len, const char *path, const char *what, size_t max_bytes,
                        rf_err *err)
{
    rf_err why = {0};
    rf_text text = {0};
    rf_status st = rf_text_of_file(&text, path, max_bytes, &why);
    if (st != RF_OK) {
        rf_secret_wipe(&text);
        return rf_err_set(err, st, __FILE__, __LINE__, "%s: %s %s", path, what, why.msg);
    }
    *out = text.ptr;
    *len = text.len;
    return RF_OK;
}

rf_status rf_yaml_load(rf_yaml_node **root, rf_keep *keep, const char *path, const char *what,
                       size_t max_bytes, int max_nodes, rf_err *err)
{
    rf_status st = RF_OK;
    char *bytes = NULL;
    size_t len = 0;
    const char *name = rf_keep_text(keep, path, strlen(path), err);
    if (name == NULL)
        return RF_E_NOMEM;
    RF_TRY(rf_yaml_bytes(&bytes, &len, path, what, max_bytes, err));
    RF_TRY(rf_yaml_read(root, keep, name, bytes, len, max_nodes, err));
done:
    if (bytes != NULL)
        rf_wipe(bytes, len); /* a password can be in it */
    rf_mem_free(bytes);
    return st;
}
