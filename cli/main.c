/* main.c - the binary: hands over to the cli room, which tests link without it. */
#include "cli_int.h"

int main(int argc, char **argv)
{
    return rf_cli_main(argc, argv);
}
