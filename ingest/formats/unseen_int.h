/* unseen_int.h - spaces of every kind, and characters that nobody sees. */
#ifndef RF_UNSEEN_INT_H
#define RF_UNSEEN_INT_H

#include <stdbool.h>
#include <stdint.h>

bool rf_code_is_invisible(uint32_t code); /* zero width, soft hyphens, marks of direction and byte order */
bool rf_code_is_space(uint32_t code);     /* control characters too */

#endif
