/* files_ahead.c - events in batches: a thread reads and decodes ahead of the caller, into a ring of them.
 *
 * Reading and adding to the graph take about as long, so two threads share the work. Batches are filled and
 * handed out in their order, so the caller meets the same events, rejects and positions as without the
 * thread. A thread is woken only when it waits, and there is enough for it. Without a thread the caller fills
 * the only batch itself, with the records that the reader's buffer holds: their texts stay where they are.
 */
#include "files_ahead_int.h"

#include <pthread.h>
#include <string.h>

#include "avro_json_int.h"
#include "rf_mem.h"
#include "rf_thread.h"

enum {
    BATCHES = 16,
    WAKE = BATCHES / 4,     /* batches that are worth waking the other side for */
    MOST_FILTERED = 4096,   /* of a batch: the caller looks at the clock between two */
    USUAL_EVENT_BYTES = 512 /* with its texts */
};
#define ALIGNMENT 16u

struct rf_ahead {
    rf_files_reader reader;
    pthread_t thread;
    bool runs;  /* until it is joined */
    bool alone; /* there is no thread */
    pthread_mutex_t lock;
    pthread_cond_t filled, drained;
    size_t n_filled,
        n_taken;     /* batches since the start; those between belong to the caller, or wait for it */
    bool over, stop; /* the last batch is filled; the thread shall end */
    bool reader_waits, caller_waits, handed_out;
    size_t cap, most; /* bytes of a batch; the most that an event can have */
    rf_json *shown;   /* a record that was rejected and is no text */
    rf_files_batch batches[BATCHES];
};

/* ---- the reading thread ---- */

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

static void begin(rf_files_batch *batch)
{
    batch->n = batch->used = 0;
    batch->filtered = 0;
    batch->mid_record = false;
    batch->end = RF_OK;
    batch->err = (rf_err){0};
}

/* Where the next event goes; NULL: the batch is full. */
static rf_event *room(const rf_ahead *ahead, const rf_files_batch *batch)
{
    bool full = batch->n == RF_SOURCE_MANY || batch->filtered >= MOST_FILTERED ||
                ahead->cap - batch->used < ahead->most;
    return full ? NULL : (rf_event *)(void *)(batch->bytes + batch->used);
}

static void add_event(const rf_ahead *ahead, rf_files_batch *batch, rf_event *event)
{
    const rf_files_reader *reader = &ahead->reader;
    size_t fixed = rf_decoder_event_bytes(reader->decoder);
    const rf_span stays = ahead->alone ? reader->held(reader->context) : (rf_span){0};
    size_t texts = rf_decoder_keep_texts(reader->decoder, event, stays, (char *)event + fixed);
    batch->events[batch->n++] = event;
    batch->used += aligned(fixed + texts);
}

/* The reader goes on to other records: this one is copied, as people will see it, for its schema may go. */
static rf_status keep_record(const rf_ahead *ahead, rf_files_batch *batch, const rf_record *record,
                             rf_err *err)
{
    rf_status st = RF_OK;
    const rf_span part = batch->reject.part;
    const rf_span text =
        rf_avro_shown(ahead->shown, batch->reject.schema, batch->reject.before, record->text);
    rf_text_reset(&batch->text);
    RF_TRY(rf_text_add(&batch->text, text.ptr, text.len, err));
    batch->record = *record;
    batch->record.text = (rf_span){batch->text.ptr, batch->text.len};
    batch->reject.schema = NULL;
    if (part.ptr != NULL)
        batch->reject.part.ptr = batch->text.ptr + (part.ptr - record->text.ptr);
done:
    return st;
}

/* Where the buffer is held, it lacks the next record, or there is a wish to stop: the next batch will know.
 */
static rf_status interrupted(const rf_ahead *ahead, rf_files_batch *batch)
{
    batch->err = (rf_err){0};
    return ahead->alone && batch->n > 0 ? RF_OK : RF_TIMEOUT;
}

/* Up to the batch's end. */
static void fill(rf_ahead *ahead, rf_files_batch *batch)
{
    const rf_files_reader *reader = &ahead->reader;
    begin(batch);
    for (rf_event *event; (event = room(ahead, batch)) != NULL;) {
        const rf_record *record = NULL;
        rf_status st = reader->next(reader->context, event, &record, &batch->reject, &batch->err);
        if (st >= 0 && st != RF_EOF && st != RF_TIMEOUT)
            batch->mid_record = event->more;
        if (st == RF_OK) {
            add_event(ahead, batch, event);
            if (batch->n == 1 && ahead->alone)
                reader->hold(reader->context, true);
        } else if (st == RF_SKIPPED && batch->reject.code == RF_REJECT_FILTERED) {
            batch->filtered++;
        } else {
            if (st == RF_SKIPPED && keep_record(ahead, batch, record, &batch->err) < 0)
                st = RF_E_NOMEM;
            if (st != RF_TIMEOUT)
                batch->end = st == RF_E_INTERRUPTED ? interrupted(ahead, batch) : st;
            break;
        }
    }
    if (ahead->alone)
        reader->hold(reader->context, false);
    reader->place(reader->context, &batch->behind);
}

/* The next batch to be filled; NULL: it is time to end. */
static rf_files_batch *await_room(rf_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    ahead->reader_waits = ahead->n_filled - ahead->n_taken == BATCHES;
    while (ahead->reader_waits && !ahead->stop)
        pthread_cond_wait(&ahead->drained, &ahead->lock);
    bool stop = ahead->stop;
    pthread_mutex_unlock(&ahead->lock);
    return stop ? NULL : &ahead->batches[ahead->n_filled % BATCHES];
}

static void *run(void *argument)
{
    rf_ahead *ahead = argument;
    bool over = false;
    for (rf_files_batch *batch; !over && (batch = await_room(ahead)) != NULL;) {
        fill(ahead, batch);
        over = batch->end == RF_EOF || batch->end < 0;
        pthread_mutex_lock(&ahead->lock);
        ahead->n_filled++;
        ahead->over = over;
        bool enough = over || batch->end == RF_TIMEOUT || ahead->n_filled - ahead->n_taken >= WAKE;
        bool wake = ahead->caller_waits && enough;
        ahead->caller_waits = ahead->caller_waits && !wake;
        pthread_mutex_unlock(&ahead->lock);
        if (wake)
            pthread_cond_signal(&ahead->filled);
    }
    return NULL;
}

/* ---- the caller ---- */

rf_files_batch *rf_ahead_next(rf_ahead *ahead)
{
    if (ahead->alone) {
        fill(ahead, &ahead->batches[0]);
        return &ahead->batches[0];
    }
    pthread_mutex_lock(&ahead->lock);
    if (ahead->handed_out)
        ahead->n_taken++;
    ahead->handed_out = true;
    bool wake = ahead->reader_waits && ahead->n_filled - ahead->n_taken <= BATCHES - WAKE;
    ahead->reader_waits = ahead->reader_waits && !wake;
    if (wake)
        pthread_cond_signal(&ahead->drained);
    ahead->caller_waits = ahead->n_filled == ahead->n_taken && !ahead->over;
    while (ahead->caller_waits)
        pthread_cond_wait(&ahead->filled, &ahead->lock);
    pthread_mutex_unlock(&ahead->lock);
    return &ahead->batches[ahead->n_taken % BATCHES];
}

static rf_status new_batch(const rf_ahead *ahead, rf_files_batch *batch, rf_err *err)
{
    rf_status st = RF_OK;
    RF_NEW(batch->bytes, ahead->cap, err);
done:
    return st;
}

rf_status rf_ahead_start(rf_ahead **out, const rf_files_reader *reader, bool thread, rf_err *err)
{
    rf_status st = RF_OK;
    rf_ahead *ahead = NULL;
    RF_ZERO(ahead, 1, err);
    ahead->alone = !thread;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->filled, NULL);
    pthread_cond_init(&ahead->drained, NULL);
    ahead->reader = *reader;
    RF_TRY(rf_json_new(&ahead->shown, err));
    /* an event is filled as the whole struct that it is, though what follows its last value is used otherwise
     */
    ahead->most = aligned(sizeof(rf_event)) + rf_decoder_most_text(reader->decoder) + ALIGNMENT;
    ahead->cap = ahead->most + (size_t)RF_SOURCE_MANY * USUAL_EVENT_BYTES;
    RF_TRY(new_batch(ahead, &ahead->batches[0], err));
    for (int i = 1; thread && i < BATCHES; i++)
        RF_TRY(new_batch(ahead, &ahead->batches[i], err));
    if (thread && rf_thread_start(&ahead->thread, run, ahead) == 0)
        ahead->runs = true;
    else
        ahead->alone = true;
    *out = ahead;
    ahead = NULL;
done:
    rf_ahead_free(ahead);
    return st;
}

void rf_ahead_stop(rf_ahead *ahead)
{
    if (!ahead->runs)
        return;
    pthread_mutex_lock(&ahead->lock);
    ahead->stop = true;
    pthread_mutex_unlock(&ahead->lock);
    pthread_cond_signal(&ahead->drained);
    pthread_join(ahead->thread, NULL);
    ahead->runs = false;
}

void rf_ahead_free(rf_ahead *ahead)
{
    if (ahead == NULL)
        return;
    rf_ahead_stop(ahead);
    for (int i = 0; i < BATCHES; i++) {
        rf_mem_free(ahead->batches[i].bytes);
        rf_text_clear(&ahead->batches[i].text);
    }
    rf_json_free(ahead->shown);
    pthread_cond_destroy(&ahead->drained);
    pthread_cond_destroy(&ahead->filled);
    pthread_mutex_destroy(&ahead->lock);
    rf_mem_free(ahead);
}
