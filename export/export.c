/* export.c - the steps of an export, from options to file: select, place, describe, write. */

#include <stdlib.h>
#include <string.h>

#include "findings_check_int.h"
#include "rf_mem.h"
#include "writer_int.h"

#define RING_EDGES 300 /* of a picture that is to be read */

#define NAME(name, about) #name,
static const char *const format_names[] = {RF_EXPORT_FORMATS(NAME, ) NULL};
#define WRITER(name, about) &rf_writer_##name,
static const rf_writer *const writers[] = {RF_EXPORT_FORMATS(WRITER, )};

const char *const *rf_export_formats(void)
{
    return format_names;
}

void rf_export_options_default(rf_export_options *options)
{
    *options = (rf_export_options){.max_nodes = RF_EXPORT_MAX_NODES, .max_edges = RF_EXPORT_MAX_EDGES};
}

static rf_status find_writer(const rf_writer **out, const char *format, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; format_names[i] != NULL; i++) {
        if (strcmp(format_names[i], format) == 0) {
            *out = writers[i];
            goto done;
        }
    }
    const char *near = rf_nearest(format, format_names);
    RF_FAIL(err, RF_E_INVALID, "--format %s: there is no such format%s%s%s", format,
            near != NULL ? "; did you mean " : " (see ringfence export --help)", near != NULL ? near : "",
            near != NULL ? "?" : "");
done:
    return st;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Tools take two nodes of one id for one node. */
static rf_status check_ids(const rf_extract *extract, rf_side side, rf_err *err)
{
    rf_status st = RF_OK;
    char plural[RF_KIND_PLURAL];
    const rf_texts *ids = &extract->graph->side[side].id;
    int64_t n = 0;
    const char **list = NULL;
    RF_NEW(list, extract->counts.nodes, err);
    for (int64_t i = 0; i < extract->counts.nodes && ids->n > 0; i++) {
        if (extract->nodes[i].side == side)
            list[n++] = rf_texts_get(ids, extract->nodes[i].row);
    }
    qsort(list, (size_t)n, sizeof *list, by_text);
    for (int64_t i = 1; i < n; i++) {
        if (strcmp(list[i - 1], list[i]) == 0)
            RF_FAIL(err, RF_E_FORMAT, "export: two %s of the graph have the id %s; ids must tell them apart",
                    side == RF_USER ? "users"
                                    : rf_kind_plural(plural, &extract->graph->kinds, rf_side_kind(side)),
                    list[i]);
    }
done:
    rf_mem_free(list);
    return st;
}

static rf_status write_all(const rf_writer *writer, rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    unsigned char *state = NULL;
    RF_ZERO(state, writer->size, err);
    RF_TRY(writer->begin(state, extract, extract->options->path, err));
    for (int64_t i = 0; i < extract->counts.edges && writer->edges_first; i++)
        RF_TRY(writer->edge(state, extract, i, err));
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        RF_TRY(writer->node(state, extract, i, err));
    for (int64_t i = 0; i < extract->counts.edges && !writer->edges_first; i++)
        RF_TRY(writer->edge(state, extract, i, err));
    RF_TRY(writer->end(state, extract, err));
done:
    if (state != NULL)
        writer->clear(state);
    rf_mem_free(state);
    return st;
}

rf_status rf_export_write(rf_export_result *result, const rf_findings *findings,
                          const rf_export_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_writer *writer = NULL;
    rf_extract extract = {
        .findings = findings, .graph = findings->graph, .scores = findings->scores, .options = options};

    RF_TRY(find_writer(&writer, options->format, err));
    if (options->max_nodes < 1 || options->max_edges < 0 || options->hops < 0)
        RF_FAIL(err, RF_E_INVALID, "export: at least one node, no negative number of edges or hops");
    RF_TRY(rf_findings_check(findings, "export", true, err));
    RF_TRY(rf_extract_select(&extract, err));
    for (rf_side s = 0; s < rf_sides(&findings->graph->kinds); s++) {
        if (rf_side_has_nodes(s))
            RF_TRY(check_ids(&extract, s, err));
    }
    RF_TRY(rf_extract_layout(&extract, err));
    RF_TRY(rf_extract_legend(&extract, err));
    RF_TRY(rf_extract_hubs(&extract, err));
    RF_TRY(rf_extract_columns(&extract, err));
    RF_TRY(rf_extract_describe(&extract, err));
    RF_TRY(write_all(writer, &extract, err));
    *result = extract.counts;
done:
    rf_mem_free(extract.nodes);
    rf_mem_free(extract.edges);
    rf_extract_hubs_clear(&extract);
    rf_columns_free(extract.node_columns);
    rf_columns_free(extract.edge_columns);
    rf_mem_free(extract.node_legend.at);
    rf_mem_free(extract.edge_legend.at);
    rf_text_clear(&extract.title);
    rf_text_clear(&extract.note);
    return st;
}

rf_status rf_export_ring(const rf_findings *findings, const char *path, rf_err *err)
{
    rf_export_result unused;
    rf_export_options options;
    rf_export_options_default(&options);
    options.format = "svg";
    options.select.type = RF_SELECT_RING;
    options.max_edges = RING_EDGES;
    options.path = path;
    return rf_export_write(&unused, findings, &options, err);
}
