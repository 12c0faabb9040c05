/* null_words.c - the set of texts that mean that there is no value. */
#include "null_words_int.h"

#include <string.h>

#include "rf_mem.h"
#include "rf_source.h"

/* What databases, spreadsheets and programs write where they have nothing. */
const char *const rf_usual_null_values[] = {"NULL", "null", "Null", "(null)",    "NA",
                                            "N/A",  "n/a",  "#N/A", "<NA>",      "NaN",
                                            "nan",  "None", "\\N",  "undefined", "-"};
const int rf_n_usual_null_values = sizeof rf_usual_null_values / sizeof *rf_usual_null_values;

rf_status rf_null_words_set(rf_null_words *set, const char *const *words, int n, rf_err *err)
{
    rf_status st = RF_OK;
    RF_ZERO(set->words, n + 1, err);
    for (; set->n < n; set->n++) {
        const char *word = words[set->n];
        size_t len = strlen(word);
        set->words[set->n] = rf_mem_text(word, len, err);
        if (set->words[set->n] == NULL)
            return RF_E_NOMEM;
        set->lengths |= UINT32_C(1) << (len < 31 ? len : 31);
        set->by_byte[(unsigned char)word[0]] |= UINT32_C(1) << (len < 31 ? len : 31);
    }
done:
    return st;
}

void rf_null_words_clear(rf_null_words *set)
{
    for (int i = 0; i < set->n; i++)
        rf_mem_free(set->words[i]);
    rf_mem_free(set->words);
    *set = (rf_null_words){0};
}

bool rf_null_words_search(const rf_null_words *set, rf_span text)
{
    for (int i = 0; i < set->n; i++) {
        if (strlen(set->words[i]) == text.len && memcmp(set->words[i], text.ptr, text.len) == 0)
            return true;
    }
    return false;
}
