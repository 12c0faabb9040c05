/* count.c - numbers of things in messages, with the noun that fits them. */
#include "rf_count.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

char *rf_count_format(char out[32], int64_t value)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)value), at = 0;
    for (int i = 0; i < len; i++) {
        out[at++] = digits[i];
        int behind = len - i - 1;
        if (behind > 0 && behind % 3 == 0 && digits[i] != '-')
            out[at++] = ',';
    }
    out[at] = '\0';
    return out;
}

char *rf_plural(char *out, size_t size, const char *one)
{
    const size_t len = strlen(one);
    const char last = len > 0 ? one[len - 1] : '\0', before = len > 1 ? one[len - 2] : '\0';
    const bool is_hard = len >= 5 && strcmp(one + len - 5, "epoch") == 0;
    const bool hisses = last != '\0' && !is_hard &&
                        (strchr("sxz", last) != NULL || (last == 'h' && (before == 'c' || before == 's')));
    if (last == 'y' && before != '\0' && strchr("aeiou", before) == NULL)
        (void)snprintf(out, size, "%.*sies", (int)len - 1, one);
    else
        (void)snprintf(out, size, "%s%s", one, hisses ? "es" : "s");
    return out;
}

char *rf_things(char out[RF_THINGS_TEXT], int64_t n, const char *one)
{
    char number[32], several[RF_THINGS_TEXT - sizeof number];
    if (n == 1)
        (void)snprintf(out, RF_THINGS_TEXT, "1 %.*s", (int)sizeof several - 1, one);
    else
        (void)snprintf(out, RF_THINGS_TEXT, "%s %s", rf_count_format(number, n),
                       rf_plural(several, sizeof several, one));
    return out;
}
