/* test_block.c - several bytes looked at at once, as this processor does it. */
#include "block_tests.h"
