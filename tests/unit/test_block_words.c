/* test_block_words.c - several bytes looked at at once, as a processor without vectors does it. */
#define RF_BLOCK_OF_WORDS 1
#include "block_tests.h"
