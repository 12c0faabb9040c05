/* progress.c - the progress line. Its state is the process's, as the terminal's last line is: the log's
 * curtain carries no context.
 */
#include "rf_progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rf_log.h"
#include "rf_table.h"
#include "rf_time.h"

#define REDRAW_S (1.0 / 6)
#define BAR 24

static struct {
    bool wanted, active, drawn;
    const char *step, *unit;
    double started_s, drawn_s;
    int64_t done, total, count;
    int64_t first_done, first_count; /* where a resumed step began: not part of the rate */
    bool first_known;
    char note[48];
} line;

static void wipe(void)
{
    if (line.drawn)
        fputs("\r\033[K", stderr);
    line.drawn = false;
}

static void time_left(char out[32], double now)
{
    double elapsed = now - line.started_s;
    int64_t moved = line.done - line.first_done, left = line.total - line.done;
    out[0] = '\0';
    if (line.total <= 0 || moved <= 0 || elapsed < 0.5)
        return;
    double seconds = elapsed * (double)left / (double)moved;
    if (seconds < 0 || seconds > 360000)
        return;
    int whole = (int)ceil(seconds);
    if (whole >= 3600)
        snprintf(out, 32, "  %d:%02d:%02d left", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(out, 32, "  %d:%02d left", whole / 60, whole % 60);
}

static void bar_text(char out[BAR + 16])
{
    out[0] = '\0';
    if (line.total <= 0)
        return;
    double share = (double)line.done / (double)line.total;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    int full = (int)(share * BAR);
    char cells[BAR + 1];
    memset(cells, '-', BAR);
    memset(cells, '=', (size_t)full);
    cells[BAR] = '\0';
    snprintf(out, BAR + 16, " [%s] %3d%%", cells, (int)(share * 100));
}

static void draw(double now)
{
    char bar[BAR + 16], count[32], rate[48] = "", left[32], text[512];
    double elapsed = now - line.started_s;
    bar_text(bar);
    rf_count_format(count, line.count);
    if (elapsed > 0.2 && line.count > line.first_count) {
        double per_s = (double)(line.count - line.first_count) / elapsed;
        char whole[32];
        if (per_s >= 100)
            snprintf(rate, sizeof rate, "  %s/s", rf_count_format(whole, (int64_t)per_s));
        else
            snprintf(rate, sizeof rate, "  %.1f/s", per_s);
    }
    time_left(left, now);
    snprintf(text, sizeof text, "%s%s  %s %s%s%s%s%s", line.step, bar, count, line.unit, rate, left,
             line.note[0] == '\0' ? "" : "  ", line.note);
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
    int width = (known ? size.ws_col : 100) - 1;
    fprintf(stderr, "\r%.*s\033[K", width, text);
    fflush(stderr);
    line.drawn = true;
    line.drawn_s = now;
}

static void step_aside(bool drawing)
{
    if (!line.active)
        return;
    if (drawing) {
        wipe();
        fflush(stderr);
    } else {
        draw(rf_monotonic_s());
    }
}

void rf_progress_setup(bool wanted)
{
    line.wanted = wanted;
    rf_log_set_curtain(wanted ? step_aside : NULL);
}

void rf_progress_begin(const char *step, const char *unit)
{
    line.active = line.wanted;
    line.step = step;
    line.unit = unit;
    line.started_s = rf_monotonic_s();
    line.drawn_s = 0;
    line.done = line.count = line.first_done = line.first_count = 0;
    line.total = 0;
    line.first_known = false;
    line.note[0] = '\0';
}

void rf_progress_update(int64_t done, int64_t total, int64_t count)
{
    if (!line.active)
        return;
    if (!line.first_known) {
        line.first_done = done;
        line.first_count = count;
        line.first_known = true;
    }
    line.done = done;
    line.total = total;
    line.count = count;
    double now = rf_monotonic_s();
    if (now - line.drawn_s >= REDRAW_S)
        draw(now);
}

void rf_progress_note(const char *note)
{
    snprintf(line.note, sizeof line.note, "%s", note);
}

void rf_progress_end(void)
{
    if (line.active) {
        wipe();
        fflush(stderr);
    }
    line.active = false;
}
