/* verbs.c - the table of verbs. A verb's options are in its own file. */
#include "cli_int.h"

static const rf_verb verbs[] = {
    {"init", "Looks at events and writes a first configuration for them", "FILE...|TOPIC...",
     "FILE... are the events, each may be a glob; - is standard input. With --brokers the arguments are "
     "topics: "
     "no group is joined and nothing is committed. The first 100,000 records show the format, and which "
     "column is "
     "the user, the entity, the time, the event's id, the label, and what the others are. The configuration "
     "says "
     "what was seen beside each line; ids are masked. It is tried on the records before it is written. At a "
     "terminal init asks, with what it proposes as the answer; flags say it in advance. What it is not sure "
     "of it "
     "prints, with the flag that changes it.",
     rf_opts_init, rf_cmd_init, rf_init_take},
    {"check", "Says how a configuration reads its events, and how large the job would be", "[FILE]...",
     "Reads the first 100,000 records (of a topic the last), or all with --all, and prints how each field "
     "was understood, what "
     "would be "
     "rejected and why, and how many users, entities and edges there are. How large the whole graph and its "
     "training would be is an estimate from these. Nothing is written, published or committed, and no "
     "consumer "
     "group is joined. FILE... replaces source.paths; - is standard input.",
     rf_opts_check, rf_cmd_check, rf_build_take_files},
    {"run", "The whole job from one configuration: build, train, score, tag, cluster, evaluate, emit", NULL,
     "Everything is written into the folder `output`: graph.h5, model.h5, scores.h5 with its tags and "
     "clusters, clusters.h5 (who was in which), alerts.h5 (who was flagged), actions.jsonl, ring.svg, "
     "rejects.jsonl, audit.jsonl, "
     "summary.json, and evaluation.json when the events carry labels. If it is killed, the same command "
     "continues where it stopped. Started again later, it reads only the new events and trains again.",
     rf_opts_run, rf_cmd_run, NULL},
    {"simulate", "Writes synthetic, labelled events with planted frauds and their innocent look-alikes", NULL,
     "The same seed and options give the same bytes. --write-config writes the configuration that reads "
     "these events and does the whole run.",
     rf_opts_simulate, rf_cmd_simulate, NULL},
    {"build", "Reads events into graph.h5 and continues where the last build stopped", "[FILE]...",
     "FILE... replaces source.paths; - is standard input. `fields` in the configuration maps the columns. "
     "Records that cannot be read go to the dead letters. If more than ingest.max_rejects are rejected, the "
     "build stops with status 3 and leaves graph.h5 unchanged.\n"
     "From Kafka (source.type kafka) it reads topics to their present end, to a time, or without end. With "
     "--shards several processes of one consumer group share the partitions, and `merge` joins their shards "
     "into graph.h5.",
     rf_opts_build, rf_cmd_build, rf_build_take_files},
    {"merge", "Joins shards, or other graphs, into the graph.h5 that one build would have written",
     "[FILE]...",
     "FILE... are shards or graphs; without one, all shards in graph.shards are joined. They must be built "
     "with this configuration, from different partitions or inputs. Of two shards of one partition the later "
     "is used. The files are not changed.",
     rf_opts_merge, rf_cmd_merge, NULL},
    {"train", "Trains a GraphBEAN autoencoder on a graph", NULL,
     "An interrupted training with the same graph and options continues where it stopped and gives the same "
     "bytes.",
     rf_opts_train, rf_cmd_train, NULL},
    {"score", "Scores users, entities and edges by what the model cannot explain", NULL, NULL, rf_opts_score,
     rf_cmd_score, NULL},
    {"tag", "Tags scored subjects with the types of fraud that they look like, by rules, with the evidence",
     NULL,
     "Replaces the tags in the scores file. With --explain it writes nothing and prints, for each rule, why "
     "it held or not. Rules never see labels. docs/RULES.md describes the shipped rules and the language.",
     rf_opts_tag, rf_cmd_tag, NULL},
    {"cluster", "Finds groups of suspicious users and entities that belong together", NULL,
     "Writes clusters into the scores file and prints them, the worst first. Two methods find them: "
     "communities grow from high scores, and dense blocks do not use scores. A cluster keeps its id from run "
     "to run, and the output lists what changed since the last run. docs/CLUSTERS.md explains the figures.",
     rf_opts_cluster, rf_cmd_cluster, NULL},
    {"evaluate", "Compares scores with the labels of the graph", NULL,
     "Prints tables, or with --json one object: "
     "{\"u\":{\"roc_auc\",\"pr_auc\",...},\"v\":{...},\"e\":{...}}; a group without labels, or with labels "
     "of one class only, is null.",
     rf_opts_evaluate, rf_cmd_evaluate, NULL},
    {"emit", "Writes an action message for every subject above the threshold", NULL,
     "One JSON object a line, worst first within users, entities and edges, then a run.completed manifest "
     "with their counts.",
     rf_opts_emit, rf_cmd_emit, NULL},
    {"export", "Writes chosen subjects and their neighbours for a graph tool", NULL,
     "Writes the chosen subjects, their neighbours, and ordinary subjects for comparison. All formats hold "
     "the same data. The same input gives the same bytes. docs/INVESTIGATE.md describes how each tool opens "
     "its file.",
     rf_opts_export, rf_cmd_export, NULL},
    {"erase", "Erases users or entities from everything that ringfence has written", NULL,
     "They disappear from the graph and its state, shards, scores, clusters, alerts, actions, dead letters, "
     "exports, columns of the model, and the inputs that lie in `output`. The audit log keeps a keyed hash "
     "in "
     "their place. The scores are computed again without them. Keys of a compacted topic get tombstones. "
     "Then "
     "all files are read once more, and a certificate in `output` says what was removed where, without the "
     "ids. Stop other jobs first. If it is killed, the next call finishes it; without --user and --entity it "
     "only does that. docs/PRIVACY.md has the details.",
     rf_opts_erase, rf_cmd_erase, NULL},
    {"pseudonym", "Prints the pseudonyms of ids, or finds whose pseudonyms are given", "[PSEUDONYM]...",
     "With ids.pseudonymise.key_file, files and messages have pseudonyms in place of ids, and with sha256 "
     "among the words of normalise hashes. --user and --entity print "
     "those of ids as events have them. --reveal FILE prints which of the ids in the file the given "
     "pseudonyms stand for. A line has "
     "kind, id and "
     "pseudonym, with tabs between them. Nothing is stored. docs/PRIVACY.md has the details.",
     rf_opts_pseudonym, rf_cmd_pseudonym, NULL},
    {"inspect", "Shows what a ringfence file holds, or how far a job lags behind its topics", "FILE...|lag",
     "`inspect lag` reads the partitions of the configured topics: the first and last offset that the broker "
     "holds, what the group has committed, and the offset up to which the state is saved. It joins no group, "
     "so it can run beside a build. A file of that name is ./lag.",
     rf_opts_inspect, rf_cmd_inspect, NULL},
    {"upgrade", "Rewrites files of an earlier ringfence as today's are, with hashes that show damage",
     "FILE...",
     "FILE... are graphs, models, scores, clusters.h5 and alerts.h5. Each is read as a whole first: one that "
     "is damaged stays as it is. What it holds does not change, and a file of today is left alone. Killed at "
     "any time, it leaves the old file or the new one.",
     rf_opts_upgrade, rf_cmd_upgrade, NULL},
    {0},
};

const rf_verb *rf_cli_verbs(void)
{
    return verbs;
}
