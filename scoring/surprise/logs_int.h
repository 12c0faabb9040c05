/* logs_int.h - natural logarithms and powers of e of many numbers at once: to 1e-13, the same bits on every
 * CPU. */
#ifndef RF_LOGS_INT_H
#define RF_LOGS_INT_H

#include <stdint.h>

/* x[i] becomes ln x[i]; finite, above 0 and not subnormal. Of 0: a finite number. */
void rf_logs(double *x, int64_t n);
/* x[i] becomes exp x[i]; beyond 700 from 0: exp of that. */
void rf_powers_of_e(double *x, int64_t n);

#endif
