/* The loops, for one precision and one set of vector instructions; read by level.h for each.
   REAL: the precision. BYTES: of a vector register. LEVEL: what functions are compiled for. NAME(x): x, told apart. */

/* A NaN of either stays: x is it where neither is larger */
INLINE REAL NAME(larger)(REAL x, REAL y) { REAL z = y > x ? y : x; return y == y ? z : y; }
INLINE REAL NAME(smaller)(REAL x, REAL y) { REAL z = y < x ? y : x; return y == y ? z : y; }

/* out[j] = function of a[j] and b[j]; a step of 0 repeats the first entry. out may be a or b, entry for entry. */
static LEVEL void NAME(elementwise)(int64_t function, int64_t n, void *out_, const void *a_, int64_t a_step, const void *b_,
                                    int64_t b_step) {
  REAL *out = out_;
  const REAL *a = a_, *b = b_;
  if (a_step == 0 && b_step == 0 && n > 1) { /* all the same */
    NAME(elementwise)(function, 1, out, a, 1, b, 1);
    REAL same = out[0];
    VECTORS for (int64_t j = 1; j < n; j++) out[j] = same;
    return;
  }
  if (function == FUNCTION_power && b_step == 0) { /* as NumPy has them; pow takes ten times as long */
    REAL y = b[0];
    if (y == 2) function = FUNCTION_square;
    else if (y == (REAL)0.5) function = FUNCTION_sqrt;
    else if (y == 1) function = FUNCTION_copyto;
  }
#define UNARY(CODE, VALUE) \
  case FUNCTION_##CODE: \
    VECTORS for (int64_t j = 0; j < n; j++) { REAL x = a[j]; out[j] = (REAL)(VALUE); } \
    return;
#define BINARY(CODE, VALUE) \
  case FUNCTION_##CODE: \
    if (b_step == 0) { REAL y = b[0]; VECTORS for (int64_t j = 0; j < n; j++) { REAL x = a[j]; out[j] = (REAL)(VALUE); } } \
    else if (a_step == 0) { REAL x = a[0]; VECTORS for (int64_t j = 0; j < n; j++) { REAL y = b[j]; out[j] = (REAL)(VALUE); } } \
    else { VECTORS for (int64_t j = 0; j < n; j++) { REAL x = a[j], y = b[j]; out[j] = (REAL)(VALUE); } } \
    return;
  switch (function) {
#define LARGER(x, y) NAME(larger)(x, y)
#define SMALLER(x, y) NAME(smaller)(x, y)
#include "functions.h"
  }
#undef UNARY
#undef BINARY
}

/* The same of single numbers, one after the other. Each function jumps to the next one itself where compilers can: a processor
   guesses better what follows an addition than what follows anything. */
#define OPERAND(x) (*(const REAL *)(slots[number->x##_slot] + (uintptr_t)number->x))
#define RESULT (*(REAL *)(slots[number->out_slot] + (uintptr_t)number->out))
static LEVEL void NAME(numbers)(const uintptr_t *slots, int64_t n, const Number *number) {
  const Number *end = number + n;
#if defined(EXTENSIONS)
#define UNARY(CODE, VALUE) &&place_##CODE,
#define BINARY UNARY
  static const void *const places[] = {
#include "functions.h"
  };
#undef UNARY
#undef BINARY
#define CASE(CODE) place_##CODE:
#define NEXT if (++number == end) return; goto *places[number->function];
#else
#define CASE(CODE) case FUNCTION_##CODE:
#define NEXT break;
#endif
#define UNARY(CODE, VALUE) CASE(CODE) { REAL x = OPERAND(a); RESULT = (REAL)(VALUE); } NEXT
#define BINARY(CODE, VALUE) CASE(CODE) { REAL x = OPERAND(a), y = OPERAND(b); RESULT = (REAL)(VALUE); } NEXT
  if (n == 0) return;
#if defined(EXTENSIONS)
  goto *places[number->function];
#include "functions.h"
#else
  for (; number < end; number++) switch (number->function) {
#include "functions.h"
    }
#endif
#undef CASE
#undef NEXT
}
#undef UNARY
#undef BINARY
#undef OPERAND
#undef RESULT
#undef LARGER
#undef SMALLER

/* Whether all are finite: an exponent of ones is what is not. */
static LEVEL int NAME(finite)(int64_t n, const void *a_) {
  const REAL *a = a_;
  int64_t found = 0;
  for (int64_t j = 0; j < n; j++) found |= !(fabs((double)a[j]) <= (sizeof(REAL) == 8 ? 1.7976931348623157e308 : 3.4028234663852886e38));
  return !found;
}

/* Lanes: as many running values, so that they are one or two registers. */
#define LANES (128 / (int)sizeof(REAL))
#define REDUCED(START, STEP) \
  REAL lane[LANES]; \
  int64_t j = 0; \
  for (int i = 0; i < LANES; i++) lane[i] = START; \
  for (; j + LANES <= n; j += LANES) \
    for (int i = 0; i < LANES; i++) { REAL x = lane[i], y = a[j + i]; lane[i] = STEP; } \
  for (int i = 0; j < n; i++, j++) { REAL x = lane[i], y = a[j]; lane[i] = STEP; } \
  for (int width = LANES / 2; width; width /= 2) \
    for (int i = 0; i < width; i++) { REAL x = lane[i], y = lane[i + width]; lane[i] = STEP; } \
  return lane[0];

static LEVEL REAL NAME(sum)(int64_t n, const REAL *a) {
  if (n > 2048) { /* in halves, so that errors grow with the logarithm of n */
    int64_t half = (n / 2) & ~(int64_t)(LANES - 1);
    return NAME(sum)(half, a) + NAME(sum)(n - half, a + half);
  }
  REDUCED((REAL)-0.0, x + y) /* -0 changes nothing */
}
static LEVEL REAL NAME(largest)(int64_t n, const REAL *a) { REDUCED((REAL)-INFINITY, NAME(larger)(x, y)) }

/* out[0] = out[0] with all of a */
static LEVEL void NAME(reduce)(int64_t function, int64_t n, void *out_, const void *a) {
  REAL *out = out_;
  if (n == 0) return;
  if (function == FUNCTION_add) { if (n == 1) out[0] += ((const REAL *)a)[0]; else out[0] += NAME(sum)(n, a); }
  else out[0] = NAME(larger)(out[0], NAME(largest)(n, a));
}

#undef REDUCED
#undef LANES
