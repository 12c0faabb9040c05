/* export_case_columns.c - the part of the attribute table that tagging, clustering and suppressing made: each
 * group of columns is there when its finding is. */
#include "extract_int.h"

#include <math.h>
#include <string.h>

#include "rf_mem.h"

#define READER(name)                                                                                         \
    static rf_status name(rf_value *out, const rf_column *column, const rf_extract *extract,                 \
                          const rf_subject *subject, rf_scratch *scratch, rf_err *err)
#define UNUSED_HERE ((void)column, (void)extract, (void)subject, (void)scratch, (void)err)

static rf_status give_text(rf_value *out, const char *text)
{
    *out = (rf_value){.there = text != NULL, .text = text};
    return RF_OK;
}

static rf_status give_number(rf_value *out, double number)
{
    *out = (rf_value){.there = isfinite(number), .number = number};
    return RF_OK;
}

/* ---- tags ---- */

static const rf_tag *surest(const rf_subject *subject)
{
    const rf_tag_side *side = subject->tags;
    return side->ptr[subject->row] < side->ptr[subject->row + 1] ? &side->tags[side->ptr[subject->row]]
                                                                 : NULL;
}

static const char *type_of(const rf_extract *extract, const rf_tag *tag)
{
    return rf_texts_get(&extract->findings->tags->rule_type, tag->rule);
}

READER(read_tag)
{
    UNUSED_HERE;
    const rf_tag *tag = surest(subject);
    return give_text(out, tag != NULL ? type_of(extract, tag) : NULL);
}

READER(read_confidence)
{
    UNUSED_HERE;
    const rf_tag *tag = surest(subject);
    return give_number(out, tag != NULL ? (double)tag->confidence : (double)NAN);
}

READER(read_tags)
{
    rf_status st = RF_OK;
    UNUSED_HERE;
    const rf_tag_side *side = subject->tags;
    for (int64_t t = side->ptr[subject->row]; t < side->ptr[subject->row + 1]; t++) {
        const char *type = type_of(extract, &side->tags[t]);
        if (scratch->text.len > 0)
            RF_TRY(rf_text_add(&scratch->text, "; ", 2, err));
        RF_TRY(rf_text_add(&scratch->text, type, strlen(type), err));
        RF_TRY(rf_text_printf(&scratch->text, err, " (%.2f)", (double)side->tags[t].confidence));
    }
    st = give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
done:
    return st;
}

static rf_status add_to_list(rf_scratch *scratch, const char *text, rf_err *err)
{
    rf_status st = RF_OK;
    for (int i = 0; i < scratch->n_list; i++) {
        if (strcmp(scratch->list[i], text) == 0) /* two rules may give one type */
            return RF_OK;
    }
    RF_TRY(rf_mem_reserve((void **)&scratch->list, &scratch->cap, (size_t)scratch->n_list + 1,
                          sizeof *scratch->list, err));
    scratch->list[scratch->n_list++] = text;
    if (scratch->n_list > 1)
        RF_TRY(rf_text_add(&scratch->text, ";", 1, err));
    RF_TRY(rf_plain_add(&scratch->text, text, RF_PLAIN_LIST, err));
done:
    return st;
}

READER(read_tag_types)
{
    rf_status st = RF_OK;
    UNUSED_HERE;
    const rf_tag_side *side = subject->tags;
    for (int64_t t = side->ptr[subject->row]; t < side->ptr[subject->row + 1]; t++)
        RF_TRY(add_to_list(scratch, type_of(extract, &side->tags[t]), err));
    *out = (rf_value){.there = scratch->n_list > 0,
                      .text = scratch->text.ptr,
                      .list = scratch->list,
                      .n_list = scratch->n_list};
done:
    return st;
}

READER(read_evidence)
{
    rf_status st = RF_OK;
    UNUSED_HERE;
    RF_TRY(rf_evidence_text(&scratch->text, extract, subject, err));
    st = give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
done:
    return st;
}

READER(read_look)
{
    UNUSED_HERE;
    rf_look look = subject->kind == RF_EDGE
                       ? rf_edge_look(extract, &(rf_extract_edge){.row = (uint32_t)subject->row})
                       : rf_node_look(extract, &(rf_extract_node){.is_entity = subject->kind == RF_ENTITY,
                                                                  .row = (uint32_t)subject->row});
    return give_text(out, look.name);
}

#define ADD(key, about, type_, read_)                                                                        \
    RF_TRY(rf_columns_add(columns, key, about, (rf_column){.type = type_, .read = read_}, err))

rf_status rf_columns_add_tags(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    ADD("look", "what its colour says: the surest tag, or how high it scores without one", RF_COLUMN_TEXT,
        read_look);
    if (extract->findings->tags == NULL)
        goto done;
    ADD("tag", "the type of fraud that it looks most like", RF_COLUMN_TEXT, read_tag);
    ADD("tag_confidence", "of that tag, from 0 to 1", RF_COLUMN_NUMBER, read_confidence);
    ADD("tags", "all its tags with their confidence, the surest first", RF_COLUMN_TEXT, read_tags);
    ADD("tag_types", "the tags alone, as a list", RF_COLUMN_LIST, read_tag_types);
    ADD("evidence", "the signals behind the tags: observed, compared with, percentile", RF_COLUMN_TEXT,
        read_evidence);
done:
    return st;
}

/* ---- the explanation ---- */

static const rf_explanation *explain(const rf_extract *extract, const rf_subject *subject,
                                     rf_scratch *scratch)
{
    if (scratch->explained_row != subject->row || scratch->explained_kind != subject->kind)
        rf_explain(&scratch->explained, extract->graph, extract->scores, subject->kind, subject->row);
    scratch->explained_kind = subject->kind;
    scratch->explained_row = subject->row;
    return &scratch->explained;
}

READER(read_why)
{
    UNUSED_HERE;
    const char *sentence = explain(extract, subject, scratch)->sentence;
    return give_text(out, sentence[0] != '\0' ? sentence : NULL);
}

READER(read_own_share)
{
    UNUSED_HERE;
    return give_number(out, explain(extract, subject, scratch)->own_share);
}

READER(read_edge_share)
{
    UNUSED_HERE;
    return give_number(out, explain(extract, subject, scratch)->edge_share);
}

READER(read_structure_share)
{
    UNUSED_HERE;
    return give_number(out, explain(extract, subject, scratch)->structure_share);
}

static rf_status add_explanation(rf_columns *columns, rf_err *err)
{
    rf_status st = RF_OK;
    ADD("why", "what is odd about it, in a sentence", RF_COLUMN_TEXT, read_why);
    ADD("share_of_features", "of its score that its own features make up", RF_COLUMN_NUMBER, read_own_share);
    if (!columns->of_edges)
        ADD("share_of_edges", "of its score that the features of its edges make up", RF_COLUMN_NUMBER,
            read_edge_share);
    ADD("share_of_structure", "of its score that comes from whom it met at all", RF_COLUMN_NUMBER,
        read_structure_share);
done:
    return st;
}

/* ---- clusters ---- */

static bool has_row(const uint32_t *rows, int64_t n, uint32_t row)
{
    int64_t low = 0;
    while (low < n) {
        int64_t middle = low + (n - low) / 2;
        if (rows[middle] == row)
            return true;
        if (rows[middle] < row)
            low = middle + 1;
        else
            n = middle;
    }
    return false;
}

static bool has_member(const rf_clusters *clusters, const rf_cluster *cluster, bool is_entity, uint32_t row)
{
    return is_entity ? has_row(clusters->entities + cluster->entity, cluster->n_entities, row)
                     : has_row(clusters->users + cluster->user, cluster->n_users, row);
}

/* The community of the node, or of both ends of the edge; NULL: none. */
static const rf_cluster *community_of(const rf_extract *extract, const rf_subject *subject)
{
    const rf_clusters *clusters = extract->findings->clusters;
    const rf_adj *adj = &extract->graph->adj;
    int32_t at = -1;
    if (subject->kind == RF_EDGE)
        at = clusters->of_u[adj->e_u[subject->row]] == clusters->of_v[adj->e_v[subject->row]]
                 ? clusters->of_u[adj->e_u[subject->row]]
                 : -1;
    else
        at = subject->kind == RF_ENTITY ? clusters->of_v[subject->row] : clusters->of_u[subject->row];
    return at >= 0 ? &clusters->at[at] : NULL;
}

/* The worst dense block that holds the node, or both ends of the edge; NULL: none. There are few. */
static const rf_cluster *block_of(const rf_extract *extract, const rf_subject *subject)
{
    const rf_clusters *clusters = extract->findings->clusters;
    const rf_adj *adj = &extract->graph->adj;
    for (int64_t c = 0; c < clusters->n; c++) {
        const rf_cluster *cluster = &clusters->at[c];
        if (cluster->method != RF_CLUSTER_DENSE || cluster->change == RF_CLUSTER_GONE)
            continue;
        if (subject->kind == RF_EDGE
                ? has_member(clusters, cluster, false, adj->e_u[subject->row]) &&
                      has_member(clusters, cluster, true, adj->e_v[subject->row])
                : has_member(clusters, cluster, subject->kind == RF_ENTITY, (uint32_t)subject->row))
            return cluster;
    }
    return NULL;
}

READER(read_cluster)
{
    UNUSED_HERE;
    const rf_cluster *cluster = community_of(extract, subject);
    return give_text(out, cluster != NULL ? cluster->id : NULL);
}

READER(read_cluster_change)
{
    UNUSED_HERE;
    const rf_cluster *cluster = community_of(extract, subject);
    return give_text(out, cluster != NULL ? rf_cluster_change_name(cluster->change) : NULL);
}

READER(read_dense_block)
{
    UNUSED_HERE;
    const rf_cluster *cluster = block_of(extract, subject);
    return give_text(out, cluster != NULL ? cluster->id : NULL);
}

static rf_status add_clusters(rf_columns *columns, rf_err *err)
{
    rf_status st = RF_OK;
    ADD("cluster", "the suspicious community that it belongs to", RF_COLUMN_TEXT, read_cluster);
    ADD("cluster_change", "of that cluster since the last run: new, grown, shrunk, changed, same",
        RF_COLUMN_TEXT, read_cluster_change);
    ADD("dense_block", "the dense block that it belongs to: found without the model", RF_COLUMN_TEXT,
        read_dense_block);
done:
    return st;
}

/* ---- suppressions ---- */

/* The entry that holds, though it may take some tags only. */
static const rf_suppression *suppression_of(const rf_extract *extract, const rf_subject *subject)
{
    return rf_suppressed(extract->findings->suppressed, extract->graph, subject->kind, subject->row);
}

READER(read_suppressed)
{
    UNUSED_HERE;
    const rf_findings *findings = extract->findings;
    bool yes = rf_suppression_silences(findings->suppressed, extract->graph, findings->tags, subject->kind,
                                       subject->row);
    *out = (rf_value){.there = true, .yes = yes};
    return RF_OK;
}

READER(read_suppression_reason)
{
    UNUSED_HERE;
    const rf_suppression *suppression = suppression_of(extract, subject);
    return give_text(out, suppression != NULL ? suppression->reason : NULL);
}

READER(read_suppression_author)
{
    UNUSED_HERE;
    const rf_suppression *suppression = suppression_of(extract, subject);
    return give_text(out, suppression != NULL ? suppression->author : NULL);
}

READER(read_suppression_expires)
{
    UNUSED_HERE;
    const rf_suppression *suppression = suppression_of(extract, subject);
    bool there = suppression != NULL && suppression->expires_us != INT64_MAX;
    *out = (rf_value){.there = there, .whole = there ? suppression->expires_us : 0};
    return RF_OK;
}

/* Kept as "|promo_abuse|collusion|". */
READER(read_suppression_types)
{
    rf_status st = RF_OK;
    UNUSED_HERE;
    const rf_suppression *suppression = suppression_of(extract, subject);
    const char *at = suppression != NULL && suppression->types != NULL ? suppression->types : "";
    for (at += strspn(at, "|"); *at != '\0'; at += strspn(at, "|")) {
        size_t len = strcspn(at, "|");
        if (scratch->text.len > 0)
            RF_TRY(rf_text_add(&scratch->text, "; ", 2, err));
        RF_TRY(rf_text_add(&scratch->text, at, len, err));
        at += len;
    }
    st = give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
done:
    return st;
}

static rf_status add_suppression(rf_columns *columns, rf_err *err)
{
    rf_status st = RF_OK;
    ADD("suppressed", "a list of people's says that it must not become an action", RF_COLUMN_BOOL,
        read_suppressed);
    ADD("suppression_reason", "why, as the list has it", RF_COLUMN_TEXT, read_suppression_reason);
    ADD("suppression_author", "who said so", RF_COLUMN_TEXT, read_suppression_author);
    ADD("suppression_expires", "until when, UTC; absent: for good", RF_COLUMN_TIME, read_suppression_expires);
    ADD("suppression_types", "these tags only; absent: whatever its tags are", RF_COLUMN_TEXT,
        read_suppression_types);
done:
    return st;
}

rf_status rf_columns_add_case(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    const rf_findings *findings = extract->findings;
    RF_TRY(add_explanation(columns, err));
    if (findings->clusters != NULL)
        RF_TRY(add_clusters(columns, err));
    if (findings->suppressed != NULL)
        RF_TRY(add_suppression(columns, err));
done:
    return st;
}
