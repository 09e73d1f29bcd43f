/* Runs the steps of a program: rows of instructions over arrays in memory that Python has made.

   Python writes the rows and alone checks them (rows.py): what comes here is right. An array is a distance from where its
   slot begins. Slot 0 begins at address 0: memory that stays where it is. Other slots are given anew for each run, are
   swapped after each step (the value of a state and the next one), or advance (the row of a result). */
#include "elementary.h"

enum { F64, F32, BOOL, I64 }; /* types of entries; the first two are the precisions that loops exist for */

enum {
#define UNARY(NAME, VALUE) FUNCTION_##NAME,
#define BINARY UNARY
#include "functions.h"
#undef UNARY
#undef BINARY
  FUNCTION_add_reduce,
  FUNCTION_maximum_reduce,
  FUNCTION_add_accumulate,
  FUNCTION_dot,
  FUNCTION_dot_add, /* a product added to what is there */
  FUNCTION_take,
  FUNCTION_finite,
  FUNCTION_numbers, /* functions of single numbers, one after the other */
  FUNCTION_python, /* what Python does in between: a call of its own */
  FUNCTION_blocks, /* the rows that follow, so many times, each time further on in their arrays */
  FUNCTIONS
};

static const char *const names[] = {
#define UNARY(NAME, VALUE) #NAME,
#define BINARY UNARY
#include "functions.h"
#undef UNARY
#undef BINARY
    "add.reduce", "maximum.reduce", "add.accumulate", "dot", "dot.add", "take", "finite", "numbers", "python",
    "blocks"};

/* A function of single numbers of one precision, each so many bytes from where its slot begins */
typedef struct {
  int32_t function, out_slot, a_slot, b_slot;
  int64_t out, a, b;
} Number;

typedef struct {
  void (*elementwise)(int64_t function, int64_t n, void *out, const void *a, int64_t a_step, const void *b, int64_t b_step);
  int (*finite)(int64_t n, const void *a);
  void (*reduce)(int64_t function, int64_t n, void *out, const void *a);
  void (*product)(int64_t m, int64_t n, int64_t k, const void *a, int64_t ar, int64_t ac, const void *b, int64_t br,
                  int64_t bc, void *out, int64_t outr, int64_t outc, int add);
  void (*numbers)(const uintptr_t *slots, int64_t n, const Number *number);
} Loops;

/* The sets of vector instructions: each is compiled, the best that the processor has is taken at run time. */

#define JOINED_(x, y, z) x##_##y##_##z
#define JOINED(x, y, z) JOINED_(x, y, z)
#if !defined(EXTENSIONS)
#define VECTORS
#elif defined(__clang__)
#define VECTORS _Pragma("clang loop vectorize(assume_safety)")
#else
#define VECTORS _Pragma("GCC ivdep")
#endif

#define SET baseline
#define LEVEL
#define BYTES 16
#include "level.h"

#if defined(EXTENSIONS) && defined(__x86_64__)
#define SET avx2
#define LEVEL __attribute__((target("avx2,fma")))
#define BYTES 32
#include "level.h"
#define SET avx512
#if defined(__clang__)
#define LEVEL __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")))
#else
#define LEVEL __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma,prefer-vector-width=512")))
#endif
#define BYTES 64
#include "level.h"
#endif

static const Loops *level = loops_of_baseline;

typedef struct {
  int64_t slot, offset; /* in bytes */
  int64_t type;
  int64_t step[4]; /* in entries, along each axis */
} Array;

typedef struct {
  int64_t function;
  int64_t precision; /* F64 or F32, which it is computed in */
  int64_t direct;    /* whether the last axis can go to a loop as it is */
  int64_t count[4];  /* entries along each axis; of a product m, n, k; of take the entries to choose from, and what is taken;
                        of python the number of the call; of numbers how many, which lie at a;
                        of blocks how many rows, and how many times: at a lies by how many bytes out, a and b of each go on */
  Array out, a, b;
} Row;

typedef struct {
  const Row *rows;
  int64_t row_count;
  uintptr_t *slots;      /* the address where each begins now */
  const int64_t *ahead;  /* by how many bytes it begins further on in the next step */
  int64_t slot_count;
  const int64_t *pairs;  /* two slots each, swapped after a step */
  int64_t pair_count;
  void *gemm[2], *gemv[2]; /* of BLAS, for both precisions, with whole numbers of 64 bits; or null */
  int64_t blas_from;     /* so many multiplications are worth a call of it */
  int (*python)(int64_t call); /* does a call of Python's; false if it could not */
  const uintptr_t *begin; /* where each slot begins in the first step */
  int64_t done;          /* whole steps so far: what an interrupt finds */
} Program;

static const int64_t size_of[] = {8, 4, 1, 8};

/* Entries of any type and step, to and from a block of one precision */

#define BLOCK 256
typedef union { double f64[BLOCK]; float f32[BLOCK]; } Block;

#define CONVERT(TO, FROM, TYPE) for (int64_t j = 0; j < n; j++) TO = (TYPE)(FROM)
static void gather(int64_t precision, Block *to, const char *from, int64_t type, int64_t step, int64_t n) {
  const double *f64 = (const double *)from;
  const float *f32 = (const float *)from;
  const uint8_t *boolean = (const uint8_t *)from;
  if (precision == F64) {
    if (type == F64) CONVERT(to->f64[j], f64[j * step], double);
    else if (type == F32) CONVERT(to->f64[j], f32[j * step], double);
    else CONVERT(to->f64[j], boolean[j * step], double);
  } else {
    if (type == F64) CONVERT(to->f32[j], f64[j * step], float);
    else if (type == F32) CONVERT(to->f32[j], f32[j * step], float);
    else CONVERT(to->f32[j], boolean[j * step], float);
  }
}

static void scatter(int64_t precision, const Block *from, char *to, int64_t type, int64_t step, int64_t n) {
  double *f64 = (double *)to;
  float *f32 = (float *)to;
  uint8_t *boolean = (uint8_t *)to;
  if (precision == F64) {
    if (type == F64) CONVERT(f64[j * step], from->f64[j], double);
    else if (type == F32) CONVERT(f32[j * step], from->f64[j], float);
    else CONVERT(boolean[j * step], from->f64[j] != 0, uint8_t);
  } else {
    if (type == F64) CONVERT(f64[j * step], from->f32[j], double);
    else if (type == F32) CONVERT(f32[j * step], from->f32[j], float);
    else CONVERT(boolean[j * step], from->f32[j] != 0, uint8_t);
  }
}

static int is_reduction(int64_t function) { return function == FUNCTION_add_reduce || function == FUNCTION_maximum_reduce; }

/* Sums of all entries so far */
#define RUNNING(REAL) \
  do { \
    const REAL *from = (const REAL *)a; \
    REAL *to = (REAL *)out, total = n ? from[0] : 0; \
    for (int64_t j = 0; j < n; j++) to[j * row->out.step[3]] = total = j ? total + from[j * row->a.step[3]] : total; \
  } while (0)
static void accumulate(const Row *row, char *out, const char *a) {
  int64_t n = row->count[3];
  if (row->precision == F64) RUNNING(double);
  else RUNNING(float);
}

/* The last axis; false if an entry is looked at and not finite */
static int last_axis(const Loops *loops, const Row *row, char *out, char *a, char *b) {
  int64_t n = row->count[3], function = row->function, precision = row->precision;
  int into_one = is_reduction(function) && row->out.step[3] == 0;
  int64_t plain = function == FUNCTION_add_reduce ? FUNCTION_add : FUNCTION_maximum; /* of a reduction along other axes */
  if (function == FUNCTION_add_accumulate) { accumulate(row, out, a); return 1; }
  if (row->direct) {
    if (function == FUNCTION_finite) return loops->finite(n, a);
    if (into_one) loops->reduce(plain, n, out, a);
    else if (is_reduction(function)) loops->elementwise(plain, n, out, out, 1, a, row->a.step[3]);
    else loops->elementwise(function, n, out, a, row->a.step[3], b, row->b.step[3]);
    return 1;
  }
  Block x, y, z;
  const Array *A = &row->a, *B = &row->b, *O = &row->out;
  for (int64_t j = 0; j < n; j += BLOCK) {
    int64_t m = n - j < BLOCK ? n - j : BLOCK;
    gather(precision, &x, a + j * A->step[3] * size_of[A->type], A->type, A->step[3], m);
    if (function == FUNCTION_finite) {
      if (!loops->finite(m, &x)) return 0;
      continue;
    }
    char *to = out + j * O->step[3] * size_of[O->type];
    if (into_one) {
      gather(precision, &z, out, O->type, 0, 1);
      loops->reduce(plain, m, &z, &x);
      scatter(precision, &z, out, O->type, 0, 1);
      continue;
    }
    if (is_reduction(function)) {
      gather(precision, &z, to, O->type, O->step[3], m);
      loops->elementwise(plain, m, &z, &z, 1, &x, 1);
    } else {
      gather(precision, &y, b + j * B->step[3] * size_of[B->type], B->type, B->step[3], m);
      loops->elementwise(function, m, &z, &x, 1, &y, 1);
    }
    scatter(precision, &z, to, O->type, O->step[3], m);
  }
  return 1;
}

#define MOVED(x, axis, i) ((i) * row->x.step[axis] * size_of[row->x.type])
static int all_axes(const Loops *loops, const Row *row, char *out, char *a, char *b) {
  for (int64_t i = 0; i < row->count[0]; i++)
    for (int64_t j = 0; j < row->count[1]; j++)
      for (int64_t k = 0; k < row->count[2]; k++)
        if (!last_axis(loops, row, out + MOVED(out, 0, i) + MOVED(out, 1, j) + MOVED(out, 2, k),
                       a + MOVED(a, 0, i) + MOVED(a, 1, j) + MOVED(a, 2, k),
                       b + MOVED(b, 0, i) + MOVED(b, 1, j) + MOVED(b, 2, k)))
          return 0;
  return 1;
}

/* Entries of a along its first axis by their numbers in b; false if there is no such entry */
#define TAKEN(REAL, SIZE) \
  do { \
    const REAL *from = (const REAL *)a; \
    REAL *to = (REAL *)out; \
    for (int64_t i = 0; i < n; i++) { \
      int64_t chosen = numbers[i * by]; \
      if (chosen < 0) chosen += entries; \
      if ((uint64_t)chosen >= (uint64_t)entries) return 0; \
      for (int64_t j = 0; j < SIZE; j++) to[i * to_row + j * to_step] = from[chosen * from_row + j * from_step]; \
    } \
    return 1; \
  } while (0)
static int take(const Row *row, char *out, const char *a, const char *b) {
  const int64_t *numbers = (const int64_t *)b;
  int64_t entries = row->count[0], n = row->count[2], size = row->count[3], by = row->b.step[2];
  int64_t to_row = row->out.step[2], to_step = row->out.step[3], from_row = row->a.step[2], from_step = row->a.step[3];
  if (row->a.type == F64 && size == 1) TAKEN(double, 1);
  else if (row->a.type == F64) TAKEN(double, size);
  else TAKEN(float, size);
}

#define GEMM(REAL) \
  void (*)(int, int, int, int64_t, int64_t, int64_t, REAL, const REAL *, int64_t, const REAL *, int64_t, REAL, REAL *, int64_t)
#define GEMV(REAL) \
  void (*)(int, int, int64_t, int64_t, REAL, const REAL *, int64_t, const REAL *, int64_t, REAL, REAL *, int64_t)
enum { BY_ROWS = 101, BY_COLUMNS = 102, PLAIN = 111, TURNED = 112 }; /* as BLAS numbers them */

/* How BLAS is told of a matrix: whether it is turned, and the step from row to row; false if it can't be told */
static int for_blas(const Array *x, int64_t rows, int64_t columns, int *turned, int64_t *step) {
  if (x->step[3] == 1 && x->step[2] >= columns) { *turned = PLAIN; *step = x->step[2]; return 1; }
  if (x->step[2] == 1 && x->step[3] >= rows) { *turned = TURNED; *step = x->step[3]; return 1; }
  return 0;
}

/* A matrix (rows, columns) times a vector, by BLAS; false if it can't be told of them */
static int by_gemv(void *gemv, int64_t precision, int64_t rows, int64_t columns, const Array *matrix, const char *entries,
                   const char *x, int64_t x_step, char *out, int64_t out_step) {
  int turned;
  int64_t step;
  if (!for_blas(matrix, rows, columns, &turned, &step) || x_step < 1 || out_step < 1) return 0;
  int64_t m = turned == PLAIN ? rows : columns, n = turned == PLAIN ? columns : rows;
  if (precision == F64)
    ((GEMV(double))gemv)(BY_ROWS, turned, m, n, 1, (const double *)entries, step, (const double *)x, x_step, 0, (double *)out, out_step);
  else
    ((GEMV(float))gemv)(BY_ROWS, turned, m, n, 1, (const float *)entries, step, (const float *)x, x_step, 0, (float *)out, out_step);
  return 1;
}

static int by_gemm(void *gemm, const Row *row, char *out, char *a, char *b) {
  int64_t m = row->count[0], n = row->count[1], k = row->count[2], ar, br, outr;
  int at, bt, out_t;
  if (!for_blas(&row->a, m, k, &at, &ar) || !for_blas(&row->b, k, n, &bt, &br) || !for_blas(&row->out, m, n, &out_t, &outr)) return 0;
  int order = out_t == TURNED ? BY_COLUMNS : BY_ROWS;
  if (order == BY_COLUMNS) { at = PLAIN + TURNED - at; bt = PLAIN + TURNED - bt; } /* told by columns, each lies the other way */
  if (row->precision == F64)
    ((GEMM(double))gemm)(order, at, bt, m, n, k, 1, (double *)a, ar, (double *)b, br, 0, (double *)out, outr);
  else
    ((GEMM(float))gemm)(order, at, bt, m, n, k, 1, (float *)a, ar, (float *)b, br, 0, (float *)out, outr);
  return 1;
}

static void product(const Program *program, const Loops *loops, const Row *row, char *out, char *a, char *b) {
  int64_t m = row->count[0], n = row->count[1], k = row->count[2];
  const Array *A = &row->a, *B = &row->b, *O = &row->out;
  void *gemm = program->gemm[row->precision], *gemv = program->gemv[row->precision];
  Array turned = *B;
  turned.step[2] = B->step[3];
  turned.step[3] = B->step[2];
  int add = row->function == FUNCTION_dot_add; /* always by the interpreter's own loops */
  if (gemm && !add && k > 1 && m * n > 1 && (double)m * (double)n * (double)k >= (double)program->blas_from) {
    if (n == 1 ? by_gemv(gemv, row->precision, m, k, A, a, b, B->step[2], out, O->step[2])
        : m == 1 ? by_gemv(gemv, row->precision, n, k, &turned, b, a, A->step[3], out, O->step[3])
                 : by_gemm(gemm, row, out, a, b))
      return;
  }
  loops->product(m, n, k, a, A->step[2], A->step[3], b, B->step[2], B->step[3], out, O->step[2], O->step[3], add);
}

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define EXPORT __attribute__((visibility("default")))
#else
#define EXPORT
#endif

#define ADDRESS(x) ((char *)(slots[row->x.slot] + (uintptr_t)row->x.offset))

/* What one row does; false if it failed */
static int done(const Program *program, const Row *row, char *out, char *a, char *b) {
  const Loops *loops = level + row->precision;
  switch (row->function) {
  case FUNCTION_dot:
  case FUNCTION_dot_add: product(program, loops, row, out, a, b); return 1;
  case FUNCTION_take: return take(row, out, a, b);
  case FUNCTION_numbers: loops->numbers(program->slots, row->count[0], (const Number *)a); return 1;
  case FUNCTION_python: return program->python(row->count[0]);
  default:
    if (row->count[0] == 1 && row->count[1] == 1 && row->count[2] == 1) return last_axis(loops, row, out, a, b);
    return all_axes(loops, row, out, a, b);
  }
}

/* So many steps, or those before one in which a row fails: an entry is not finite, there is none to take, or Python failed.
   Gives -1, or the number of the row that failed. */
EXPORT int64_t minigraph_run(Program *program, int64_t count) {
  uintptr_t *slots = program->slots;
  for (int64_t s = 0; s < count; s++) {
    const Row *row = program->rows;
    for (int64_t i = 0; i < program->row_count; i++, row++) {
      if (row->function == FUNCTION_blocks) {
        const int64_t *ahead = (const int64_t *)ADDRESS(a);
        int64_t rows = row->count[0], times = row->count[1];
        for (int64_t t = 0; t < times; t++) {
          row = program->rows + i + 1;
          for (int64_t j = 0; j < rows; j++, row++)
            if (!done(program, row, ADDRESS(out) + t * ahead[3 * j], ADDRESS(a) + t * ahead[3 * j + 1], ADDRESS(b) + t * ahead[3 * j + 2]))
              return i + 1 + j;
        }
        i += rows;
        row = program->rows + i;
      } else if (!done(program, row, ADDRESS(out), ADDRESS(a), ADDRESS(b))) return i;
    }
    for (int64_t i = 0; i < program->slot_count; i++) slots[i] += (uintptr_t)program->ahead[i];
    for (int64_t i = 0; i < program->pair_count; i++) {
      const int64_t *pair = program->pairs + 2 * i;
      uintptr_t value = slots[pair[0]];
      slots[pair[0]] = slots[pair[1]];
      slots[pair[1]] = value;
    }
    program->done++;
  }
  return -1;
}

/* One more step, from where the slots began; whether it was done */
EXPORT int64_t minigraph_again(Program *program) {
  memcpy(program->slots, program->begin, (size_t)program->slot_count * sizeof(uintptr_t));
  return minigraph_run(program, 1) < 0;
}

/* The name of a function by its number, or null */
EXPORT const char *minigraph_function(int64_t number) { return number < FUNCTIONS ? names[number] : 0; }

/* Take the loops for vectors of at most so many bytes; the bytes of those taken */
EXPORT int64_t minigraph_vectors(int64_t bytes) {
#if defined(EXTENSIONS) && defined(__x86_64__)
  __builtin_cpu_init();
  if (bytes >= 64 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma")) {
    level = loops_of_avx512;
    return 64;
  }
  if (bytes >= 32 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    level = loops_of_avx2;
    return 32;
  }
#endif
  level = loops_of_baseline;
  (void)bytes;
#if defined(EXTENSIONS)
  return 16;
#else
  return 8; /* one number at a time, as far as we know */
#endif
}

/* What Python fills in and how it is understood; VERSION changes with the meaning of a row, here and in library.py */
enum { VERSION = 1 };
EXPORT int64_t minigraph_layout(void) {
  return VERSION * (int64_t)1000000 + (int64_t)sizeof(Row) * 1000 + (int64_t)sizeof(Program);
}

/* Some linkers are told that this is there, as in every module of Python. It is loaded as a library, and never imported. */
EXPORT void *PyInit_interpreter(void);
EXPORT void *PyInit_interpreter(void) { return 0; }
