/* hostile.h - texts that someone might register, or write into a list, to hurt a tool. */
#ifndef RF_HOSTILE_H
#define RF_HOSTILE_H

#define HOSTILE 200
#define LONG_TEXT 1000

/* The i-th of them, 0 <= i < HOSTILE; no two are equal. One has LONG_TEXT characters, some are not UTF-8, one
 * is empty. Lives as long as the buffer. */
const char *hostile_text(char buffer[LONG_TEXT + 1], int i);

#endif
