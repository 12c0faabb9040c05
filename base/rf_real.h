/* rf_real.h - the number type of features, weights and activations.
 *
 * float in the product; double in the *_f64 twins of the rooms, which exist for gradient checks and golden
 * tests.
 */
#ifndef RF_REAL_H
#define RF_REAL_H

#ifdef RF_REAL_DOUBLE
typedef double rf_real;
#define RF_REAL_IS_DOUBLE 1
#else
typedef float rf_real;
#define RF_REAL_IS_DOUBLE 0
#endif

#endif
