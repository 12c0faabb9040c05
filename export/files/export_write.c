/* export_write.c - an export from its options to its file: select, place, describe, write. */
#include "extract_int.h"

#include <stdlib.h>
#include <string.h>

#include "rf_mem.h"

static const rf_writer *const writers[] = {&rf_writer_cx2,  &rf_writer_cytoscapejs, &rf_writer_dot,
                                           &rf_writer_gexf, &rf_writer_graphml,     &rf_writer_html,
                                           &rf_writer_neo4j};
enum { WRITERS = sizeof writers / sizeof *writers };

const char *const *rf_export_formats(void)
{
    static const char *const names[] = {"cx2",     "cytoscapejs", "dot",   "gexf",
                                        "graphml", "html",        "neo4j", NULL};
    return names;
}

void rf_export_options_default(rf_export_options *options)
{
    *options = (rf_export_options){.max_nodes = 5000, .max_edges = 20000};
}

/* ---- checks ---- */

static rf_status find_writer(const rf_writer **out, const char *format, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < WRITERS; i++) {
        if (strcmp(writers[i]->name, format) == 0) {
            *out = writers[i];
            goto done;
        }
    }
    const char *near = rf_nearest(format, rf_export_formats());
    RF_FAIL(err, RF_E_INVALID, "--format %s: there is no such format%s%s%s", format,
            near != NULL ? "; did you mean " : " (see ringfence export --help)", near != NULL ? near : "",
            near != NULL ? "?" : "");
done:
    return st;
}

static rf_status check_side(const char *kind, const rf_graph_side *side, const rf_score_side *scores,
                            rf_err *err)
{
    rf_status st = RF_OK;
    if (side->n != scores->n)
        RF_FAIL(err, RF_E_FORMAT, "export: the graph has %lld %s, but the scores are of %lld",
                (long long)side->n, kind, (long long)scores->n);
    if (side->x == NULL && side->n > 0)
        RF_FAIL(err, RF_E_INVALID, "export: the graph was loaded without the features of its %s", kind);
    for (int64_t i = 0; i < scores->n * scores->n_reasons; i++) {
        if (scores->reason_feature[i] >= side->d)
            RF_FAIL(err, RF_E_FORMAT, "export: a reason names column %d, but the %s have %d",
                    scores->reason_feature[i], kind, side->d);
    }
done:
    return st;
}

/* Of this graph: their readers checked everything else. */
static rf_status check_findings(const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_graph *graph = extract->graph;
    const rf_tags *tags = extract->findings->tags;
    if (tags != NULL && (tags->side[RF_USER].n != graph->side[RF_USER].n ||
                         tags->side[RF_ENTITY].n != graph->side[RF_ENTITY].n ||
                         tags->side[RF_EDGE].n != graph->side[RF_EDGE].n))
        RF_FAIL(
            err, RF_E_FORMAT,
            "export: the tags are of %lld users, %lld entities and %lld edges, the graph has %lld, %lld and "
            "%lld",
            (long long)tags->side[RF_USER].n, (long long)tags->side[RF_ENTITY].n,
            (long long)tags->side[RF_EDGE].n, (long long)graph->side[RF_USER].n,
            (long long)graph->side[RF_ENTITY].n, (long long)graph->side[RF_EDGE].n);
done:
    return st;
}

static rf_status check_all(const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_export_options *options = extract->options;
    if (options->max_nodes < 1 || options->max_edges < 0 || options->hops < 0)
        RF_FAIL(err, RF_E_INVALID, "export: at least one node, no negative number of edges or hops");
    RF_TRY(check_side("users", &extract->graph->side[RF_USER], &extract->scores->side[RF_USER], err));
    RF_TRY(check_side("entities", &extract->graph->side[RF_ENTITY], &extract->scores->side[RF_ENTITY], err));
    RF_TRY(check_side("edges", &extract->graph->side[RF_EDGE], &extract->scores->side[RF_EDGE], err));
    RF_TRY(check_findings(extract, err));
done:
    return st;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Tools take two nodes of one id for one node. */
static rf_status check_ids(const rf_extract *extract, bool of_entities, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_texts *ids =
        of_entities ? &extract->graph->side[RF_ENTITY].id : &extract->graph->side[RF_USER].id;
    int64_t n = 0;
    const char **list = rf_mem_new((size_t)extract->counts.nodes, sizeof *list, err);
    if (list == NULL)
        return RF_E_NOMEM;
    for (int64_t i = 0; i < extract->counts.nodes && ids->n > 0; i++) {
        if (extract->nodes[i].is_entity == of_entities)
            list[n++] = rf_texts_get(ids, extract->nodes[i].row);
    }
    qsort(list, (size_t)n, sizeof *list, by_text);
    for (int64_t i = 1; i < n; i++) {
        if (strcmp(list[i - 1], list[i]) == 0)
            RF_FAIL(err, RF_E_FORMAT, "export: two %s of the graph have the id %s; ids must tell them apart",
                    of_entities ? "entities" : "users", list[i]);
    }
done:
    rf_mem_free(list);
    return st;
}

/* ---- writing ---- */

static rf_status write_all(const rf_writer *writer, rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    void *state = rf_mem_zero(1, writer->size, err);
    if (state == NULL)
        return RF_E_NOMEM;
    RF_TRY(writer->begin(state, extract, extract->options->path, err));
    for (int64_t i = 0; i < extract->counts.nodes; i++)
        RF_TRY(writer->node(state, extract, i, err));
    for (int64_t i = 0; i < extract->counts.edges; i++)
        RF_TRY(writer->edge(state, extract, i, err));
    RF_TRY(writer->end(state, extract, err));
done:
    writer->clear(state);
    rf_mem_free(state);
    return st;
}

static void extract_clear(rf_extract *extract)
{
    rf_mem_free(extract->nodes);
    rf_mem_free(extract->edges);
    rf_columns_free(extract->node_columns);
    rf_columns_free(extract->edge_columns);
    rf_mem_free(extract->node_legend.at);
    rf_mem_free(extract->edge_legend.at);
    rf_text_clear(&extract->title);
    rf_text_clear(&extract->note);
}

rf_status rf_export_write(rf_export_result *result, const rf_findings *findings,
                          const rf_export_options *options, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_writer *writer = NULL;
    rf_extract extract = {
        .findings = findings, .graph = findings->graph, .scores = findings->scores, .options = options};

    RF_TRY(find_writer(&writer, options->format, err));
    RF_TRY(check_all(&extract, err));
    RF_TRY(rf_extract_select(&extract, err));
    RF_TRY(check_ids(&extract, false, err));
    RF_TRY(check_ids(&extract, true, err));
    RF_TRY(rf_extract_layout(&extract, err));
    RF_TRY(rf_extract_legend(&extract, err));
    RF_TRY(rf_extract_columns(&extract, err));
    RF_TRY(rf_extract_describe(&extract, err));
    RF_TRY(write_all(writer, &extract, err));
    *result = extract.counts;
done:
    extract_clear(&extract);
    return st;
}
