/* verbs.c - the table of verbs. A verb's options stand in its own file. */
#include "cli_int.h"

static const rf_verb verbs[] = {
    {"run", "The whole job from one configuration: build, train, score, tag, cluster, evaluate, emit", NULL,
     "Everything is written into the folder `output`: graph.h5, model.h5, scores.h5 with its tags and "
     "clusters, "
     "clusters.h5 (who was in which), actions.jsonl, ring.svg, rejects.jsonl, audit.jsonl, summary.json, and "
     "evaluation.json when the events carry labels. Killed at any moment, "
     "the same "
     "command goes on where it stopped; with new events it reads only those, and trains again.",
     rf_opts_run, rf_cmd_run, NULL},
    {"simulate", "Writes synthetic, labelled events with planted frauds and their innocent look-alikes", NULL,
     "The same seed and options give the same bytes. --write-config writes the configuration that reads "
     "these events "
     "and does the whole run.",
     rf_opts_simulate, rf_cmd_simulate, NULL},
    {"build", "Reads events into graph.h5, going on where the last build stopped", "[FILE]...",
     "FILE... stands in for source.paths; - is standard input. What columns mean is said by `fields` in the "
     "configuration. "
     "Records that do "
     "not fit go to the dead letters; past ingest.max_rejects the build stops with status 3 and graph.h5 "
     "stays as it "
     "was.\n"
     "From Kafka (source.type kafka) it reads topics to their present end, to a time, or without end; with "
     "--shards several processes of one group share the work, and `merge` makes graph.h5 of what they saved.",
     rf_opts_build, rf_cmd_build, rf_build_take_files},
    {"merge", "Joins shards, or other graphs, into the graph.h5 that one build would have written",
     "[FILE]...",
     "FILE... are shards, as builds with graph.shards leave them, or graphs; without any, all shards in "
     "graph.shards are joined. They must have been built with the settings of the configuration, from "
     "different "
     "partitions or inputs; of two shards of one partition the later is taken. They stay as they are.",
     rf_opts_merge, rf_cmd_merge, NULL},
    {"train", "Trains a GraphBEAN autoencoder on a graph", NULL,
     "An interrupted training of the same graph and options goes on where it stopped, to the same bytes.",
     rf_opts_train, rf_cmd_train, NULL},
    {"score", "Scores users, entities and edges by what the model cannot explain", NULL, NULL, rf_opts_score,
     rf_cmd_score, NULL},
    {"tag", "Says which types of fraud scored subjects look like, by rules, with the evidence", NULL,
     "Tags go into the file of scores, in place of those that were there. With --explain nothing is written: "
     "for "
     "each rule it prints why it did or did not hold. Rules never see labels. docs/RULES.md describes the "
     "shipped rules and the language.",
     rf_opts_tag, rf_cmd_tag, NULL},
    {"cluster", "Finds groups of suspicious users and entities that belong together", NULL,
     "Clusters go into the file of scores, with the tags that `tag` has put there, and are printed, the "
     "worst "
     "first. They are found in two ways: communities grown from high scores, and dense blocks, which know "
     "no scores. A cluster keeps its id from run to run; what changed since the last one is said. "
     "docs/CLUSTERS.md explains the figures.",
     rf_opts_cluster, rf_cmd_cluster, NULL},
    {"evaluate", "Compares scores with the labels of the graph", NULL,
     "Prints tables, or with --json one object: "
     "{\"u\":{\"roc_auc\",\"pr_auc\",...},\"v\":{...},\"e\":{...}}; a group "
     "without labels, or with labels of one class only, is null.",
     rf_opts_evaluate, rf_cmd_evaluate, NULL},
    {"emit", "Writes an action message for every subject above the threshold", NULL,
     "One JSON object a line, worst first within users, entities and edges, then a run.completed manifest "
     "with their "
     "counts.",
     rf_opts_emit, rf_cmd_emit, NULL},
    {"export", "Writes the chosen subjects and what lies around them for a graph tool", NULL,
     "The chosen subjects, their neighbourhood, and ordinary subjects to compare with; all formats say the "
     "same of "
     "each. The same input gives the same bytes. docs/INVESTIGATE.md says how each tool opens its file.",
     rf_opts_export, rf_cmd_export, NULL},
    {"inspect", "Says what a file of ours holds, or how far behind its topics a job is", "FILE...|lag",
     "`inspect lag` reads the configured topics' partitions: the first and last offset that the broker "
     "holds, "
     "what the group committed, and up to where the state is saved. It joins no group and may be asked "
     "while a build runs. A file of that name is ./lag.",
     rf_opts_inspect, rf_cmd_inspect, NULL},
    {0},
};

const rf_verb *rf_cli_verbs(void)
{
    return verbs;
}
