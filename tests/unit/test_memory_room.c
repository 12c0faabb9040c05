/* test_memory_room.c - what bounds memory is read right, from made-up files of the kernel. */
#include "rf_check.h"
#include "rf_memory_room.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MB ((int64_t)1 << 20)

static char root[RF_TEST_PATH];

static void put(const char *path, const char *text)
{
    char full[2 * RF_TEST_PATH], command[3 * RF_TEST_PATH];
    snprintf(full, sizeof full, "%s%s", root, path);
    snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", full);
    ck_assert_int_eq(system(command), 0);
    FILE *file = fopen(full, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* A machine of 1,000 MB with 100 MB of swap, half of it free; this process has 10 MB. */
static void machine(const char *name)
{
    (void)rf_tmp_path(root, name);
    put("/proc/self/status",
        "Name:\tx\nVmPeak:\t99 kB\nVmSize:\t 51200 kB\nVmRSS:\t 10240 kB\nVmData:\t 20480 kB\n");
    put("/proc/meminfo",
        "MemTotal: 1024000 kB\nMemFree: 1 kB\nMemAvailable: 409600 kB\nSwapTotal: 102400 kB\n"
        "SwapFree: 51200 kB\n");
}

START_TEST(the_machine_bounds_with_its_swap)
{
    rf_memory_room room;
    machine("machine0");
    rf_memory_room_read(&room, root);
    ck_assert_int_eq(room.resident, 10 * MB);
    ck_assert_int_eq(room.available, 400 * MB);
    ck_assert_int_eq(room.most[RF_BOUND_MACHINE], 1100 * MB);
    ck_assert_int_eq(room.left[RF_BOUND_MACHINE], 1090 * MB);
    ck_assert_int_eq(room.left[RF_BOUND_GROUP], INT64_MAX);
    ck_assert_int_eq(rf_memory_room_breaks(&room, 1090 * MB, 5000 * MB), RF_BOUND_NONE);
    ck_assert_int_eq(rf_memory_room_breaks(&room, 1090 * MB + 1, 0), RF_BOUND_MACHINE);
}
END_TEST

START_TEST(the_tightest_of_nested_groups_bounds)
{
    rf_memory_room room;
    machine("machine1");
    put("/proc/self/cgroup", "0::/a/b\n");
    put("/sys/fs/cgroup/a/b/memory.max", "max\n");
    put("/sys/fs/cgroup/a/b/memory.current", "1048576\n");
    put("/sys/fs/cgroup/a/memory.max", "209715200\n"); /* 200 MB, 90 MB used, 30 MB of that are file pages */
    put("/sys/fs/cgroup/a/memory.current", "94371840\n");
    put("/sys/fs/cgroup/a/memory.stat", "anon 62914560\ninactive_file 20971520\nactive_file 10485760\n");
    put("/sys/fs/cgroup/a/memory.swap.max", "0\n");
    put("/sys/fs/cgroup/a/memory.swap.current", "0\n");
    rf_memory_room_read(&room, root);
    ck_assert_int_eq(room.most[RF_BOUND_GROUP], 200 * MB);
    ck_assert_int_eq(room.left[RF_BOUND_GROUP], 140 * MB);
    put("/sys/fs/cgroup/a/memory.swap.max", "max\n"); /* then the machine's free swap helps */
    rf_memory_room_read(&room, root);
    ck_assert_int_eq(room.left[RF_BOUND_GROUP], 190 * MB);
    ck_assert_int_eq(rf_memory_room_breaks(&room, 191 * MB, 0), RF_BOUND_GROUP);
}
END_TEST

/* The path in /proc is the host's, and is not there inside. */
START_TEST(a_container_has_only_its_outermost_group)
{
    rf_memory_room room;
    machine("machine2");
    put("/proc/self/cgroup", "5:devices:/x\n4:memory:/docker/0123\n0::/\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "104857600\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "52428800\n");
    put("/sys/fs/cgroup/memory/memory.stat",
        "inactive_file 7\ntotal_inactive_file 10485760\ntotal_active_file 0\n");
    put("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes", "104857600\n");
    put("/sys/fs/cgroup/memory/memory.memsw.usage_in_bytes", "52428800\n");
    rf_memory_room_read(&room, root);
    ck_assert_int_eq(room.most[RF_BOUND_GROUP], 100 * MB);
    ck_assert_int_eq(room.left[RF_BOUND_GROUP], 60 * MB);
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    rf_memory_room_read(&room, root);
    ck_assert_int_eq(room.left[RF_BOUND_GROUP], INT64_MAX);
}
END_TEST

START_TEST(limits_of_the_process_count_what_is_reserved)
{
    rf_memory_room room;
    struct rlimit before, limit;
    machine("machine3");
    ck_assert_int_eq(getrlimit(RLIMIT_DATA, &before), 0);
    limit = (struct rlimit){(rlim_t)(INT64_C(1) << 40), before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &limit), 0);
    rf_memory_room_read(&room, root);
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &before), 0);
    ck_assert_int_eq(room.most[RF_BOUND_DATA], INT64_C(1) << 40);
    ck_assert_int_eq(room.left[RF_BOUND_DATA], (INT64_C(1) << 40) - 20 * MB);
    ck_assert_int_eq(rf_memory_room_breaks(&room, 0, INT64_C(1) << 40), RF_BOUND_DATA);
    ck_assert_int_eq(rf_memory_room_breaks(&room, 0, INT64_C(1) << 39), RF_BOUND_NONE);
}
END_TEST

START_TEST(what_cannot_be_read_bounds_nothing)
{
    rf_memory_room room;
    rf_memory_room_read(&room, "/nowhere");
    for (int bound = 0; bound < RF_BOUNDS; bound++)
        ck_assert_int_eq(room.left[bound], INT64_MAX);
    ck_assert_int_eq(room.available, INT64_MAX);
    rf_memory_room_read(&room, ""); /* of this machine */
    ck_assert_int_gt(room.resident, MB / 4);
    ck_assert_int_gt(room.most[RF_BOUND_MACHINE], room.resident);
}
END_TEST

RF_SUITE("memory_room", the_machine_bounds_with_its_swap, the_tightest_of_nested_groups_bounds,
         a_container_has_only_its_outermost_group, limits_of_the_process_count_what_is_reserved,
         what_cannot_be_read_bounds_nothing)
