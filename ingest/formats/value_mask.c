/* value_mask.c - shows what a value looks like without saying which one it is: its first and last character,
 * and for longer ones that something lies between.
 */
#include "value_mask_int.h"

#include <stdio.h>
#include <string.h>

#include "rf_quote.h"

/* The last character begins here. */
static size_t last_at(const char *text, size_t len)
{
    size_t at = len - 1;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

const char *rf_masked(char out[RF_MASKED], const char *text, size_t len)
{
    char first[RF_QUOTE_MOST], last[RF_QUOTE_MOST];
    const char *head = "", *tail = "";
    size_t n_head = 0, n_tail = 0;
    if (len == 0) {
        snprintf(out, RF_MASKED, "\"\"");
        return out;
    }
    size_t taken = rf_quote_next(&head, &n_head, first, text, len);
    size_t at = last_at(text, len);
    if (len < 4 || at < taken + 1) {
        snprintf(out, RF_MASKED, "***");
        return out;
    }
    (void)rf_quote_next(&tail, &n_tail, last, text + at, len - at);
    snprintf(out, RF_MASKED, "%.*s***%.*s", (int)n_head, head, (int)n_tail, tail);
    return out;
}
