/* shard.c - one partition's state in a folder that several processes share: claimed, saved under a guard.
 *
 * In the flow: the owner of a partition loads its shard when it is assigned, saves it now and then and when
 * it is revoked, and `ringfence merge` joins all shards (merge.c). A crash loses only what was read since the
 * last save; the next owner reads it again. claim.c decides who may save.
 */
#include "rf_shard.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bigraph_int.h"
#include "claim_int.h"
#include "rf_file.h"
#include "rf_mem.h"
#include "rf_text.h"
#include "shard_int.h"
#include "state_int.h"

#define TEMPORARY                                                                                            \
    ".tmp-" /* PATH.tmp-EPOCH-TOKEN: a claim's own, so that a late writer spoils nobody's file */

struct rf_shard {
    char *folder, *topic, *path, *temporary;
    char *subject; /* "orders[3]" */
    int32_t partition;
    rf_claim claim;
    int64_t next;           /* saved last; -1: nothing yet */
    rf_topic_origin origin; /* saved with it */
    bool stale;             /* the file has events that are too old to be kept */
};

/* ---- names ---- */

/* Kafka's own rule; it also keeps a topic's name inside the folder. */
static rf_status check_subject(const char *topic, int32_t partition, rf_err *err)
{
    rf_status st = RF_OK;
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strspn(topic, allowed);
    if (len == 0 || topic[len] != '\0' || strcmp(topic, ".") == 0 || strcmp(topic, "..") == 0)
        RF_FAIL(err, RF_E_INVALID,
                "\"%.64s\" is not a topic's name; a name has letters, digits, '.', '_' and '-' only", topic);
    if (partition < 0)
        RF_FAIL(err, RF_E_INVALID, "%s[%" PRId32 "]: partitions count from 0", topic, partition);
done:
    return st;
}

static rf_status path_of(char **out, const char *folder, const char *topic, int32_t partition,
                         const char *ending, rf_err *err)
{
    rf_text name = {0};
    rf_status st = rf_text_printf(&name, err, "%s-%" PRId32 "%s", topic, partition, ending);
    if (st >= 0) {
        *out = rf_path_join(folder, name.ptr, err);
        st = *out == NULL ? RF_E_NOMEM : RF_OK;
    }
    rf_text_clear(&name);
    return st;
}

/* ---- the file's root ---- */

rf_status rf_shard_head_read(rf_shard_head *out, rf_h5 *file, rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard_head head = {0};
    int64_t partition;
    RF_TRY(rf_h5_check_format(file, RF_SHARD_FORMAT, 1, NULL, err));
    RF_TRY(rf_h5_read_attr_text(file, "/", "topic", &head.topic, err));
    RF_TRY(rf_h5_read_attr_int(file, "/", "partition", &partition, 1, err));
    RF_TRY(rf_h5_read_attr_int(file, "/", "epoch", &head.epoch, 1, err));
    RF_TRY(rf_h5_read_attr_int(file, "/", "next", &head.next, 1, err));
    if (partition < 0 || partition > INT32_MAX || head.epoch < 1 || head.epoch > INT64_MAX / 2 ||
        head.next < 0)
        RF_FAIL(err, RF_E_FORMAT,
                "%s: its partition, epoch or next offset is out of range: the file is damaged",
                rf_h5_path(file));
    head.partition = (int32_t)partition;
    *out = head;
    head = (rf_shard_head){0};
done:
    rf_shard_head_clear(&head);
    return st;
}

void rf_shard_head_clear(rf_shard_head *head)
{
    rf_mem_free(head->topic);
    *head = (rf_shard_head){0};
}

bool rf_shard_agrees(const rf_shard_head *head, const rf_positions *positions)
{
    return positions->n == 1 && positions->items[0].partition == head->partition &&
           positions->items[0].offset == head->next && strcmp(positions->items[0].name, head->topic) == 0;
}

static rf_status check_agreement(const rf_shard_head *head, const rf_positions *positions, const char *path,
                                 rf_err *err)
{
    if (rf_shard_agrees(head, positions))
        return RF_OK;
    return rf_err_set(err, RF_E_FORMAT, __FILE__, __LINE__,
                      "%s: /state/offsets and the attributes of the root differ: the file is damaged", path);
}

/* Files are found by name, but what they hold is said inside: a copy under another name must not pass. */
static rf_status read_own_head(rf_shard_head *out, rf_h5 *file, const char *topic, int32_t partition,
                               rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard_head head = {0};
    RF_TRY(rf_shard_head_read(&head, file, err));
    if (strcmp(head.topic, topic) != 0 || head.partition != partition)
        RF_FAIL(err, RF_E_FORMAT, "%s: holds %s[%" PRId32 "], not %s[%" PRId32 "]: put the right file there",
                rf_h5_path(file), head.topic, head.partition, topic, partition);
    *out = head;
    head = (rf_shard_head){0};
done:
    rf_shard_head_clear(&head);
    return st;
}

/* The head of the file saved last, if there is one (*found). */
static rf_status read_saved_head(rf_shard_head *out, bool *found, const char *path, const char *topic,
                                 int32_t partition, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    *found = rf_path_exists(path);
    if (!*found)
        return RF_OK;
    RF_TRY(rf_h5_open(&file, path, err));
    RF_TRY(read_own_head(out, file, topic, partition, err));
done:
    rf_h5_close(&file);
    return st;
}

rf_status rf_shard_offset(const char *folder, const char *topic, int32_t partition, int64_t *next,
                          rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard_head head = {0};
    char *path = NULL;
    bool found;
    *next = -1;
    RF_TRY(check_subject(topic, partition, err));
    RF_TRY(path_of(&path, folder, topic, partition, ".h5", err));
    RF_TRY(read_saved_head(&head, &found, path, topic, partition, err));
    if (found)
        *next = head.next;
done:
    rf_shard_head_clear(&head);
    rf_mem_free(path);
    return st;
}

rf_status rf_shard_saved(const char *folder, const char *topic, int32_t partition, int64_t *next,
                         rf_topic_origin *origin, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_shard_head head = {0};
    rf_positions positions = {0};
    char *path = NULL;
    *next = -1;
    *origin = (rf_topic_origin){0};
    RF_TRY(check_subject(topic, partition, err));
    RF_TRY(path_of(&path, folder, topic, partition, ".h5", err));
    if (!rf_path_exists(path))
        goto done;
    RF_TRY(rf_state_open(&file, path, RF_SHARD_FORMAT, err));
    RF_TRY(read_own_head(&head, file, topic, partition, err));
    RF_TRY(rf_state_read_positions(&positions, file, err));
    RF_TRY(check_agreement(&head, &positions, path, err));
    RF_TRY(rf_topic_origin_copy(origin, &positions.items[0].origin, err));
    *next = head.next;
done:
    rf_positions_clear(&positions);
    rf_shard_head_clear(&head);
    rf_h5_close(&file);
    rf_mem_free(path);
    return st;
}

/* ---- what dead writers left ---- */

/* The writers of these files are fenced, dead or not, so the files have no owner. Files that cannot be
 * removed stay. */
static void remove_stale(const rf_shard *shard)
{
    const char *slash = strrchr(shard->path, '/'), *name = slash == NULL ? shard->path : slash + 1;
    size_t len = strlen(name);
    DIR *folder = opendir(shard->folder);
    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strncmp(entry->d_name, name, len) != 0 ||
            strncmp(entry->d_name + len, TEMPORARY, strlen(TEMPORARY)) != 0)
            continue;
        const char *ending = entry->d_name + len + strlen(TEMPORARY); /* "EPOCH-TOKEN" */
        int64_t theirs;
        size_t digits = strspn(ending, "0123456789");
        bool ours = ending[digits] == '-' && strspn(ending + digits + 1, "0123456789abcdef") == 16 &&
                    ending[digits + 1 + 16] == '\0' && rf_int_parse(&theirs, ending, digits);
        if (ours && theirs < shard->claim.epoch)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    closedir(folder);
}

/* ---- claiming ---- */

static rf_status new_shard(rf_shard **out, const char *folder, const char *topic, int32_t partition,
                           rf_err *err)
{
    rf_status st = RF_OK;
    rf_text subject = {0};
    rf_shard *shard = NULL;
    RF_ZERO(shard, 1, err);
    *shard = (rf_shard){.partition = partition, .next = -1, .claim = {.lock = -1}};
    shard->folder = rf_mem_text(folder, strlen(folder), err);
    shard->topic = rf_mem_text(topic, strlen(topic), err);
    if (shard->folder == NULL || shard->topic == NULL) {
        st = RF_E_NOMEM;
        goto done;
    }
    RF_TRY(path_of(&shard->path, folder, topic, partition, ".h5", err));
    RF_TRY(rf_text_printf(&subject, err, "%s[%" PRId32 "]", topic, partition));
    shard->subject = subject.ptr;
    subject = (rf_text){0};
    *out = shard;
    shard = NULL;
done:
    rf_text_clear(&subject);
    rf_shard_release(&shard);
    return st;
}

static rf_status take_claim(rf_shard *shard, const char *owner, int64_t wait_us, rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard_head saved = {0}; /* epoch 0: none */
    bool found;
    char *stem = NULL;
    rf_text temporary = {0};
    RF_TRY(path_of(&stem, shard->folder, shard->topic, shard->partition, "", err));
    RF_TRY(rf_claim_open(&shard->claim, stem, shard->subject, err));
    RF_TRY(rf_claim_await_owner(&shard->claim, wait_us, err));
    RF_TRY(read_saved_head(&saved, &found, shard->path, shard->topic, shard->partition, err));
    RF_TRY(rf_claim_take(&shard->claim, saved.epoch, owner, err));
    RF_TRY(rf_text_printf(&temporary, err, "%s" TEMPORARY "%" PRId64 "-%016" PRIx64, shard->path,
                          shard->claim.epoch, shard->claim.token));
    shard->temporary = temporary.ptr;
    temporary = (rf_text){0};
    remove_stale(shard);
done:
    rf_shard_head_clear(&saved);
    rf_text_clear(&temporary);
    rf_mem_free(stem);
    return st;
}

static rf_status load(rf_shard *shard, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    rf_shard_head head = {0};
    rf_positions positions = {0};
    if (!rf_path_exists(shard->path))
        return RF_OK;
    RF_TRY(rf_state_open(&file, shard->path, RF_SHARD_FORMAT, err));
    RF_TRY(read_own_head(&head, file, shard->topic, shard->partition, err));
    RF_TRY(rf_state_read(graph, &positions, file, err));
    RF_TRY(check_agreement(&head, &positions, shard->path, err));
    RF_TRY(rf_bigraph_check_window(graph, shard->path, err));
    RF_TRY(rf_bigraph_forget(graph, err));
    RF_TRY(rf_topic_origin_copy(&shard->origin, &positions.items[0].origin, err));
    shard->stale = graph->forgotten > 0;
    shard->next = head.next;
done:
    rf_positions_clear(&positions);
    rf_shard_head_clear(&head);
    rf_h5_close(&file);
    return st;
}

rf_status rf_shard_claim(rf_shard **out, rf_bigraph *graph, const char *folder, const char *topic,
                         int32_t partition, const char *owner, int64_t wait_us, int64_t *next, rf_err *err)
{
    rf_status st = RF_OK;
    rf_shard *shard = NULL;
    RF_TRY(check_subject(topic, partition, err));
    RF_TRY(rf_path_make_folders(folder, err));
    RF_TRY(new_shard(&shard, folder, topic, partition, err));
    RF_TRY(take_claim(shard, owner, wait_us, err));
    RF_TRY(load(shard, graph, err));
    *next = shard->next;
    *out = shard;
    shard = NULL;
done:
    rf_shard_release(&shard);
    return st;
}

void rf_shard_release(rf_shard **shard)
{
    if (shard == NULL || *shard == NULL)
        return;
    rf_shard *s = *shard;
    rf_claim_close(&s->claim);
    rf_mem_free(s->folder);
    rf_mem_free(s->topic);
    rf_mem_free(s->path);
    rf_mem_free(s->temporary);
    rf_mem_free(s->subject);
    rf_topic_origin_clear(&s->origin);
    rf_mem_free(s);
    *shard = NULL;
}

const rf_topic_origin *rf_shard_origin(const rf_shard *shard)
{
    return &shard->origin;
}

void rf_shard_restart(rf_shard *shard)
{
    shard->next = -1;
}

/* ---- saving ---- */

static rf_status enter(void *context, rf_err *err)
{
    return rf_claim_enter(&((rf_shard *)context)->claim, err);
}

static void leave(void *context)
{
    rf_claim_leave(&((rf_shard *)context)->claim);
}

static rf_status write_state(rf_shard *shard, rf_bigraph *graph, int64_t next, const rf_topic_origin *origin,
                             rf_err *err)
{
    rf_status st = RF_OK;
    rf_h5 *file = NULL;
    const rf_publish_guard guard = {.enter = enter, .leave = leave, .context = shard};
    rf_input_position item = {
        .name = shard->topic, .partition = shard->partition, .offset = next, .origin = *origin};
    const rf_positions positions = {.items = &item, .n = 1};
    int64_t partition = shard->partition;
    if (!graph->sorted)
        RF_TRY(rf_bigraph_flush(graph, err));
    RF_TRY(rf_h5_create_as(&file, shard->path, shard->temporary, err));
    RF_TRY(rf_h5_write_format(file, RF_SHARD_FORMAT, 1, err));
    RF_TRY(rf_h5_write_attr_text(file, "/", "topic", shard->topic, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "partition", &partition, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "epoch", &shard->claim.epoch, 1, err));
    RF_TRY(rf_h5_write_attr_int(file, "/", "next", &next, 1, err));
    RF_TRY(rf_state_write_dedup(file, graph, err));
    RF_TRY(rf_state_write(file, graph, &positions, false, err));
    RF_TRY(rf_h5_commit_guarded(file, &guard, err));
done:
    rf_h5_close(&file);
    return st;
}

/* A failure to write may be a new owner's doing, who removes our temporary file: then that is the reason. */
static rf_status write_as_owner(rf_shard *shard, rf_bigraph *graph, int64_t next,
                                const rf_topic_origin *origin, rf_err *err)
{
    rf_status st = RF_OK;
    rf_err failure = {0};
    rf_status written = write_state(shard, graph, next, origin, &failure);
    if (written < 0) {
        RF_TRY(rf_claim_check(&shard->claim, err));
        RF_FAIL(err, written, "%s", failure.msg);
    }
done:
    return st;
}

rf_status rf_shard_save(rf_shard *shard, rf_bigraph *graph, int64_t next, const rf_topic_origin *origin,
                        rf_err *err)
{
    rf_status st = RF_OK;
    rf_topic_origin saved = {0};
    RF_TRY(rf_bigraph_check_unspent(graph, err));
    if (next < 0 || next < shard->next)
        RF_FAIL(err, RF_E_INTERNAL, "%s: to be saved at offset %" PRId64 ", but it is at %" PRId64 " already",
                shard->subject, next, shard->next);
    RF_TRY(rf_claim_check(&shard->claim, err)); /* not to work in vain */
    /* nothing was read since, from nowhere else, and nothing is too old */
    if (next == shard->next && !shard->stale && rf_topic_origin_equal(origin, &shard->origin))
        return RF_OK;
    RF_TRY(rf_topic_origin_copy(&saved, origin, err));
    RF_TRY(write_as_owner(shard, graph, next, origin, err));
    rf_topic_origin_clear(&shard->origin);
    shard->origin = saved;
    saved = (rf_topic_origin){0};
    shard->next = next;
    shard->stale = false;
done:
    rf_topic_origin_clear(&saved);
    return st;
}

rf_status rf_shard_rewrite(rf_shard *shard, rf_bigraph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    RF_TRY(rf_claim_check(&shard->claim, err));
    RF_TRY(write_as_owner(shard, graph, shard->next, &shard->origin, err));
done:
    return st;
}

bool rf_shard_fenced(const rf_shard *shard)
{
    return shard->claim.lost;
}
