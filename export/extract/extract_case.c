/* extract_case.c - the part of the attribute table that tagging, clustering and suppressing made: each
 * group of columns is there when its finding is. */
#include "extract_columns_int.h"

#include <math.h>
#include <string.h>

#include "extract_text_int.h"
#include "rf_mem.h"
#include "style_int.h"

/* ---- tags ---- */

static const rf_tag *surest(const rf_subject *subject)
{
    const rf_tag_side *side = subject->tags;
    return side->ptr[subject->row] < side->ptr[subject->row + 1] ? &side->tags[side->ptr[subject->row]]
                                                                 : NULL;
}

RF_READER(read_tag)
{
    RF_READER_UNUSED, (void)subject;
    const rf_tag *tag = surest(subject);
    return rf_give_text(out, tag != NULL ? rf_tag_type(extract->findings->tags, tag) : NULL);
}

RF_READER(read_confidence)
{
    RF_READER_UNUSED, (void)subject;
    const rf_tag *tag = surest(subject);
    return rf_give_number(out, tag != NULL ? (double)tag->confidence : (double)NAN);
}

RF_READER(read_tags)
{
    rf_status st = RF_OK;
    RF_READER_UNUSED;
    RF_TRY(rf_why_tag_types(&scratch->text, extract->findings->scores, extract->findings->tags, subject->side,
                            subject->row, err));
    st = rf_give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
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
    RF_RESERVE(scratch->list, scratch->cap, scratch->n_list + 1, err);
    scratch->list[scratch->n_list++] = text;
    if (scratch->n_list > 1)
        RF_TRY(rf_text_add(&scratch->text, ";", 1, err));
    RF_TRY(rf_plain_add(&scratch->text, text, RF_PLAIN_LIST, err));
done:
    return st;
}

RF_READER(read_tag_types)
{
    rf_status st = RF_OK;
    RF_READER_UNUSED, (void)subject;
    const rf_tag_side *side = subject->tags;
    for (int64_t t = side->ptr[subject->row]; t < side->ptr[subject->row + 1]; t++)
        RF_TRY(add_to_list(scratch, rf_tag_type(extract->findings->tags, &side->tags[t]), err));
    *out = (rf_value){.there = scratch->n_list > 0,
                      .text = scratch->text.ptr,
                      .list = scratch->list,
                      .n_list = scratch->n_list};
done:
    return st;
}

RF_READER(read_evidence)
{
    rf_status st = RF_OK;
    RF_READER_UNUSED, (void)subject;
    RF_TRY(rf_why_tags(&scratch->text, extract->graph, extract->findings->scores, extract->findings->tags,
                       subject->side, subject->row, err));
    st = rf_give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
done:
    return st;
}

RF_READER(read_look)
{
    RF_READER_UNUSED, (void)subject;
    rf_look look = rf_look_of(extract, subject->side, subject->row);
    return rf_give_text(out, look.name);
}

rf_status rf_columns_add_tags(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ADD_COLUMN("look", "what its colour says: the surest tag, or how high it scores without one",
                  RF_COLUMN_TEXT, read_look);
    if (extract->findings->tags == NULL)
        goto done;
    RF_ADD_COLUMN("tag", "the type of fraud that it looks most like", RF_COLUMN_TEXT, read_tag);
    RF_ADD_COLUMN("tag_confidence", "of that tag, from 0 to 1", RF_COLUMN_NUMBER, read_confidence);
    RF_ADD_COLUMN("tags", "all its tags with their confidence, the surest first", RF_COLUMN_TEXT, read_tags);
    RF_ADD_COLUMN("tag_types", "the tags alone, as a list", RF_COLUMN_LIST, read_tag_types);
    RF_ADD_COLUMN("evidence", "the signals behind the tags: observed, compared with, percentile",
                  RF_COLUMN_TEXT, read_evidence);
done:
    return st;
}

/* ---- the explanation ---- */

static const rf_explanation *explain(const rf_extract *extract, const rf_subject *subject,
                                     rf_scratch *scratch)
{
    if (scratch->explained_row != subject->row || scratch->explained_side != subject->side)
        rf_explain(&scratch->explained, extract->graph, extract->scores, subject->side, subject->row);
    scratch->explained_side = subject->side;
    scratch->explained_row = subject->row;
    return &scratch->explained;
}

RF_READER(read_why)
{
    RF_READER_UNUSED, (void)subject;
    const char *sentence = explain(extract, subject, scratch)->sentence;
    return rf_give_text(out, sentence[0] != '\0' ? sentence : NULL);
}

RF_READER(read_own_share)
{
    RF_READER_UNUSED, (void)subject;
    return rf_give_number(out, explain(extract, subject, scratch)->own_share);
}

RF_READER(read_edge_share)
{
    RF_READER_UNUSED, (void)subject;
    return rf_give_number(out, explain(extract, subject, scratch)->edge_share);
}

RF_READER(read_structure_share)
{
    RF_READER_UNUSED, (void)subject;
    return rf_give_number(out, explain(extract, subject, scratch)->structure_share);
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

static const rf_cluster *community_of(const rf_extract *extract, const rf_subject *subject)
{
    return rf_clusters_of(extract->findings->clusters, extract->graph, subject->side, subject->row);
}

/* The worst dense block that holds the node, or both ends of the edge; NULL: none. There are few. */
static const rf_cluster *block_of(const rf_extract *extract, const rf_subject *subject)
{
    const rf_clusters *clusters = extract->findings->clusters;
    const int kind = rf_side_kind(subject->side);
    const rf_side role = rf_side_role(subject->side), entities = rf_entity_side(kind);
    const rf_adj *adj = rf_graph_adj(extract->graph, kind);
    int64_t user = role == RF_USER ? subject->row : role == RF_EDGE ? (int64_t)adj->e_u[subject->row] : -1;
    int64_t entity = role == RF_ENTITY ? subject->row
                     : role == RF_EDGE ? (int64_t)adj->e_v[subject->row]
                                       : -1;
    for (int64_t c = 0; c < clusters->n; c++) {
        const rf_cluster *cluster = &clusters->at[c];
        if (cluster->method == RF_CLUSTER_DENSE && cluster->change != RF_CLUSTER_GONE &&
            (user < 0 || has_row(clusters->rows[RF_USER] + cluster->from[RF_USER], cluster->n[RF_USER],
                                 (uint32_t)user)) &&
            (entity < 0 || has_row(clusters->rows[entities] + cluster->from[entities], cluster->n[entities],
                                   (uint32_t)entity)))
            return cluster;
    }
    return NULL;
}

RF_READER(read_cluster)
{
    RF_READER_UNUSED, (void)subject;
    const rf_cluster *cluster = community_of(extract, subject);
    return rf_give_text(out, cluster != NULL ? cluster->id : NULL);
}

RF_READER(read_cluster_change)
{
    RF_READER_UNUSED, (void)subject;
    const rf_cluster *cluster = community_of(extract, subject);
    return rf_give_text(out, cluster != NULL ? rf_cluster_change_name(cluster->change) : NULL);
}

RF_READER(read_dense_block)
{
    RF_READER_UNUSED, (void)subject;
    const rf_cluster *cluster = block_of(extract, subject);
    return rf_give_text(out, cluster != NULL ? cluster->id : NULL);
}

/* None where an older run did not work it out. */
RF_READER(read_dense_block_significance)
{
    RF_READER_UNUSED, (void)subject;
    const rf_cluster *cluster = block_of(extract, subject);
    return rf_give_number(out, cluster != NULL ? cluster->significance : (double)NAN);
}

/* ---- suppressions ---- */

/* The entry that holds, though it may take some tags only. */
static const rf_suppression *suppression_of(const rf_extract *extract, const rf_subject *subject)
{
    return rf_suppressed(extract->findings->suppressed, extract->graph, subject->side, subject->row);
}

RF_READER(read_suppressed)
{
    RF_READER_UNUSED, (void)subject;
    const rf_findings *findings = extract->findings;
    bool yes = rf_suppression_silences(findings->suppressed, extract->graph, findings->tags, subject->side,
                                       subject->row);
    *out = (rf_value){.there = true, .yes = yes};
    return RF_OK;
}

RF_READER(read_suppression_reason)
{
    RF_READER_UNUSED, (void)subject;
    const rf_suppression *suppression = suppression_of(extract, subject);
    return rf_give_text(out, suppression != NULL ? suppression->reason : NULL);
}

RF_READER(read_suppression_author)
{
    RF_READER_UNUSED, (void)subject;
    const rf_suppression *suppression = suppression_of(extract, subject);
    return rf_give_text(out, suppression != NULL ? suppression->author : NULL);
}

RF_READER(read_suppression_expires)
{
    RF_READER_UNUSED, (void)subject;
    const rf_suppression *suppression = suppression_of(extract, subject);
    bool there = suppression != NULL && suppression->expires_us != INT64_MAX;
    *out = (rf_value){.there = there, .whole = there ? suppression->expires_us : 0};
    return RF_OK;
}

/* Kept as "|promo_abuse|collusion|". */
RF_READER(read_suppression_types)
{
    rf_status st = RF_OK;
    RF_READER_UNUSED, (void)subject;
    const rf_suppression *suppression = suppression_of(extract, subject);
    const char *at = suppression != NULL && suppression->types != NULL ? suppression->types : "";
    for (at += strspn(at, "|"); *at != '\0'; at += strspn(at, "|")) {
        size_t len = strcspn(at, "|");
        if (scratch->text.len > 0)
            RF_TRY(rf_text_add(&scratch->text, "; ", 2, err));
        RF_TRY(rf_text_add(&scratch->text, at, len, err));
        at += len;
    }
    st = rf_give_text(out, scratch->text.len > 0 ? scratch->text.ptr : NULL);
done:
    return st;
}

rf_status rf_columns_add_case(rf_columns *columns, const rf_extract *extract, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ADD_COLUMN("why", "what is odd about it, in a sentence", RF_COLUMN_TEXT, read_why);
    RF_ADD_COLUMN("share_of_features", "share of its score that comes from its own features",
                  RF_COLUMN_NUMBER, read_own_share);
    if (!columns->of_edges)
        RF_ADD_COLUMN("share_of_edges", "share of its score that comes from the features of its edges",
                      RF_COLUMN_NUMBER, read_edge_share);
    RF_ADD_COLUMN("share_of_structure", "share of its score that comes from its choice of partners",
                  RF_COLUMN_NUMBER, read_structure_share);
    if (extract->findings->clusters != NULL) {
        RF_ADD_COLUMN("cluster", "the suspicious community that it belongs to", RF_COLUMN_TEXT, read_cluster);
        RF_ADD_COLUMN("cluster_change",
                      "of that cluster since the last run: new, grown, shrunk, changed, same", RF_COLUMN_TEXT,
                      read_cluster_change);
        RF_ADD_COLUMN("dense_block",
                      "a second opinion: the dense block that it belongs to, found without scores",
                      RF_COLUMN_TEXT, read_dense_block);
        RF_ADD_COLUMN("dense_block_significance", "of that block, in nats beyond chance and search",
                      RF_COLUMN_NUMBER, read_dense_block_significance);
    }
    if (extract->findings->suppressed != NULL) {
        RF_ADD_COLUMN("suppressed", "on a suppression list: it does not become an action", RF_COLUMN_BOOL,
                      read_suppressed);
        RF_ADD_COLUMN("suppression_reason", "the reason given in the list", RF_COLUMN_TEXT,
                      read_suppression_reason);
        RF_ADD_COLUMN("suppression_author", "who said so", RF_COLUMN_TEXT, read_suppression_author);
        RF_ADD_COLUMN("suppression_expires", "end of the suppression, UTC; absent: no end", RF_COLUMN_TIME,
                      read_suppression_expires);
        RF_ADD_COLUMN("suppression_types", "suppressed for these tags only; absent: for all tags",
                      RF_COLUMN_TEXT, read_suppression_types);
    }
done:
    return st;
}
