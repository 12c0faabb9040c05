/* test_side.c - kinds of entity as files list them, and the paths of their sides. */
#include "rf_check.h"
#include "rf_side.h"

START_TEST(kinds_come_back_from_their_list)
{
    char list[RF_KINDS_LIST];
    const rf_kinds kinds = {3, {"merchant", "device", "card_2"}};
    rf_kinds read;
    ck_assert_str_eq(rf_kinds_list(list, &kinds), "merchant,device,card_2");
    ck_assert(rf_kinds_parse(&read, list));
    ck_assert(rf_kinds_equal(&read, &kinds));
    ck_assert_str_eq(rf_kinds_list(list, &(rf_kinds){0}), "");
    ck_assert(rf_kinds_parse(&read, "") && read.n == 0);
}
END_TEST

START_TEST(the_longest_list_has_room)
{
    char list[RF_KINDS_LIST];
    rf_kinds kinds = {.n = RF_KINDS_MOST}, read;
    for (int k = 0; k < RF_KINDS_MOST; k++) {
        memset(kinds.name[k], 'a' + k, RF_KIND_NAME - 1);
        kinds.name[k][RF_KIND_NAME - 1] = '\0';
    }
    ck_assert(rf_kinds_parse(&read, rf_kinds_list(list, &kinds)));
    ck_assert(rf_kinds_equal(&read, &kinds));
}
END_TEST

START_TEST(other_lists_are_refused)
{
    static const char *const bad[] = {"a,a",
                                      ",a",
                                      "a,B",
                                      "1a",
                                      "a b",
                                      "abcdefghijklmnopqrstuvwxyz0123456789",
                                      "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"};
    rf_kinds read;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!rf_kinds_parse(&read, bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(sides_lie_by_kind)
{
    char path[RF_SIDE_PATH];
    const rf_kinds kinds = {2, {"merchant", "device"}};
    ck_assert_str_eq(rf_side_path(path, &kinds, RF_EDGE, "u"), "/e/u");
    ck_assert_str_eq(rf_side_path(path, &kinds, rf_edge_side(1), "u"), "/kinds/device/e/u");
    ck_assert_str_eq(rf_side_path(path, &kinds, rf_entity_side(1), ""), "/kinds/device/v");
    ck_assert_int_eq(rf_sides(&kinds), 5);
    ck_assert_int_eq(rf_side_role(rf_edge_side(1)), RF_EDGE);
    ck_assert_int_eq(rf_side_kind(rf_entity_side(1)), 1);
}
END_TEST

RF_SUITE("side", kinds_come_back_from_their_list, the_longest_list_has_room, other_lists_are_refused,
         sides_lie_by_kind)
