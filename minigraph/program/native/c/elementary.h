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
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLES /* __builtin_shufflevector is there */
#endif
#else
#define INLINE static inline
#endif

INLINE double from_bits(uint64_t bits) { double x; memcpy(&x, &bits, 8); return x; }
INLINE uint64_t to_bits(double x) { uint64_t bits; memcpy(&bits, &x, 8); return bits; }

#define ROUNDER 6755399441055744.0 /* 1.5 * 2^52 */
#define ONE_BITS 0x3ff0000000000000u
#define INFINITY_BITS 0x7ff0000000000000u
#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdu
#define LN2_HIGH 6.93147180369123816490e-01 /* its last 32 bits are 0: a product with a small whole number is exact */
#define LN2_LOW 1.90821492927058770002e-10

/* e^r - 1 - r for |r| <= ln(2)/2, by the polynomial whose largest error there is smallest. Neighbouring terms are put together
   first, so that few multiplications have to wait for one another. */
INLINE double beyond_linear(double r) {
  double r2 = r * r, r4 = r2 * r2;
  double low = (1.6666666666666685e-01 * r + 5.0000000000000056e-01) + (8.3333333333146637e-03 * r + 4.1666666666574101e-02) * r2;
  double high = (1.9841269902882302e-04 * r + 1.3888888932255600e-03) + (2.7557228080653044e-06 * r + 2.4801504570091253e-05) * r2;
  return r2 * (low + r4 * (high + r4 * (2.5114434581502810e-08 * r + 2.7626283622639380e-07)));
}

/* x = n ln 2 + r; gives r, and the number whose last bits are n */
INLINE double reduced(double x, double *n) {
  *n = x * 1.4426950408889634 + ROUNDER;
  double k = *n - ROUNDER;
  return (x - k * LN2_HIGH) - k * LN2_LOW;
}

/* 2^n for a normal result, from a number whose last bits are n */
INLINE double power_of_two(double n) { return from_bits((to_bits(n) << 52) + ONE_BITS); }

INLINE double own_exp(double x) {
  double n, r = reduced(x, &n), e = 1.0 + (r + beyond_linear(r));
  int tiny = x < -708.0; /* may be subnormal: 2^64 times as much, and then so much less */
  uint64_t bits = to_bits(e) + (to_bits(n) << 52) + (tiny ? (uint64_t)64 << 52 : 0);
  double v = from_bits(bits) * (tiny ? 5.421010862427522170e-20 : 1.0);
  v = x > 709.782712893384 ? INFINITY : v;
  return x < -746.0 ? 0.0 : v; /* NaN stays */
}

INLINE double own_expm1(double x) {
  double n, y = x < -50.0 ? -50.0 : x;
  y = y > 710.0 ? 710.0 : y;
  double r = reduced(y, &n), q = r + beyond_linear(r), s = power_of_two(n - 1.0); /* half of the power, which may be 2^1024 */
  q = (s * q + (s - 0.5)) * 2.0;
  return fabs(x) < 1e-300 ? x : q; /* half of a subnormal number is not exact; and -0 */
}

/* (e^2y - 1) / (e^2y + 1) for y = |x| */
INLINE double own_tanh(double x) {
  double n, y = fabs(x), r = reduced(2.0 * y, &n), s = power_of_two(n);
  double e = s * (r + beyond_linear(r)) + (s - 1.0), v = e / (e + 2.0);
  return copysign(y > 20.0 ? 1.0 : v, x); /* beyond, it is 1 to the last bit */
}

/* x, positive, finite and normal, as (1 + f) 2^k with 1 + f between sqrt(1/2) and sqrt(2); gives k + 1023 */
INLINE uint64_t split(double x, double *f) {
  uint64_t bits = to_bits(x), n = (bits - SQRT_HALF_BITS + ONE_BITS) >> 52;
  *f = from_bits(bits - (n << 52) + ONE_BITS) - 1.0;
  return n;
}

/* A whole number below 2^52, from its bits */
INLINE double from_whole(uint64_t n) { return from_bits(n | 0x4330000000000000u) - 4503599627370496.0; }

/* k ln 2 + ln(1 + f) */
INLINE double log_of(double f, double k) {
  double s = f / (2.0 + f), z = s * s, h = 0.5 * f * f, z2 = z * z;
  double low = 6.666666666666735130e-01 + z * 3.999999999940941908e-01;
  double middle = 2.857142874366239149e-01 + z * 2.222219843214978396e-01;
  double high = 1.818357216161805012e-01 + z * 1.531383769920937332e-01 + z2 * 1.479819860510658591e-01;
  double p = low + z2 * (middle + z2 * high);
  return k * LN2_HIGH - ((h - (s * (h + z * p) + k * LN2_LOW)) - f);
}

/* the logarithm of x, of which `v` is it where x is positive and finite */
INLINE double at_the_ends(double x, double v) {
  v = x == INFINITY ? x : v;
  v = x == 0.0 ? -INFINITY : v;
  return x >= 0.0 ? v : NAN;
}

INLINE double own_log(double x) {
  int subnormal = x < 2.2250738585072014e-308;
  double f;
  uint64_t n = split(subnormal ? x * 18014398509481984.0 : x, &f); /* 2^54 */
  return at_the_ends(x, log_of(f, from_whole(n) - (subnormal ? 1077.0 : 1023.0)));
}

INLINE double own_log1p(double x) {
  double u = 1.0 + x, lost = x - (u - 1.0), f;
  uint64_t n = split(u, &f);
  f += lost * from_bits(INFINITY_BITS - (n << 52)) * 0.5; /* lost / 2^k, by 2^(1 - k), which is a number for every k */
  double v = at_the_ends(u, log_of(f, from_whole(n) - 1023.0));
  return x == 0.0 ? x : v; /* -0 */
}
