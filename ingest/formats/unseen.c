/* unseen.c - spaces of every kind, and characters that nobody sees. */
#include "unseen_int.h"

bool rf_code_is_invisible(uint32_t code)
{
    return code == 0xAD || (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x2064) || code == 0xFEFF;
}

bool rf_code_is_space(uint32_t code)
{
    return code <= 0x20 || code == 0xA0 || (code >= 0x2000 && code <= 0x200A) || code == 0x202F ||
           code == 0x3000;
}
