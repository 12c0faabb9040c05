/* test_proposal.c - which columns are proposed for what, and which are left out. */
#include "made_sample.h"

/* ---- columns that say the same, or too much ---- */

static void spelled_row(char *out, int i)
{
    int user = i * 31 % 43;
    sprintf(out, "u%d,name%d,s%d,%d,%d.50,%d.50,252%04d,%s,2024-03-%02d\n", user, user * 7, i * 17 % 23,
            i % 11 + 1, i * 37 % 800, i * 37 % 800, 377 + i % 6,
            i % 9 != 0   ? ""
            : i % 2 == 0 ? "31.20"
                         : "17.00",
            1 + i % 28);
}

START_TEST(columns_that_say_the_same_or_too_much_are_no_attributes)
{
    looked look;
    propose(&look, "spelled.csv",
            "user_id,login,shop_id,items,amount,Converted Amount,kind,Disputed Amount,date\n", 300,
            spelled_row);
    check_says(&look, "login (the same as user_id)");
    check_says(&look, "Converted Amount (the same as amount)");
    check_says(&look, "Disputed Amount (an outcome)");
    check_says(&look, "kind: {type: category, top: 6}");
    check_says(&look, "items: number");
    end(&look);
}
END_TEST

START_TEST(pairs_of_columns_are_compared)
{
    rf_err err = {0};
    looked look;
    rf_column_pair pairs[] = {{.a = 4, .b = 5}, {.a = 0, .b = 1}, {.a = 0, .b = 2}, {.a = 3, .b = 6}};
    propose(&look, "pairs.csv",
            "user_id,login,shop_id,items,amount,Converted Amount,kind,Disputed Amount,date\n", 300,
            spelled_row);
    RF_CHECK_OK(err, rf_compare_columns(pairs, 4, look.sample, &err));
    ck_assert(pairs[0].equal && pairs[0].a_tells_b && pairs[0].b_tells_a);
    ck_assert(!pairs[1].equal && pairs[1].a_tells_b && pairs[1].b_tells_a);
    ck_assert(!pairs[2].equal && !pairs[2].a_tells_b && !pairs[2].b_tells_a);
    ck_assert(!pairs[3].a_tells_b && !pairs[3].b_tells_a);
    end(&look);
}
END_TEST

static void signed_in_row(char *out, int i)
{
    int user = i * 31 % 43;
    sprintf(out,
            "{\"actor\":{\"userName\":\"n%d\",\"user_key\":\"AIDA%d\"},\"bucket\":\"b%d\",\"at\":\"2024-03-%"
            "02dT10:00:00Z\"}\n",
            user, 1000 + user, i * 17 % 23, 1 + i % 28);
}

START_TEST(another_spelling_of_the_user_is_no_entity)
{
    looked look;
    propose(&look, "signed_in.jsonl", "", 300, signed_in_row);
    ck_assert_ptr_nonnull(strstr(rf_proposal_field(look.proposal, RF_ROLE_USER), "actor.user"));
    check_role(&look, RF_ROLE_ENTITY, "bucket");
    end(&look);
}
END_TEST

static void double_colon_row(char *out, int i)
{
    sprintf(out, "%d::%d::%d::%d\n", 1 + i * 31 % 66, 1193 + i * 17 % 44, 1 + i % 5, 978300760 + i * 50);
}

START_TEST(two_colons_between_columns)
{
    looked look;
    propose(&look, "ratings.dat", "", 300, double_colon_row);
    check_says(&look, "delimiter: \":\"");
    check_role(&look, RF_ROLE_USER, "\"#1\"");
    check_role(&look, RF_ROLE_ENTITY, "\"#3\"");
    check_role(&look, RF_ROLE_TIME, "\"#7\"");
    end(&look);
}
END_TEST

static void short_date_row(char *out, int i)
{
    sprintf(out, "%d.%d,s%d,93%02d%02d,03/%02d/2024\n", 1000000000 + i * 31 % 43, 1700000000 + i * 31 % 43,
            i * 17 % 23, 1 + i % 12, 1 + i % 28, 1 + i / 30);
}

START_TEST(short_dates_and_long_ids)
{
    looked look;
    propose(&look, "short.csv", "user_pseudo_id,shop,date,paid\n", 300, short_date_row);
    check_role(&look, RF_ROLE_USER, "user_pseudo_id");
    check_says(&look, "{field: date, format: \"%y%m%d\"}");
    ck_assert_str_eq(look.proposal->types[3].pattern, "%m/%d/%Y");
    ck_assert(look.proposal->types[3].day_first_unsure);
    end(&look);
}
END_TEST

/* ---- moments ---- */

static void told_apart(const char *name, const char *head, void (*row)(char *out, int i), const char *time)
{
    looked look;
    propose(&look, name, head, 300, row);
    check_says(&look, time);
    end(&look);
}

static void oracle_row(char *out, int i)
{
    static const char *const months[] = {"JAN", "FEB", "MAR"};
    sprintf(out, "u%d,s%d,%02d-%s-26 %02d.%02d.37.000000 %s,%d\n", i * 31 % 43, i * 17 % 23, 1 + i % 28,
            months[i * 7 % 3], 1 + i % 12, i % 60, i % 5 < 2 ? "AM" : "PM", i);
}

static void short_month_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,%02d-Mar-26 %02d:%02d,%d\n", i * 31 % 43, i * 17 % 23, 1 + i % 28, i * 7 % 24,
            i % 60, i);
}

static void server_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,Mar %2d 2026 %2d:%02d%s,%d\n", i * 31 % 43, i * 17 % 23, 1 + i % 28, 1 + i % 12,
            i % 60, i % 5 < 2 ? "AM" : "PM", i);
}

static void serial_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,%d.%05d,%d\n", i * 31 % 43, i * 17 % 23, 46082 + i / 20, i * 331 % 100000, i);
}

static void serial_day_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,%d,%d\n", i * 31 % 43, i * 17 % 23, 46082 + i / 20, i);
}

static void digits_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,202603%02d,%02d%02d%02d\n", i * 31 % 43, i * 17 % 23, 1 + i / 12, i * 7 % 24,
            i * 11 % 60, i * 13 % 60);
}

START_TEST(moments_as_databases_and_spreadsheets_write_them)
{
    told_apart("oracle.csv", "user,shop,TXN_TS,amount\n", oracle_row, "format: \"%d-%b-%y %I.%M.%S.%f %p\"");
    told_apart("months.csv", "user,shop,When,amount\n", short_month_row, "format: \"%d-%b-%y %H:%M\"");
    told_apart("server.csv", "user,shop,created,amount\n", server_row, "format: \"%b %d %Y %I:%M %p\"");
    told_apart("serial.csv", "user,shop,date,amount\n", serial_row,
               "{field: date, format: d, since: 1899-12-30}");
    told_apart("days.csv", "user,shop,date,amount\n", serial_day_row,
               "{field: date, format: d, since: 1899-12-30}");
    told_apart("digits.csv", "user,shop,date,time\n", digits_row,
               "{field: [date, time], format: \"%Y%m%d %H%M%S\"}");
}
END_TEST

static void access_row(char *out, int i)
{
    sprintf(out, "203.0.113.%d - user%d [%02d/Feb/2026:%02d:%02d:%02d +0200] \"GET /p/%d\" 200\n",
            i * 31 % 43, i * 17 % 23, 1 + i / 12, i * 7 % 24, i * 11 % 60, i * 13 % 60, i % 29);
}

START_TEST(an_offset_in_the_next_column_belongs_to_the_moment)
{
    looked look;
    propose(&look, "access.log", "", 300, access_row);
    check_says(&look, "{field: [\"#4\", \"#5\"], format: \"[%d/%b/%Y:%H:%M:%S %z]\"}");
    check_no_doubt(&look, "it has no offset");
    end(&look);
}
END_TEST

static void trip_row(char *out, int i)
{
    sprintf(out,
            "%d,r%d,d%d,2026-02-%02dT10:%02d:00Z,2026-02-%02dT11:%02d:00Z,2025-%02d-01T00:00:00Z,%d,%d.5\n",
            5000 + i * 3, i * 31 % 43, i * 17 % 23, 1 + i / 12, i % 60, 1 + i / 12, i % 60, 1 + i * 5 % 12,
            i * 7 % 1900, i % 50);
}

START_TEST(what_lies_behind_the_event_is_no_age)
{
    looked look;
    propose(&look, "trips.csv",
            "bookingid,rider_id,driver_id,request_at,arrival_at,member_from,rider_playtime,fare\n", 300,
            trip_row);
    check_says(&look, "arrival_at (a moment after the event)");
    check_says(&look, "member_from_days: {type: age, from: member_from}");
    check_says(&look, "rider_playtime: {type: number");
    check_role(&look, RF_ROLE_EVENT_ID, "bookingid");
    end(&look);
}
END_TEST

static void statement_row(char *out, int i)
{
    sprintf(out, "Current,shop %d,2026-02-%02d,%d.5\n", i * 17 % 23, 1 + i / 12, i % 50);
}

START_TEST(a_side_of_one_is_doubted)
{
    looked look;
    propose(&look, "statement.csv", "Product,Description,date,amount\n", 300, statement_row);
    check_doubts(&look, "entity: all records have the same \"Product\", so nothing can be compared");
    end(&look);
}
END_TEST

/* ---- currencies ---- */

static void currencies_row(char *out, int i)
{
    static const char *const signs[] = {"USD", "EUR", "GBP"};
    sprintf(out, "u%d,s%d,2024-03-%02d,%s %d.50,%s\n", i * 31 % 43, i * 17 % 23, 1 + i % 28,
            signs[i * i % 7 % 3], 1 + i * 37 % 800, signs[i * i % 7 % 3]);
}

START_TEST(amounts_in_several_currencies_are_read_and_said)
{
    looked look;
    propose(&look, "currencies.csv", "user,shop,date,amount,currency\n", 300, currencies_row);
    check_says(&look, "numbers: {currency: [EUR, USD, GBP]}");
    check_says(&look, "amount: {type: number, log1p: true}");
    check_doubts(&look, "amounts are in several currencies (EUR, USD, GBP), and nothing converts them");
    check_doubts(&look, "such as \"currency = USD\"");
    end(&look);
}
END_TEST

static void alternating_row(char *out, int i)
{
    sprintf(out, "u%d,s%d,2024-03-%02d,%s %d.50\n", i * 31 % 43, i * 17 % 23, 1 + i % 28,
            i % 2 == 0 ? "USD" : "EUR", 1 + i * 37 % 800);
}

START_TEST(what_alternates_from_record_to_record_is_met)
{
    looked look;
    propose(&look, "alternating.csv", "user,shop,date,amount\n", 3000, alternating_row);
    check_says(&look, "numbers: {currency: [EUR, USD]}");
    end(&look);
}
END_TEST

/* One document with all events in a list. */
static void listed_row(char *out, int i)
{
    int buyer = i * 31 % 43;
    sprintf(out,
            "%s{\"id\":\"o%d\",\"buyer\":{\"id\":\"b%d\",\"login\":\"n%d\"},\"seller\":{\"id\":\"s%d\"},"
            "\"flagged\":\"%s\",\"at\":%d}%s",
            i == 0 ? "{\"data\":[" : ",", 5000 + i, 100 + buyer, buyer, 100 + i * 17 % 23,
            i % 20 == 0 ? "fraud" : "legit", 1700000000 + i * 60, i == 299 ? "]}" : "");
}

START_TEST(items_are_compared_one_by_one)
{
    looked look;
    propose(&look, "listed.json", "", 300, listed_row);
    check_role(&look, RF_ROLE_USER, "\"data[*].buyer.id\"");
    check_role(&look, RF_ROLE_ENTITY, "\"data[*].seller.id\"");
    check_role(&look, RF_ROLE_EVENT_ID, "\"data[*].id\"");
    check_role(&look, RF_ROLE_LABEL, "\"data[*].flagged\"");
    check_says(&look, "data[*].buyer.login (the same as data[*].buyer.id)");
    end(&look);
}
END_TEST

static void log_row(char *out, int i)
{
    sprintf(out, "%d,U%d@D,C%d,%s,Logon\n", 1 + i / 4, 100 + i * 31 % 43, 100 + i * 17 % 23,
            i % 3 == 0 ? "NTLM" : "Kerberos");
}

START_TEST(steps_of_a_log_without_names_are_its_time)
{
    looked look;
    propose(&look, "log.txt", "", 300, log_row);
    check_role(&look, RF_ROLE_TIME, "\"#1\"");
    check_role(&look, RF_ROLE_USER, "\"#2\"");
    check_role(&look, RF_ROLE_ENTITY, "\"#3\"");
    end(&look);
}
END_TEST

static void kept_name_row(char *out, int i)
{
    sprintf(out, "2024.03.%02d.;4539%04d;Bolt %d;%d 0%02d,00;%s\n", 1 + i % 28, i * 31 % 43, i * 17 % 23,
            1 + i % 9, i % 99, i % 20 == 0 ? "igen" : "nem");
}

START_TEST(names_of_other_languages_stay_whole)
{
    looked look;
    propose(&look, "magyar.csv",
            "D\xC3\xA1tum;K\xC3\xA1rtyasz\xC3\xA1m;Keresked\xC5\x91;\xC3\x96ssz\xC5\x91;Csal\xC3\xA1s\n", 300,
            kept_name_row);
    check_role(&look, RF_ROLE_USER, "\"K\xC3\xA1rtyasz\xC3\xA1m\"");
    check_role(&look, RF_ROLE_ENTITY, "\"Keresked\xC5\x91\"");
    check_role(&look, RF_ROLE_LABEL, "\"Csal\xC3\xA1s\"");
    check_says(&look, "\"\xC3\x96ssz\xC5\x91\": ");
    check_says(&look, "format: \"%Y.%m.%d.\"");
    end(&look);
}
END_TEST

/* time, bank, account, bank, account: each bank has several accounts */
static void bare_transfer_row(char *out, int i)
{
    int from = i * 31 % 59, to = i * 17 % 47;
    sprintf(out, "2024-03-%02d 10:%02d,0%d,8F%04dA,0%d,8C%04dB,%d.25\n", 1 + i % 28, i % 60, 10 + from / 6,
            from * 13, 40 + to / 5, to * 11, i * 37 % 900);
}

START_TEST(a_bank_and_its_accounts_are_not_both_sides)
{
    looked look;
    propose(&look, "transfers.csv", "", 400, bare_transfer_row);
    check_role(&look, RF_ROLE_USER, "\"#3\"");
    check_role(&look, RF_ROLE_ENTITY, "\"#5\"");
    ck_assert_ptr_null(strstr(look.yaml.ptr, "8F"));
    ck_assert_ptr_null(strstr(look.yaml.ptr, "8C"));
    end(&look);
}
END_TEST

static void mixed_row(char *out, int i)
{
    if (i % 3 == 0)
        sprintf(out, "{\"type\":\"heartbeat\",\"ts\":%d}\n", 1700000000 + i);
    else
        sprintf(out, "{\"type\":\"%s\",\"ts\":%d,\"user\":\"u%d\",\"shop\":\"s%d\"}\n",
                i % 3 == 1 ? "order" : "refund", 1700000000 + i, 1000 + i * 31 % 40, 100 + i * 7 % 11);
}

START_TEST(other_kinds_of_records_are_not_wanted)
{
    looked look;
    propose(&look, "mixed.jsonl", "", 300, mixed_row);
    check_says(&look, "type in order, refund");
    end(&look);
}
END_TEST

static void text_row(char *out, int i)
{
    sprintf(out, "{\"a.b\":\"x%d\",\"q\\u0022\":%d,\"user\":\"u%d\",\"shop\":\"s%d\"}\n", i % 5, i,
            1000 + i % 40, 100 + i % 11);
}

START_TEST(odd_keys_are_written_so_that_they_are_found)
{
    looked look;
    propose(&look, "odd.jsonl", "", 100, text_row);
    check_says(&look, "field: \"a\\\\.b\"");
    check_says(&look, "field: \"q\\\"\"");
    end(&look);
}
END_TEST

static void flags_row(char *out, int i)
{
    sprintf(out,
            "{\"user\":\"u%d\",\"shop\":\"s%d\",\"time\":%d,\"refund\":%s,\"declined\":%s,\"online\":%s}\n",
            i * 7 % 31, i * 5 % 17, 1700000000 + i * 60, i % 40 == 3 ? "true" : "false",
            i % 50 == 9 ? "true" : "false", i % 40 == 3 ? "true" : "false");
}

START_TEST(flags_are_compared_by_their_values)
{
    looked look;
    propose(&look, "flags.jsonl", "", 400, flags_row);
    check_says(&look, "refund: boolean");
    check_says(&look, "declined: boolean");
    check_says(&look, "online (the same as refund)");
    end(&look);
}
END_TEST

RF_SUITE("proposal", columns_that_say_the_same_or_too_much_are_no_attributes, pairs_of_columns_are_compared,
         another_spelling_of_the_user_is_no_entity, two_colons_between_columns, short_dates_and_long_ids,
         moments_as_databases_and_spreadsheets_write_them, an_offset_in_the_next_column_belongs_to_the_moment,
         what_lies_behind_the_event_is_no_age, a_side_of_one_is_doubted,
         amounts_in_several_currencies_are_read_and_said, what_alternates_from_record_to_record_is_met,
         items_are_compared_one_by_one, steps_of_a_log_without_names_are_its_time,
         names_of_other_languages_stay_whole, a_bank_and_its_accounts_are_not_both_sides,
         other_kinds_of_records_are_not_wanted, odd_keys_are_written_so_that_they_are_found,
         flags_are_compared_by_their_values)
