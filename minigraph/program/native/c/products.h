/* Matrix products: out (m, n) = a (m, k) b (k, n), each with the steps of its rows and columns; added to out if `add`. */

static LEVEL REAL NAME(inner)(int64_t k, const REAL *a, int64_t a_step, const REAL *b, int64_t b_step) {
  REAL total = 0;
  for (int64_t p = 0; p < k; p++) total += a[p * a_step] * b[p * b_step];
  return total;
}

#if defined(EXTENSIONS)
typedef REAL NAME(vector) __attribute__((vector_size(BYTES), aligned(sizeof(REAL)), may_alias));
#define WIDTH (BYTES / (int)sizeof(REAL))
#define LOAD(p) (*(const NAME(vector) *)(p))
#define STORE(p) (*(NAME(vector) *)(p))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 4")
#endif

/* A tile of ROWS rows and so many vectors of columns, where rows of b and of out lie one entry after the other */
INLINE LEVEL void NAME(tile)(const int ROWS, const int VECTORS_, int64_t k, const REAL *a, int64_t ar, int64_t ac, const REAL *b,
                       int64_t br, REAL *out, int64_t outr, int add) {
  NAME(vector) sum[4][3];
  UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECTORS_; v++) sum[r][v] = (NAME(vector)){0};
  for (int64_t p = 0; p < k; p++) {
    NAME(vector) column[3];
    UNROLL for (int v = 0; v < VECTORS_; v++) column[v] = LOAD(b + p * br + WIDTH * v);
    UNROLL for (int r = 0; r < ROWS; r++) {
      REAL x = a[r * ar + p * ac];
      UNROLL for (int v = 0; v < VECTORS_; v++) sum[r][v] += x * column[v];
    }
  }
  if (add) UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECTORS_; v++) sum[r][v] += LOAD(out + r * outr + WIDTH * v);
  UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int v = 0; v < VECTORS_; v++) STORE(out + r * outr + WIDTH * v) = sum[r][v];
}

/* A strip of ROWS rows; at its end the last vector is laid so that it ends with the row. Of four vectors two and two are done
   together, since one alone would wait for its additions. */
INLINE LEVEL void NAME(strip)(const int ROWS, int64_t n, int64_t k, const REAL *a, int64_t ar, int64_t ac, const REAL *b, int64_t br,
                        REAL *out, int64_t outr, int add) {
  int64_t j = 0;
  for (; j + 3 * WIDTH <= n && (j + 4 * WIDTH > n || j + 5 * WIDTH <= n); j += 3 * WIDTH) NAME(tile)(ROWS, 3, k, a, ar, ac, b + j, br, out + j, outr, add);
  for (; j + 2 * WIDTH <= n; j += 2 * WIDTH) NAME(tile)(ROWS, 2, k, a, ar, ac, b + j, br, out + j, outr, add);
  if (j + WIDTH <= n) { NAME(tile)(ROWS, 1, k, a, ar, ac, b + j, br, out + j, outr, add); j += WIDTH; }
  if (j == n) return;
  if (!add) { NAME(tile)(ROWS, 1, k, a, ar, ac, b + n - WIDTH, br, out + n - WIDTH, outr, 0); return; }
  REAL last[4 * WIDTH]; /* what is there already must not be added twice */
  NAME(tile)(ROWS, 1, k, a, ar, ac, b + n - WIDTH, br, last, WIDTH, 0);
  for (int r = 0; r < ROWS; r++)
    for (int64_t c = j; c < n; c++) out[r * outr + c] += last[r * WIDTH + c - (n - WIDTH)];
}

static LEVEL void NAME(by_rows)(int64_t m, int64_t n, int64_t k, const REAL *a, int64_t ar, int64_t ac, const REAL *b, int64_t br,
                                REAL *out, int64_t outr, int add) {
  int64_t i = 0;
  for (; i + 4 <= m; i += 4) NAME(strip)(4, n, k, a + i * ar, ar, ac, b, br, out + i * outr, outr, add);
  if (i + 2 <= m) { NAME(strip)(2, n, k, a + i * ar, ar, ac, b, br, out + i * outr, outr, add); i += 2; }
  if (i < m) NAME(strip)(1, n, k, a + i * ar, ar, ac, b, br, out + i * outr, outr, add);
}

INLINE LEVEL REAL NAME(total)(NAME(vector) x) {
  REAL lane[WIDTH];
  memcpy(lane, &x, sizeof x);
  UNROLL for (int width = WIDTH / 2; width; width /= 2) for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  return lane[0];
}

#if BYTES >= 32 && defined(SHUFFLES)
typedef REAL NAME(four) __attribute__((vector_size(4 * sizeof(REAL)), may_alias));

/* Four lanes with the sum of all: the first four, the next four, … */
INLINE LEVEL NAME(four) NAME(folded)(NAME(vector) x) {
  NAME(four) part[WIDTH / 4];
  memcpy(part, &x, sizeof x);
  UNROLL for (int width = WIDTH / 8; width; width /= 2) UNROLL for (int i = 0; i < width; i++) part[i] += part[i + width];
  return part[0];
}

/* The totals of four vectors, by turning them so that they are added lane by lane */
INLINE LEVEL void NAME(totals)(const NAME(vector) *x, int64_t step, REAL *total) {
  NAME(four) a = NAME(folded)(x[0]), b = NAME(folded)(x[step]), c = NAME(folded)(x[2 * step]), d = NAME(folded)(x[3 * step]);
  NAME(four) ab = __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);
  NAME(four) cd = __builtin_shufflevector(c, d, 0, 4, 2, 6) + __builtin_shufflevector(c, d, 1, 5, 3, 7);
  NAME(four) all = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  memcpy(total, &all, sizeof all);
}
#else
INLINE LEVEL void NAME(totals)(const NAME(vector) *x, int64_t step, REAL *total) {
  UNROLL for (int i = 0; i < 4; i++) total[i] = NAME(total)(x[i * step]);
}
#endif

/* So many rows of a with so many columns of b, where both lie one entry after the other */
INLINE LEVEL void NAME(dots)(const int ROWS, const int COLUMNS, int64_t k, const REAL *a, int64_t ar, const REAL *b, int64_t bc, REAL *out,
                       int64_t outr, int64_t outc, int add) {
  NAME(vector) sum[4][4];
  REAL total[4][4];
  int64_t p = 0;
  UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int c = 0; c < COLUMNS; c++) sum[r][c] = (NAME(vector)){0};
  for (; p + WIDTH <= k; p += WIDTH) {
    NAME(vector) column[4];
    UNROLL for (int c = 0; c < COLUMNS; c++) column[c] = LOAD(b + c * bc + p);
    UNROLL for (int r = 0; r < ROWS; r++) {
      NAME(vector) row = LOAD(a + r * ar + p);
      UNROLL for (int c = 0; c < COLUMNS; c++) sum[r][c] += row * column[c];
    }
  }
  if (ROWS == 4) UNROLL for (int c = 0; c < COLUMNS; c++) NAME(totals)(&sum[0][c], 4, total[c]); /* of a column */
  else UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int c = 0; c < COLUMNS; c++) total[c][r] = NAME(total)(sum[r][c]);
  UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int c = 0; c < COLUMNS; c++) {
    REAL *to = out + r * outr + c * outc;
    *to = (add ? *to : 0) + (p == k ? total[c][r] : total[c][r] + NAME(inner)(k - p, a + r * ar + p, 1, b + c * bc + p, 1));
  }
}

/* One row with one column: more sums at a time, since each waits for its last addition */
static LEVEL REAL NAME(dot)(int64_t k, const REAL *a, const REAL *b) {
  NAME(vector) sum[4] = {{0}};
  int64_t p = 0;
  for (; p + 4 * WIDTH <= k; p += 4 * WIDTH)
    UNROLL for (int v = 0; v < 4; v++) sum[v] += LOAD(a + p + v * WIDTH) * LOAD(b + p + v * WIDTH);
  for (; p + WIDTH <= k; p += WIDTH) sum[0] += LOAD(a + p) * LOAD(b + p);
  return NAME(total)((sum[0] + sum[1]) + (sum[2] + sum[3])) + NAME(inner)(k - p, a + p, 1, b + p, 1);
}

static LEVEL void NAME(by_dots)(int64_t m, int64_t n, int64_t k, const REAL *a, int64_t ar, const REAL *b, int64_t bc, REAL *out,
                                int64_t outr, int64_t outc, int add) {
#define DOTS(R, C) NAME(dots)(R, C, k, a + i * ar, ar, b + j * bc, bc, out + i * outr + j * outc, outr, outc, add)
  enum { MOST = BYTES == 64 ? 4 : BYTES == 32 ? 3 : 2, LONG = 128 }; /* as many columns as there are registers for */
  int64_t i = 0;
  for (; i + 4 <= m; i += 4) {
    int64_t j = 0;
    for (; j + MOST <= n; j += MOST) DOTS(4, MOST);
    if (j + 2 <= n) { DOTS(4, 2); j += 2; }
    if (j < n) DOTS(4, 1);
  }
  for (; i < m; i++) {
    int64_t j = 0;
    if (k < LONG) for (; j + 4 <= n; j += 4) DOTS(1, 4); /* memory is read faster in one stretch */
    for (; j < n; j++) {
      REAL *to = out + i * outr + j * outc;
      *to = (add ? *to : 0) + NAME(dot)(k, a + i * ar, b + j * bc);
    }
  }
#undef DOTS
}
#undef LOAD
#undef STORE
#undef UNROLL
#endif

static LEVEL void NAME(product)(int64_t m, int64_t n, int64_t k, const void *a_, int64_t ar, int64_t ac, const void *b_, int64_t br,
                                int64_t bc, void *out_, int64_t outr, int64_t outc, int add) {
  const REAL *a = a_, *b = b_;
  REAL *out = out_;
#if defined(EXTENSIONS)
  if (bc == 1 && outc == 1 && n >= WIDTH) { NAME(by_rows)(m, n, k, a, ar, ac, b, br, out, outr, add); return; }
  if (ar == 1 && outr == 1 && m >= WIDTH) { NAME(by_rows)(n, m, k, b, bc, br, a, ac, out, outc, add); return; } /* outT = bT aT */
  if (ac == 1 && br == 1) { NAME(by_dots)(m, n, k, a, ar, b, bc, out, outr, outc, add); return; }
#undef WIDTH
#endif
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      REAL *to = out + i * outr + j * outc;
      *to = (add ? *to : 0) + NAME(inner)(k, a + i * ar, ac, b + j * bc, br);
    }
}
