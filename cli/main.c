/* main.c - the binary: hands over to the cli room, which tests link without it.
 *
 * It also keeps OpenBLAS from starting threads. Our own team multiplies, so they would only sleep; but where
 * they cannot be started (a limit on processes or address space) OpenBLAS ends the program before main, and
 * where they just could, it waits for them at exit for ever. OpenBLAS starts them while it is loaded, by what
 * its function openblas_num_threads_env reads from OPENBLAS_NUM_THREADS. The loader takes the first function
 * of a name, and those of the program come first. The library must not do this: its threads are the host's
 * choice.
 */
#include "cli_int.h"

__attribute__((visibility("default"))) int openblas_num_threads_env(void);

int openblas_num_threads_env(void)
{
    return 1;
}

int main(int argc, char **argv)
{
    return rf_cli_main(argc, argv);
}
