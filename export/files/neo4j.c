/* neo4j.c - a folder for Neo4j: users.csv, entities.csv and edges.csv as `neo4j-admin database import` reads
 * them, a README with the ready import line and a Bloom recipe, and queries.cypher.
 *
 * Ids are in groups, so that a user and an entity may share one. Of several kinds of entity each has two
 * files of its own, a label and a type of relationship: (:User)-[:MET_DEVICE]->(:Entity:Device). Every text
 * is in quotes, with quotes doubled; an absent value is an empty field. Ids are written exactly; a label that
 * a spreadsheet would take for a formula gets an apostrophe in front. The files appear one by one, README.md
 * last.
 */
#include "writer_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_mem.h"
#include "rf_quote.h"

typedef struct neo4j {
    rf_draft files[RF_SIDES_MOST]; /* of each side */
    rf_text folder;
    rf_text label;
} neo4j;

/* ---- fields ---- */

static void put_quoted(rf_draft *draft, const char *text)
{
    const char *at = rf_draft_plain(draft, text, RF_PLAIN_UTF8);
    rf_draft_text(draft, "\"");
    rf_draft_escaped(draft, RF_ESCAPE_CSV, at, strlen(at));
    rf_draft_text(draft, "\"");
}

/* A text to read, not to look up. */
static void put_harmless(rf_draft *draft, const char *text)
{
    if (text[0] == '\0' || strchr("=+-@", text[0]) == NULL) {
        put_quoted(draft, text);
        return;
    }
    rf_draft_text(draft, "\"'");
    rf_draft_escaped(draft, RF_ESCAPE_CSV, text, strlen(text));
    rf_draft_text(draft, "\"");
}

static void put_number(rf_draft *draft, double value)
{
    char text[32];
    rf_draft_printf(draft, ",%s", rf_float_format(text, (float)value));
}

/* ---- headers ---- */

static const char *const type_names[] = {
    [RF_COLUMN_TEXT] = "",          [RF_COLUMN_NUMBER] = ":double", [RF_COLUMN_WHOLE] = ":long",
    [RF_COLUMN_TIME] = ":datetime", [RF_COLUMN_BOOL] = ":boolean",  [RF_COLUMN_LIST] = ":string[]"};

/* Features of the other side are nowhere in a file; a node's id comes first. */
static bool is_left_out(const rf_column *column, rf_side side)
{
    return (column->is_feature && column->side != side) || (rf_side_has_nodes(side) && column->is_id);
}

/* The group of ids of a side with nodes. */
static const char *group_of(const rf_extract *extract, rf_side side)
{
    int kind = rf_side_kind(side);
    return side == RF_USER ? "User" : kind == 0 ? "Entity" : rf_kind_name(&extract->graph->kinds, kind);
}

static void put_header(rf_draft *draft, const rf_extract *extract, rf_side side)
{
    bool has_nodes = rf_side_has_nodes(side);
    const rf_columns *columns = has_nodes ? extract->node_columns : extract->edge_columns;
    if (has_nodes)
        rf_draft_printf(draft, "name:ID(%s),:LABEL,key,label,color,size:double,x:double,y:double",
                        group_of(extract, side));
    else
        rf_draft_printf(draft, ":START_ID(User),:END_ID(%s),:TYPE,color,weight:double",
                        group_of(extract, rf_entity_side(rf_side_kind(side))));
    for (int c = 0; c < columns->n; c++) {
        if (!is_left_out(&columns->at[c], side))
            rf_draft_printf(draft, ",%s%s", columns->at[c].key, type_names[columns->at[c].type]);
    }
    rf_draft_text(draft, "\n");
}

/* ---- rows ---- */

static rf_status put_columns(rf_draft *draft, rf_columns *columns, const rf_extract *extract, rf_side side,
                             int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    char buffer[RF_TIME_TEXT];
    for (int c = 0; c < columns->n; c++) {
        const char *text;
        const rf_column *column = &columns->at[c];
        if (is_left_out(column, side))
            continue;
        RF_TRY(rf_columns_text(&text, buffer, columns, c, extract, i, err));
        rf_draft_text(draft, ",");
        if (text == NULL)
            continue;
        if (column->type == RF_COLUMN_TEXT || column->type == RF_COLUMN_LIST)
            put_quoted(draft, text);
        else
            rf_draft_text(draft, text);
    }
    rf_draft_text(draft, "\n");
done:
    return st;
}

static void put_id(rf_draft *draft, const rf_extract *extract, int64_t i)
{
    char number[32];
    const rf_extract_node *node = &extract->nodes[i];
    const rf_graph_side *side = &extract->graph->side[node->side];
    put_quoted(draft, rf_graph_id(side, node->row, number));
}

/* ---- labels ---- */

#define LABEL_BYTES 64

/* "promo_abuse" as PromoAbuse. Only letters and digits come through; a name that would then be none, or one
 * of ours, gets `before` in front. */
static void spell_label(char out[LABEL_BYTES], const char *type, const char *before)
{
    static const char *const ours[] = {"User", "Entity", "Subject", "Context", "Suppressed"};
    char label[LABEL_BYTES - 4];
    size_t len = 0;
    bool upper = true, clash = false;
    for (; *type != '\0' && len < sizeof label - 1; type++) {
        char c = *type;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (letter || digit)
            label[len++] = letter && upper ? (char)(c & ~0x20) : c;
        upper = !letter && !digit;
    }
    label[len] = '\0';
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        clash = clash || strcmp(label, ours[i]) == 0;
    snprintf(out, LABEL_BYTES, "%s%s",
             clash || len == 0 || (label[0] >= '0' && label[0] <= '9') ? before : "", label);
}

/* Of a kind of entity that has a name. */
static void kind_label(char out[LABEL_BYTES], const rf_extract *extract, int kind)
{
    spell_label(out, rf_kind_name(&extract->graph->kinds, kind), "Of");
}

/* Of a tag: unlike those of the kinds. */
static void make_label(char out[LABEL_BYTES], const rf_extract *extract, const char *type)
{
    char kind[LABEL_BYTES], tag[LABEL_BYTES];
    spell_label(tag, type, "Tag");
    bool clash = false;
    for (int k = 0; k < extract->graph->kinds.n; k++) {
        kind_label(kind, extract, k);
        clash = clash || strcmp(kind, tag) == 0;
    }
    snprintf(out, LABEL_BYTES, "%s%.*s", clash ? "Tag" : "", LABEL_BYTES - 4, tag);
}

/* Whether an earlier tag of the node made the same label. */
static bool is_repeated(const rf_extract *extract, const rf_tag_side *side, int64_t first, int64_t t,
                        const char *label)
{
    char other[LABEL_BYTES];
    for (; first < t; first++) {
        make_label(other, extract, rf_texts_get(&extract->findings->tags->rule_type, side->tags[first].rule));
        if (strcmp(other, label) == 0)
            return true;
    }
    return false;
}

static void put_labels(rf_draft *draft, const rf_extract *extract, int64_t i)
{
    rf_subject subject = rf_extract_subject(extract, false, i);
    const rf_tag_side *side = subject.tags;
    char label[LABEL_BYTES];
    rf_draft_text(draft, subject.side == RF_USER ? ",User" : ",Entity");
    if (subject.side != RF_USER && extract->graph->kinds.n > 0) {
        kind_label(label, extract, rf_side_kind(subject.side));
        rf_draft_printf(draft, ";%s", label);
    }
    for (int64_t first = side != NULL ? side->ptr[subject.row] : 0, t = first;
         side != NULL && t < side->ptr[subject.row + 1]; t++) {
        make_label(label, extract, rf_texts_get(&extract->findings->tags->rule_type, side->tags[t].rule));
        if (!is_repeated(extract, side, first, t, label))
            rf_draft_printf(draft, ";%s", label);
    }
    if (subject.role != RF_ROLE_NEIGHBOUR)
        rf_draft_text(draft, subject.role == RF_ROLE_SUBJECT ? ";Subject" : ";Context");
    if (rf_node_suppression(extract, &extract->nodes[i]) != NULL)
        rf_draft_text(draft, ";Suppressed");
}

static rf_status node(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    neo4j *n = state;
    char color[8];
    const rf_extract_node *at = &extract->nodes[i];
    rf_draft *draft = &n->files[at->side];
    put_id(draft, extract, i);
    put_labels(draft, extract, i);
    RF_TRY(rf_node_key(&n->label, extract, i, err));
    rf_draft_text(draft, ",");
    rf_draft_text(draft, n->label.ptr);
    RF_TRY(rf_node_label(&n->label, extract, at, err));
    rf_draft_text(draft, ",");
    put_harmless(draft, n->label.ptr);
    rf_draft_printf(draft, ",%s", rf_color_format(color, rf_node_look(extract, at).color));
    put_number(draft, rf_node_size(extract, at));
    put_number(draft, (double)at->x);
    put_number(draft, (double)at->y);
    RF_TRY(put_columns(draft, extract->node_columns, extract, at->side, i, err));
done:
    return st;
}

#define MET_BYTES (RF_KIND_NAME + 8)

/* The type of a relationship: MET, or of another kind than the main one MET_DEVICE. */
static const char *met_of(char out[MET_BYTES], const rf_extract *extract, int kind)
{
    if (kind == 0)
        return "MET";
    snprintf(out, MET_BYTES, "MET_%s", rf_kind_name(&extract->graph->kinds, kind));
    for (char *at = out; *at != '\0'; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at & ~0x20) : *at;
    return out;
}

static rf_status edge(void *state, rf_extract *extract, int64_t i, rf_err *err)
{
    rf_status st = RF_OK;
    neo4j *n = state;
    char color[8], met[MET_BYTES];
    const rf_extract_edge *at = &extract->edges[i];
    rf_draft *draft = &n->files[at->side];
    put_id(draft, extract, at->from);
    rf_draft_text(draft, ",");
    put_id(draft, extract, at->to);
    rf_draft_printf(draft, ",%s,%s", met_of(met, extract, rf_side_kind(at->side)),
                    rf_color_format(color, rf_edge_look(extract, at).color));
    put_number(draft, rf_edge_width(extract, at));
    RF_TRY(put_columns(draft, extract->edge_columns, extract, at->side, i, err));
done:
    return st;
}

/* ---- the folder ---- */

static rf_status open_file(rf_draft *draft, const neo4j *n, const char *name, rf_err *err)
{
    rf_status st = RF_OK;
    char *path = rf_path_join(n->folder.ptr, name, err);
    if (path == NULL)
        return RF_E_NOMEM;
    st = rf_draft_open(draft, path, err);
    rf_mem_free(path);
    return st;
}

#define FILE_BYTES (RF_KIND_NAME + 16)

/* "entities.csv"; of another kind than the main one "entities-device.csv". */
static const char *file_of(char out[FILE_BYTES], const rf_extract *extract, rf_side side)
{
    int kind = rf_side_kind(side);
    snprintf(out, FILE_BYTES, "%s%s%s.csv", rf_side_plural(side), kind > 0 ? "-" : "",
             kind > 0 ? rf_kind_name(&extract->graph->kinds, kind) : "");
    return out;
}

static rf_status begin(void *state, rf_extract *extract, const char *path, rf_err *err)
{
    char name[FILE_BYTES];
    rf_status st = RF_OK;
    neo4j *n = state;
    if (strcmp(path, "-") == 0)
        RF_FAIL(err, RF_E_INVALID, "--output -: neo4j is a folder of several files; give its name");
    RF_TRY(rf_text_add(&n->folder, path, strlen(path), err));
    RF_TRY(rf_path_make_folders(path, err));
    for (rf_side s = 0; s < rf_sides(&extract->graph->kinds); s++)
        RF_TRY(open_file(&n->files[s], n, file_of(name, extract, s), err));
    for (rf_side s = 0; s < rf_sides(&extract->graph->kinds); s++)
        put_header(&n->files[s], extract, s);
done:
    return st;
}

/* A text of the guide, with what the kinds of entity say at its marks. */
static void put_guide(rf_draft *draft, const rf_extract *extract, const char *text)
{
    char file[FILE_BYTES], met[MET_BYTES], label[LABEL_BYTES];
    for (const char *mark; (mark = strchr(text, '\x01')) != NULL; text = mark + 2) {
        rf_draft_bytes(draft, text, (size_t)(mark - text));
        for (int k = mark[1] == RF_NEO4J_CONSTRAINTS ? 0 : 1; k < extract->graph->kinds.n; k++) {
            kind_label(label, extract, k);
            switch (mark[1]) {
            case RF_NEO4J_MET:
                rf_draft_printf(draft, "|%s", met_of(met, extract, k));
                break;
            case RF_NEO4J_NODE_FILES:
                rf_draft_printf(draft, " --nodes=%s", file_of(file, extract, rf_entity_side(k)));
                break;
            case RF_NEO4J_EDGE_FILES:
                rf_draft_printf(draft, " --relationships=%s", file_of(file, extract, rf_edge_side(k)));
                break;
            case RF_NEO4J_ROWS:
                rf_draft_printf(draft, "| %s | `(:Entity:%s)` |\n", file_of(file, extract, rf_entity_side(k)),
                                label);
                rf_draft_printf(draft, "| %s | `(:User)-[:%s]->(:%s)` |\n",
                                file_of(file, extract, rf_edge_side(k)), met_of(met, extract, k), label);
                break;
            case RF_NEO4J_CONSTRAINTS:
                rf_draft_printf(
                    draft, "CREATE CONSTRAINT %s_name IF NOT EXISTS FOR (e:%s) REQUIRE e.name IS UNIQUE;\n",
                    rf_kind_name(&extract->graph->kinds, k), label);
                break;
            }
        }
        if (mark[1] == RF_NEO4J_STATEMENTS && extract->graph->kinds.n <= 1)
            rf_draft_text(draft, "two");
        else if (mark[1] == RF_NEO4J_STATEMENTS)
            rf_draft_printf(draft, "%d", 1 + extract->graph->kinds.n);
        if (mark[1] == RF_NEO4J_CONSTRAINTS && extract->graph->kinds.n == 0)
            rf_draft_text(draft,
                          "CREATE CONSTRAINT entity_name IF NOT EXISTS FOR (e:Entity) REQUIRE e.name IS "
                          "UNIQUE;\n");
    }
    rf_draft_text(draft, text);
}

static rf_status put_queries(neo4j *n, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_draft draft = {0};
    RF_TRY(open_file(&draft, n, "queries.cypher", err));
    put_guide(&draft, extract, rf_neo4j_queries);
    RF_TRY(rf_draft_commit(&draft, err));
done:
    rf_draft_clear(&draft);
    return st;
}

/* Title and note hold the selection and names of tags: on one line, and no Markdown, whatever they are. */
static void put_line(rf_draft *draft, const char *text)
{
    char spelled[RF_QUOTE_MOST];
    for (size_t left = strlen(text), taken; left > 0; text += taken, left -= taken) {
        const char *shown;
        size_t n;
        taken = rf_quote_next(&shown, &n, spelled, text, left);
        if (shown != text || strchr("<>[]`|", *text) != NULL)
            rf_draft_text(draft, " ");
        else
            rf_draft_bytes(draft, shown, n);
    }
}

/* What the colours say, for the categories of Bloom. */
static void put_colors(rf_draft *draft, const rf_extract *extract)
{
    const rf_legend *legend = &extract->node_legend;
    rf_draft_text(draft, "\n| `look` | label | colour | nodes |\n| --- | --- | --- | --- |\n");
    for (int i = 0; i < legend->n; i++) {
        char color[8], label[LABEL_BYTES] = "";
        const rf_legend_entry *entry = &legend->at[i];
        if (entry->look.is_tag)
            make_label(label, extract, entry->look.name);
        else if (entry->look.place > 0 && extract->graph->kinds.n > 0)
            kind_label(label, extract, entry->look.place - 1);
        else
            snprintf(label, sizeof label, "%s", entry->look.place > 0 ? "Entity" : "User");
        rf_draft_text(draft, "| ");
        put_line(draft, entry->look.name);
        rf_draft_printf(draft, " | %s | %s | %lld |\n", label, rf_color_format(color, entry->look.color),
                        (long long)entry->n);
    }
}

static rf_status put_readme(neo4j *n, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    rf_draft draft = {0};
    RF_TRY(open_file(&draft, n, "README.md", err));
    rf_draft_text(&draft, "# ");
    put_line(&draft, extract->title.ptr);
    rf_draft_text(&draft, "\n\n");
    put_line(&draft, extract->note.ptr);
    put_guide(&draft, extract, rf_neo4j_guide);
    put_colors(&draft, extract);
    RF_TRY(rf_draft_commit(&draft, err));
done:
    rf_draft_clear(&draft);
    return st;
}

static rf_status end(void *state, rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    neo4j *n = state;
    for (rf_side s = 0; s < rf_sides(&extract->graph->kinds); s++)
        RF_TRY(rf_draft_commit(&n->files[s], err));
    RF_TRY(put_queries(n, extract, err));
    RF_TRY(put_readme(n, extract, err));
done:
    return st;
}

static void clear(void *state)
{
    neo4j *n = state;
    for (rf_side s = 0; s < RF_SIDES_MOST; s++)
        rf_draft_clear(&n->files[s]);
    rf_text_clear(&n->folder);
    rf_text_clear(&n->label);
}

const rf_writer rf_writer_neo4j = {
    .size = sizeof(neo4j), .begin = begin, .node = node, .edge = edge, .end = end, .clear = clear};
