/* column_type.c - what the values of a column mean: a flag, a number by which style, a time (column_time.c).
 * Tried on the values that column_stats.c kept, by the readers of a build.
 */
#include "sample_int.h"

#include <math.h>
#include <string.h>

#include "number_text_int.h"

#define SURE RF_TYPE_SURE
#define LIKELY RF_TYPE_LIKELY

/* ---- numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static double share_of_style(const rf_sample_column *column, const rf_number_style *style)
{
    int reads = 0;
    int64_t ignored;
    for (int i = 0; i < column->n_kept; i++)
        reads += rf_number_read(&ignored, style, (rf_span){column->kept[i].text, column->kept[i].len}) ==
                 RF_NUMBER_OK;
    return column->n_kept == 0 ? 0 : (double)reads / column->n_kept;
}

static const char *const signs[] = {
    "US$",          "R$",        "A$",       "C$",           "HK$",          "NT$",          "$",
    "\xE2\x82\xAC", "\xC2\xA3",  "\xC2\xA5", "\xE2\x82\xB9", "\xE2\x82\xBD", "\xE2\x82\xA9", "\xE2\x82\xBA",
    "EUR",          "USD",       "GBP",      "CHF",          "JPY",          "CNY",          "INR",
    "BRL",          "PLN",       "SEK",      "NOK",          "DKK",          "SGD",          "AUD",
    "CAD",          "z\xC5\x82", "kr.",      "kr",           "Kr",           "Rs.",          "Rs",
    "Fr.",          "RM",        "Rp"};
#define N_SIGNS (sizeof signs / sizeof *signs)

/* The sign at an end of a text that has digits; N_SIGNS: there is none. */
static size_t sign_of(rf_span text)
{
    bool has_digits = false;
    text = rf_number_trimmed(text);
    while (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '('))
        text = (rf_span){text.ptr + 1, text.len - 1};
    for (size_t at = 0; at < text.len; at++)
        has_digits = has_digits || is_digit(text.ptr[at]);
    for (size_t i = 0; has_digits && i < N_SIGNS; i++) {
        const size_t len = strlen(signs[i]);
        if (text.len > len &&
            (memcmp(text.ptr, signs[i], len) == 0 || memcmp(text.ptr + text.len - len, signs[i], len) == 0))
            return i;
    }
    return N_SIGNS;
}

/* The signs that stand at an end of most values, each in more than one; none where they do not. */
static int signs_of(const char *found[RF_TYPE_SIGNS], const rf_sample_column *column)
{
    int with[N_SIGNS + 1] = {0}, all = 0, n = 0;
    for (int k = 0; k < column->n_kept; k++)
        with[sign_of((rf_span){column->kept[k].text, column->kept[k].len})]++;
    for (size_t i = 0; i < N_SIGNS; i++)
        all += with[i];
    if (all < LIKELY * column->n_kept)
        return 0;
    for (size_t i = 0; i < N_SIGNS && n < RF_TYPE_SIGNS; i++) {
        if (with[i] > (column->n_kept > 50))
            found[n++] = signs[i];
    }
    return n;
}

/* Every comma has three digits behind it, and no other mark is there: it parts thousands, or begins decimals
 * of three digits; the first is the rule. */
static bool commas_part_thousands(const rf_sample_column *column)
{
    for (int i = 0; i < column->n_kept; i++) {
        const char *comma = memchr(column->kept[i].text, ',', column->kept[i].len);
        if (comma == NULL)
            continue;
        size_t digits = strspn(comma + 1, "0123456789");
        if (digits != 3 ||
            (comma[4] != '\0' && comma[4] != ',' && comma[4] != '.' && comma[4] != ')' && comma[4] != ' '))
            return false;
    }
    return true;
}

static const struct {
    int decimal, thousands;
} styles[] = {{0, ','}, {',', 0}, {',', '.'}, {0, ' '}, {',', ' '}, {0, '\''}, {0, 0}};
#define N_STYLES (int)(sizeof styles / sizeof *styles)

/* Between digits of some value there is nothing but such bytes. */
static bool parts_digits(const rf_sample_column *column, const char *bytes)
{
    for (int i = 0; i < column->n_kept; i++) {
        const char *text = column->kept[i].text, *at = text;
        while ((at = strpbrk(at, bytes)) != NULL) {
            const size_t n = strspn(at, bytes);
            if (at > text && is_digit(at[-1]) && is_digit(at[n]))
                return true;
            at += n;
        }
    }
    return false;
}

/* The marks that the style reads do occur. */
static bool has_marks(const rf_sample_column *column, const rf_number_style *style)
{
    const char decimal[] = {(char)style->decimal, '\0'}, thousands[] = {(char)style->thousands, '\0'};
    const char *spaces = " \xC2\xA0\xE2\x80\xAF"; /* the bytes of any kind of space */
    return (style->decimal == 0 || parts_digits(column, decimal)) &&
           (style->thousands == 0 || parts_digits(column, style->thousands == ' ' ? spaces : thousands));
}

static void add_signs(const char **all, int *n_all, const char *const *some, int n)
{
    for (int i = 0; i < n; i++) {
        int at = 0;
        while (at < *n_all && all[at] != some[i])
            at++;
        if (at == *n_all && at < RF_TYPE_SIGNS)
            all[(*n_all)++] = some[i];
    }
}

rf_status rf_columns_style(rf_number_style *out, const char **currency, int *n_currency,
                           const rf_sample_column *columns, int n, rf_err *err)
{
    double votes[N_STYLES] = {0};
    const rf_number_style plain = {0};
    (void)err;
    *n_currency = 0;
    for (int c = 0; c < n; c++) {
        if (columns[c].n_kept == 0 || columns[c].texts == 0 || share_of_style(&columns[c], &plain) >= SURE)
            continue;
        const char *found[RF_TYPE_SIGNS];
        const int n_found = signs_of(found, &columns[c]);
        bool commas = commas_part_thousands(&columns[c]);
        for (int i = 0; i < N_STYLES; i++) {
            rf_number_style style = {styles[i].decimal, styles[i].thousands, found, n_found};
            double share = (i == 0 && !commas) || !has_marks(&columns[c], &style)
                               ? 0
                               : share_of_style(&columns[c], &style);
            if (share < LIKELY)
                continue;
            votes[i] += share + 0.001 * (N_STYLES - i) * (i != N_STYLES - 1 || n_found > 0);
            add_signs(currency, n_currency, found, n_found);
        }
    }
    int best = N_STYLES - 1;
    for (int i = 0; i < N_STYLES; i++)
        best = votes[i] > votes[best] + 0.0005 ? i : best;
    *out = (rf_number_style){styles[best].decimal, styles[best].thousands, currency, *n_currency};
    return RF_OK;
}

/* ---- flags ---- */

static bool means_truth(const rf_sample_column *column)
{
    const rf_truth none = {0};
    bool seen[2] = {false, false};
    if (column->more_top || column->n_top < 1 || column->n_top > 4)
        return false;
    for (int i = 0; i < column->n_top; i++) {
        const rf_raw raw = {.kind = column->top[i].kind, .text = {column->top[i].text, column->top[i].len}};
        int truth = rf_truth_read(&none, &raw);
        if (truth < 0)
            return false;
        seen[truth] = true;
    }
    return (seen[0] && seen[1]) || column->truths > 0;
}

/* ---- all of them ---- */

void rf_column_type_find(rf_column_type *out, const rf_sample_column *column, const rf_number_style *style)
{
    *out = (rf_column_type){.meaning = RF_MEANS_TEXT, .fits = 1};
    if (column->n_kept == 0) {
        out->meaning = column->nested > 0 ? RF_MEANS_NESTED : RF_MEANS_NOTHING;
        return;
    }
    out->plain_number = (double)column->figures >= SURE * (double)(column->values - column->null_words);
    if (out->plain_number) {
        rf_column_epoch_find(out, column);
        rf_column_serial_find(out, column);
    }
    if (!column->more_top && column->n_top == 1 && column->values > 20) {
        out->meaning = RF_MEANS_CONSTANT;
        return;
    }
    if (means_truth(column)) {
        out->meaning = RF_MEANS_TRUTH;
        return;
    }
    if (rf_column_time_find(out, column))
        return;
    out->fits = share_of_style(column, style);
    out->styled = !out->plain_number && out->fits >= LIKELY;
    if (out->plain_number || out->styled)
        out->meaning = RF_MEANS_NUMBER;
    else
        out->fits = 1;
}
