/* fuzz_sample.c - arbitrary content as a file that nobody has described: a proposal comes or is refused, its
 * configuration has no line that a text of the content has broken out of, and the sample can be read by it.
 */
#include <string.h>

#include "fuzz_events.h"
#include "proposal_int.h"
#include "rf_yaml.h"

/* Texts of the content are in quotes or comments: it is YAML, with the keys that we have written. */
static void check_yaml(const rf_text *yaml)
{
    rf_yaml_node *root = NULL;
    rf_keep keep = {0};
    fuzz_check(rf_yaml_read(&root, &keep, "x.yaml", yaml->ptr, yaml->len, RF_YAML_NODES, NULL) == RF_OK);
    for (const rf_yaml_node *node = root->first; node != NULL; node = node->next)
        fuzz_check(strcmp(node->key, "source") == 0 || strcmp(node->key, "fields") == 0 ||
                   strcmp(node->key, "graph") == 0 || strcmp(node->key, "ingest") == 0 ||
                   strcmp(node->key, "output") == 0);
    rf_keep_clear(&keep);
}

static void propose(rf_sample *sample, const rf_source_options *options)
{
    rf_proposal *proposal = NULL;
    rf_text yaml = {0};
    rf_trial trial;
    bool changed;
    const rf_told told = {.options = options};
    const rf_yaml_frame frame = {.path = "x.yaml", .output = "out"};
    if (rf_propose(&proposal, sample, &told, NULL) == RF_OK) {
        fuzz_check(rf_proposal_yaml(&yaml, proposal, &frame, NULL) == RF_OK);
        check_yaml(&yaml);
        rf_source_options by = *options;
        by.csv = sample->csv;
        by.format = sample->format;
        by.fields.user = sample->columns[0].name;
        by.fields.entity = sample->columns[sample->n_columns - 1].name;
        fuzz_check(rf_sample_try(&trial, sample, &by, NULL, NULL, NULL) == RF_OK);
        fuzz_check(trial.read == trial.accepted + trial.rejected + trial.filtered);
        rf_proposal_mend(&changed, proposal, &trial);
    }
    rf_text_clear(&yaml);
    rf_proposal_free(proposal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rf_sample *sample = NULL;
    rf_source_options options;
    rf_schema schema = {0};
    rf_source_options_default(&options);
    options.fields.schema = &schema;
    const rf_span content = {size == 0 ? "" : (const char *)data, size};
    if (rf_sample_of_text(&sample, &options, "fuzz", content, NULL) == RF_OK)
        propose(sample, &options);
    rf_sample_free(sample);
    return 0;
}
