/* rf_embed.h - files of the source tree that are part of the program (cmake/RfEmbed.cmake puts them there).
 *
 *   RF_EMBEDDED(shipped_rules)      at file level, without a semicolon
 *   … rf_embedded_shipped_rules, rf_embedded_shipped_rules_len …
 */
#ifndef RF_EMBED_H
#define RF_EMBED_H

#include <stddef.h>

/* The bytes, with a NUL after them that the length does not count. */
#define RF_EMBEDDED(name)                                                                                    \
    extern const unsigned char rf_embedded_##name[];                                                         \
    extern const size_t rf_embedded_##name##_len;

#endif
