/* truth_words.c - is a value true or false? By the words that the configuration names, else by the usual
 * ones.
 */
#include "truth_words_int.h"

#include <string.h>

#include "field_plan_int.h"
#include "rf_mem.h"
#include "rf_text.h"

static rf_status add_words(rf_truth *truth, const char *const *words, int n, rf_err *err)
{
    for (int i = 0; i < n; i++) {
        truth->words[truth->n] = rf_mem_text(words[i], strlen(words[i]), err);
        if (truth->words[truth->n] == NULL)
            return RF_E_NOMEM;
        truth->n++;
    }
    return RF_OK;
}

rf_status rf_truth_set(rf_truth *truth, const rf_truth_words *words, rf_err *err)
{
    rf_status st = RF_OK;
    *truth = (rf_truth){.n_yes = words->n_yes};
    if (words->n_yes + words->n_no == 0)
        return RF_OK;
    RF_ZERO(truth->words, words->n_yes + words->n_no, err);
    RF_TRY(add_words(truth, words->yes, words->n_yes, err));
    RF_TRY(add_words(truth, words->no, words->n_no, err));
done:
    return st;
}

void rf_truth_clear(rf_truth *truth)
{
    for (int i = 0; i < truth->n; i++)
        rf_mem_free(truth->words[i]);
    rf_mem_free(truth->words);
    *truth = (rf_truth){0};
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_word(rf_span text, const char *word)
{
    size_t len = strlen(word);
    if (text.len != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (lower(text.ptr[i]) != lower(word[i]))
            return false;
    }
    return true;
}

static rf_span trimmed(rf_span text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* "2.0" is the word "2": tables that once held gaps write whole numbers so. */
static int of_own_words(const rf_truth *truth, rf_span text)
{
    int64_t number, word;
    bool is_number = rf_fixed_parse(&number, text.ptr, text.len) == RF_NUMBER_OK;
    for (int i = 0; i < truth->n; i++) {
        const char *own = truth->words[i];
        if (is_word(text, own) ||
            (is_number && rf_fixed_parse(&word, own, strlen(own)) == RF_NUMBER_OK && word == number))
            return i < truth->n_yes;
    }
    return -1;
}

int rf_truth_read(const rf_truth *truth, const rf_raw *raw)
{
    static const char *const yes[] = {"true", "t", "yes", "y"}, *const no[] = {"false", "f", "no", "n"};
    rf_span text = raw->text;
    if (truth->n == 0 && (raw->kind == RF_RAW_TRUE || raw->kind == RF_RAW_FALSE))
        return raw->kind == RF_RAW_TRUE;
    if (raw->kind == RF_RAW_TRUE || raw->kind == RF_RAW_FALSE)
        text = raw->kind == RF_RAW_TRUE ? (rf_span){"true", 4} : (rf_span){"false", 5};
    else if (!rf_raw_has_text(raw))
        return -1;
    if (truth->n == 0 && text.len == 1 && (text.ptr[0] == '0' || text.ptr[0] == '1'))
        return text.ptr[0] == '1';
    if (truth->n == 0 && text.len == 5 && memcmp(text.ptr, "false", 5) == 0)
        return 0;
    text = trimmed(text);
    int own = truth->n == 0 ? -1 : of_own_words(truth, text);
    if (own >= 0)
        return own;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (is_word(text, yes[i]))
            return 1;
        if (is_word(text, no[i]))
            return 0;
    }
    int64_t number;
    if (rf_fixed_parse(&number, text.ptr, text.len) != RF_NUMBER_OK)
        return -1;
    return number == 0 ? 0 : number == RF_FIXED_ONE ? 1 : -1;
}
