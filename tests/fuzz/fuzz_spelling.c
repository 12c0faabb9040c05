/* fuzz_spelling.c - the first byte says which steps, and the rest is an id: what comes out is an id too, and
 * stays what it is when it is spelt again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "id_spelling_int.h"
#include "rf_text.h"

static void demand(int condition)
{
    if (!condition)
        abort();
}

/* Those whose result means the same again, and last some whose does not. */
static const char *const steps[] = {
    "trim",     "lower",           "squeeze",         "digits",   "whole",        "email_canonical",
    "phone",    "ip_prefix 24/56", "ip_prefix 17/99", "ascii",    "email_domain", "simhash 64",
    "phone 49", "phone 1",         "phone 7",         "phone 39", "minhash 64",   "wordhash 64"};
#define STEPS (sizeof steps / sizeof *steps)
#define STABLE 10

static rf_status spell(rf_span *id, char *out, const char *step)
{
    rf_spelling spelling;
    rf_spell_refusal refusal;
    const rf_fields fields = {.normalise = &step, .n_normalise = 1};
    demand(rf_spelling_init(&spelling, &fields, RF_USER, NULL) == RF_OK);
    rf_status st = rf_spelling_apply(id, out, &spelling, &refusal, NULL);
    demand(st == RF_OK || (st == RF_SKIPPED && refusal.why != NULL));
    rf_spelling_clear(&spelling);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char out[RF_SPELL_BYTES], again[RF_SPELL_BYTES];
    if (size < 2)
        return 0;
    size_t step = data[0] % STEPS;
    rf_span id = {(const char *)data + 1, size - 1};
    bool text = rf_utf8_valid(id.ptr, id.len);
    if (spell(&id, out, steps[step]) != RF_OK)
        return 0;
    demand((id.len <= sizeof out || id.len == size - 1) && (!text || rf_utf8_valid(id.ptr, id.len)));
    rf_span second = id;
    if (step >= STABLE || !text || id.len > RF_MAX_ID_BYTES)
        return 0;
    demand(spell(&second, again, steps[step]) == RF_OK && second.len == id.len);
    demand(id.len == 0 || memcmp(second.ptr, id.ptr, id.len) == 0);
    return 0;
}
