// Does the instructions of a graph. Every value is a flat list of numbers; shapes are in the lists of places.
const logOfSum = (a, b) => a === b ? a + Math.LN2 : isNaN(a) || isNaN(b) ? NaN : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
const evenly = x => { // to the nearest whole number, halves to even ones
  const down = Math.floor(x), rest = x - down;
  return rest < 0.5 ? down : rest > 0.5 ? down + 1 : down % 2 === 0 ? down : down + 1;
};
const power = (a, b) => a === 1 || b === 0 ? 1 : Math.abs(a) === 1 && Math.abs(b) === Infinity ? 1 : b === 2 ? a * a : b === 0.5 ? Math.sqrt(a) : Math.pow(a, b);
const FUNCTIONS = {
  absolute: Math.abs, add: (a, b) => a + b, arccos: Math.acos, arcsin: Math.asin, arctan: Math.atan, ceil: Math.ceil, cos: Math.cos, cosh: Math.cosh,
  divide: (a, b) => a / b, equal: (a, b) => +(a === b), exp: Math.exp, expm1: Math.expm1, floor: Math.floor,
  fmax: (a, b) => isNaN(a) ? b : isNaN(b) ? a : Math.max(a, b), fmin: (a, b) => isNaN(a) ? b : isNaN(b) ? a : Math.min(a, b), greater: (a, b) => +(a > b),
  greater_equal: (a, b) => +(a >= b), isfinite: a => +isFinite(a), isinf: a => +(Math.abs(a) === Infinity), isnan: a => +isNaN(a),
  less: (a, b) => +(a < b), less_equal: (a, b) => +(a <= b), log: Math.log, log1p: Math.log1p, logaddexp: logOfSum,
  logical_and: (a, b) => +(a !== 0 && b !== 0), logical_not: a => +(a === 0), logical_or: (a, b) => +(a !== 0 || b !== 0),
  maximum: Math.max, minimum: Math.min, multiply: (a, b) => a * b, negative: a => -a, not_equal: (a, b) => +(a !== b), positive: a => a,
  power, reciprocal: a => 1 / a, rint: evenly, sign: Math.sign, sin: Math.sin, sinh: Math.sinh, sqrt: Math.sqrt, square: a => a * a,
  subtract: (a, b) => a - b, tan: Math.tan, tanh: Math.tanh, copysign: (a, b) => (b < 0 || Object.is(b, -0) ? -1 : 1) * Math.abs(a),
  where: (condition, a, b) => condition !== 0 ? a : b,
};

const INSTRUCTIONS = {
  constant: (values, _, numbers) => Float64Array.from(numbers, Number),
  same: ([x]) => x,
  truth: ([x]) => x.map(a => +(a !== 0)),
  gather: ([x], tables, table) => Float64Array.from(tables[table], place => x[place]),
  join: (values, tables, table) => {
    const all = values.flatMap(x => [...x]);
    return Float64Array.from(tables[table], place => all[place]);
  },
  sum: ([x], tables, [size, table]) => {
    const sums = new Float64Array(size);
    tables[table].forEach((place, i) => { sums[place] += x[i]; });
    return sums;
  },
  max: ([x], tables, [size, table]) => {
    const largest = new Float64Array(size).fill(-Infinity);
    tables[table].forEach((place, i) => { largest[place] = Math.max(largest[place], x[i]); });
    return largest;
  },
  cumsum: ([x], _, [size, apart]) => {
    const sums = Float64Array.from(x);
    for (let i = 0; i < sums.length; i++) if (Math.floor(i / apart) % size) sums[i] += sums[i - apart];
    return sums;
  },
  matmul: ([a, b], tables, [rows, inner, columns, left, right]) => {
    const product = new Float64Array(tables[left].length * rows * columns);
    let at = 0;
    tables[left].forEach((from, batch) => {
      const other = tables[right][batch];
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += a[from + i * inner + k] * b[other + k * columns + j];
        product[at++] = sum;
      }
    });
    return product;
  },
};

// An entry-wise function of operands that are as large as the result, one number, or broadcast by a list of places.
function entrywise(f, values, tables, [size, ...spread]) {
  const operands = values.map((x, i) => spread[i] >= 0 ? Float64Array.from(tables[spread[i]], place => x[place]) : x);
  const [a, b, c] = operands, result = new Float64Array(size);
  const [s, t, u] = spread.map(how => how === -2 ? 0 : 1);
  if (operands.length === 1) for (let i = 0; i < size; i++) result[i] = f(a[i * s]);
  else if (operands.length === 2) for (let i = 0; i < size; i++) result[i] = f(a[i * s], b[i * t]);
  else for (let i = 0; i < size; i++) result[i] = f(a[i * s], b[i * t], c[i * u]);
  return result;
}

// A list of places, which may be given by the first one and the step along each axis.
function unfolded(table) {
  if (Array.isArray(table)) return table;
  return table.sizes.reduce((all, size, axis) => all.flatMap(from => Array.from({ length: size }, (_, i) => from + i * table.steps[axis])), [table.first]);
}

// The outputs of a program for the values of its leaves, each a list of numbers. Constants and places are made once.
function computed(program, leaves) {
  program.constants ??= new Map();
  program.places ??= program.tables.map(unfolded);
  const values = [...leaves], { instructions, places: tables } = program;
  for (const [i, [name, operands, more, rounds]] of instructions.entries()) {
    let value = program.constants.get(i);
    if (value === undefined) {
      const taken = operands.map(place => values[place]);
      value = name in INSTRUCTIONS ? INSTRUCTIONS[name](taken, tables, more) : entrywise(FUNCTIONS[name], taken, tables, more);
      if (rounds) value = value.map(Math.fround);
      if (name === "constant") program.constants.set(i, value);
    }
    values.push(value);
  }
  return program.outputs.map(place => values[place]);
}
