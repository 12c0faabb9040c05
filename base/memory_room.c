/* memory_room.c - reads what bounds the memory of this process: see rf_memory_room.h. */
#include "rf_memory_room.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define LONGEST_PATH 4096
#define NO_LIMIT (INT64_MAX / 2) /* the first version of control groups writes a number like it */

static FILE *open_file(const char *root, const char *folder, const char *name)
{
    char path[LONGEST_PATH];
    int n = snprintf(path, sizeof path, "%s%s%s", root, folder, name);
    return n < 0 || (size_t)n >= sizeof path ? NULL : fopen(path, "re");
}

/* The sum of the numbers behind these words, each at the start of a line; -1 if none is there. */
static int64_t numbers_after(FILE *file, const char *const *words, int n_words)
{
    char line[512];
    int64_t sum = -1;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        for (int i = 0; i < n_words; i++) {
            size_t len = strlen(words[i]);
            if (strncmp(line, words[i], len) == 0)
                sum = (sum < 0 ? 0 : sum) + strtoll(line + len, NULL, 10);
        }
    }
    if (file != NULL)
        fclose(file);
    return sum;
}

/* Of a file in /proc that counts kilobytes. */
static int64_t kilobytes(const char *root, const char *name, const char *word)
{
    int64_t kb = numbers_after(open_file(root, "/proc/", name), &word, 1);
    return kb < 0 ? -1 : kb * 1024;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t at_least_0(int64_t x)
{
    return x > 0 ? x : 0;
}

/* ---- limits of the process ---- */

static void read_limit(rf_memory_room *room, rf_memory_bound bound, int resource, int64_t used)
{
    struct rlimit limit;
    if (used < 0 || getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur > INT64_MAX)
        return;
    room->most[bound] = (int64_t)limit.rlim_cur;
    room->left[bound] = at_least_0(room->most[bound] - used);
}

/* ---- control groups ---- */

/* The one number that the file holds; INT64_MAX where it says "max", or is not there. */
static int64_t one_number(const char *root, const char *group, const char *name)
{
    FILE *file = open_file(root, group, name);
    char line[64], *end = line;
    long long value = INT64_MAX;
    if (file != NULL && fgets(line, sizeof line, file) != NULL)
        value = strtoll(line, &end, 10);
    if (file != NULL)
        fclose(file);
    return end == line ? INT64_MAX : value;
}

typedef struct group_files { /* of a version of control groups */
    const char *line;        /* in /proc/self/cgroup */
    const char *mount;
    const char *most, *now, *swap_most, *swap_now;
    bool swap_has_memory; /* the limit on swap counts memory, too */
    const char *dropped[2];
} group_files;

static const group_files versions[] = {
    {"0::/",
     "/sys/fs/cgroup",
     "/memory.max",
     "/memory.current",
     "/memory.swap.max",
     "/memory.swap.current",
     false,
     {"inactive_file ", "active_file "}},
    {":memory:/",
     "/sys/fs/cgroup/memory",
     "/memory.limit_in_bytes",
     "/memory.usage_in_bytes",
     "/memory.memsw.limit_in_bytes",
     "/memory.memsw.usage_in_bytes",
     true,
     {"total_inactive_file ", "total_active_file "}},
};

static void read_group(rf_memory_room *room, const char *root, const char *group, const group_files *files,
                       int64_t free_swap)
{
    int64_t most = one_number(root, group, files->most), now = one_number(root, group, files->now);
    if (most >= NO_LIMIT || now >= NO_LIMIT)
        return;
    int64_t dropped = at_least_0(numbers_after(open_file(root, group, "/memory.stat"), files->dropped, 2));
    int64_t left = at_least_0(most - at_least_0(now - dropped)), swap = free_swap;
    int64_t swap_most = one_number(root, group, files->swap_most);
    int64_t swap_now = one_number(root, group, files->swap_now);
    if (swap_most < NO_LIMIT && swap_now < NO_LIMIT)
        swap = least(swap, at_least_0(swap_most - swap_now - (files->swap_has_memory ? most - now : 0)));
    left += swap;
    if (left < room->left[RF_BOUND_GROUP]) {
        room->most[RF_BOUND_GROUP] = most;
        room->left[RF_BOUND_GROUP] = left;
    }
}

/* The group of this process, then each that it lies in. In a container only the outermost may be there, and
 * is the container's. */
static void read_groups(rf_memory_room *room, const char *root, const group_files *files, int64_t free_swap)
{
    char line[LONGEST_PATH], group[LONGEST_PATH + 32] = "";
    FILE *file = open_file(root, "/proc/", "self/cgroup");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *found = strstr(line, files->line);
        line[strcspn(line, "\n")] = '\0';
        if (found != NULL)
            (void)snprintf(group, sizeof group, "%s%s", files->mount, found + strlen(files->line) - 1);
    }
    if (file != NULL)
        fclose(file);
    while (strlen(group) >= strlen(files->mount) && group[0] != '\0') {
        read_group(room, root, group, files, free_swap);
        *strrchr(group, '/') = '\0';
    }
}

void rf_memory_room_read(rf_memory_room *room, const char *root)
{
    for (int bound = 0; bound < RF_BOUNDS; bound++)
        room->most[bound] = room->left[bound] = INT64_MAX;
    room->resident = at_least_0(kilobytes(root, "self/status", "VmRSS:"));
    read_limit(room, RF_BOUND_ADDRESS, RLIMIT_AS, kilobytes(root, "self/status", "VmSize:"));
    read_limit(room, RF_BOUND_DATA, RLIMIT_DATA, kilobytes(root, "self/status", "VmData:"));
    int64_t free_swap = at_least_0(kilobytes(root, "meminfo", "SwapFree:"));
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        read_groups(room, root, &versions[i], free_swap);
    int64_t memory = kilobytes(root, "meminfo", "MemTotal:");
    int64_t swap = at_least_0(kilobytes(root, "meminfo", "SwapTotal:"));
    if (memory > 0) {
        room->most[RF_BOUND_MACHINE] = memory + swap;
        room->left[RF_BOUND_MACHINE] = at_least_0(memory + swap - room->resident);
    }
    room->available = kilobytes(root, "meminfo", "MemAvailable:");
    if (room->available < 0)
        room->available = INT64_MAX;
}

rf_memory_bound rf_memory_room_breaks(const rf_memory_room *room, int64_t used, int64_t reserved)
{
    const int64_t need[RF_BOUNDS] = {
        [RF_BOUND_ADDRESS] = used + reserved,
        [RF_BOUND_DATA] = used + reserved,
        [RF_BOUND_GROUP] = used,
        [RF_BOUND_MACHINE] = used,
    };
    rf_memory_bound bound = RF_BOUND_ADDRESS;
    while (bound < RF_BOUNDS && need[bound] <= room->left[bound])
        bound++;
    return bound;
}
