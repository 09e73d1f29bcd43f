/* exp, expm1, log, log1p and tanh without branches, so that compilers make vectors of them. Within 3 units in the last
   place; right at both zeros, at infinities, NaN and subnormal numbers. In double precision; single goes through it.

   Only what every vector unit has is used: whole numbers become floating ones, and back, by adding 1.5 * 2^52, whose last
   bits are then the number, since AVX2 can neither convert nor shift signed words of 64 bits. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(WITHOUT_EXTENSIONS) /* GCC and Clang; the second is to see that others can compile it too */
#define EXTENSIONS
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

INLINE double from_bits(uint64_t bits) { double x; memcpy(&x, &bits, 8); return x; }
INLINE uint64_t to_bits(double x) { uint64_t bits; memcpy(&bits, &x, 8); return bits; }

#define ROUNDER 6755399441055744.0 /* 1.5 * 2^52 */
#define ROUNDER_BITS 0x4338000000000000u
#define LN2_HIGH 6.93147180369123816490e-01 /* its last 32 bits are 0: a product with a small whole number is exact */
#define LN2_LOW 1.90821492927058770002e-10

/* 2^k for a normal result; k + 1023 is given, as the bits say it */
INLINE double power_of_two(uint64_t biased) { return from_bits(biased << 52); }

/* e^r - 1 - r for |r| <= ln(2)/2: Taylor's polynomial */
INLINE double beyond_linear(double r) {
  double p = 1.60590438368216145994e-10;
  p = p * r + 2.08767569878680989792e-9;
  p = p * r + 2.50521083854417187751e-8;
  p = p * r + 2.75573192239858906526e-7;
  p = p * r + 2.75573192239858906526e-6;
  p = p * r + 2.48015873015873015873e-5;
  p = p * r + 1.98412698412698412698e-4;
  p = p * r + 1.38888888888888888889e-3;
  p = p * r + 8.33333333333333333333e-3;
  p = p * r + 4.16666666666666666667e-2;
  p = p * r + 1.66666666666666666667e-1;
  p = p * r + 0.5;
  return p * r * r;
}

/* x = n ln 2 + r + rest; gives r, and n + 4096, which is not negative */
INLINE double reduced(double x, double *rest, uint64_t *n) {
  double t = x * 1.4426950408889634 + ROUNDER, k = t - ROUNDER;
  double high = x - k * LN2_HIGH, low = k * LN2_LOW, r = high - low;
  *n = to_bits(t) - ROUNDER_BITS + 4096;
  *rest = (high - r) - low;
  return r;
}

INLINE double own_exp(double x) {
  uint64_t n, half;
  double r, rest;
  x = x < -746.0 ? -746.0 : x; /* NaN stays */
  x = x > 710.0 ? 710.0 : x;
  r = reduced(x, &rest, &n);
  double sum = 1.0 + r, e = sum + ((r - (sum - 1.0)) + (beyond_linear(r) + rest)); /* with what the sum of 1 and r lost */
  half = n >> 1; /* in two factors: the first product is normal also where the result is not */
  return e * power_of_two(half - 2048 + 1023) * power_of_two(n - half - 2048 + 1023);
}

INLINE double own_expm1(double x) {
  uint64_t n;
  double r, rest, y = x < -50.0 ? -50.0 : x;
  y = y > 710.0 ? 710.0 : y;
  r = reduced(y, &rest, &n);
  double q = (beyond_linear(r) + rest) + r, s = power_of_two(n - 4096 - 1 + 1023); /* half of the power, which may be 2^1024 */
  q = (s * q + (s - 0.5)) * 2.0;
  return fabs(x) < 1e-300 ? x : q; /* half of a subnormal number is not exact; and -0 */
}

INLINE double own_tanh(double x) {
  double e = own_expm1(2.0 * fabs(x));
  int small = e < 1.0; /* else what is left to 1 is small, and 1 less that is exact to half a unit */
  double part = (small ? e : -2.0) / (e + 2.0);
  return copysign(small ? part : part + 1.0, x);
}

/* ln x for x > 0 and finite; plus `rest` */
INLINE double positive_log(double x, double rest) {
  int small = x < 2.2250738585072014e-308;
  double y = small ? x * 18014398509481984.0 : x; /* 2^54 */
  uint64_t bits = to_bits(y), n = (bits - 0x3fe6a09e667f3bcdu + ((uint64_t)1023 << 52)) >> 52;
  double k = from_bits(n | 0x4330000000000000u) - 4503599627370496.0 - (small ? 1077.0 : 1023.0);
  double f = from_bits(bits - (n << 52) + ((uint64_t)1023 << 52)) - 1.0; /* between sqrt(1/2) and sqrt(2), less 1 */
  double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f;
  double p = 1.479819860510658591e-01;
  p = p * z + 1.531383769920937332e-01;
  p = p * z + 1.818357216161805012e-01;
  p = p * z + 2.222219843214978396e-01;
  p = p * z + 2.857142874366239149e-01;
  p = p * z + 3.999999999940941908e-01;
  p = p * z + 6.666666666666735130e-01;
  return k * LN2_HIGH - ((h - (s * (h + z * p) + (k * LN2_LOW + rest))) - f);
}

/* the logarithm of x, of which `v` is it where x is positive and finite */
INLINE double at_the_ends(double x, double v) {
  v = x == INFINITY ? x : v;
  v = x == 0.0 ? -INFINITY : v;
  return x >= 0.0 ? v : NAN;
}

INLINE double own_log(double x) { return at_the_ends(x, positive_log(x, 0.0)); }

INLINE double own_log1p(double x) {
  double u = 1.0 + x, v = positive_log(u, (x - (u - 1.0)) / u); /* what was lost in the sum, to first order */
  v = at_the_ends(u, v);
  return x == 0.0 ? x : v; /* -0 */
}
