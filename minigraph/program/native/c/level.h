/* All loops for one set of vector instructions, in both precisions. SET: its name. LEVEL: what tells the compiler to use
   it. BYTES: of a vector register. */

#define REAL double
#define NAME(x) JOINED(x, f64, SET)
#include "loops.h"
#include "products.h"
#undef REAL
#undef NAME

#define REAL float
#define NAME(x) JOINED(x, f32, SET)
#include "loops.h"
#include "products.h"
#undef REAL
#undef NAME

#define OF(real) \
  {JOINED(elementwise, real, SET), JOINED(finite, real, SET), JOINED(reduce, real, SET), JOINED(product, real, SET), \
   JOINED(numbers, real, SET)}
static const Loops JOINED(loops, of, SET)[2] = {OF(f64), OF(f32)};
#undef OF
#undef SET
#undef LEVEL
#undef BYTES
