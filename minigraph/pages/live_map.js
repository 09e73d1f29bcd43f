// What a classifier says over two features: colours for classes, a line where it changes its mind, the examples.
const COLORS = [[0, 114, 178], [213, 94, 0], [0, 158, 115], [204, 121, 167], [230, 159, 0], [86, 180, 233], [240, 228, 66], [120, 120, 120]];
const colorOf = number => COLORS[number % COLORS.length];

// For each point its class, and how sure the net is of it, from 0 to 1.
function decided(probabilities, count) {
  const classes = probabilities.length / count;
  return Array.from({ length: count }, (_, i) => {
    if (classes === 1) return [+(probabilities[i] >= 0.5), Math.abs(2 * probabilities[i] - 1)];
    let best = 0;
    for (let number = 1; number < classes; number++) if (probabilities[number * count + i] > probabilities[best * count + i]) best = number;
    return [best, probabilities[best * count + i]];
  });
}

// For each class how far it is ahead of all others, at each point: 0 where the net changes its mind.
function leads(probabilities, count) {
  const classes = probabilities.length / count, at = (number, i) => probabilities[number * count + i];
  if (classes === 1) return [probabilities.map(p => p - 0.5)];
  return Array.from({ length: classes }, (_, number) => Float64Array.from({ length: count }, (_, i) => {
    let other = -Infinity;
    for (let rival = 0; rival < classes; rival++) if (rival !== number) other = Math.max(other, at(rival, i));
    return at(number, i) - other;
  }));
}

// The line where a function on the grid is 0, square by square.
function zeroLine(pen, lead, cells, place) {
  const between = (i, j) => (lead[i] > 0) === (lead[j] > 0) ? [] : [place(i, j, lead[i] / (lead[i] - lead[j]))];
  pen.beginPath();
  for (let row = 0; row + 1 < cells; row++) for (let column = 0; column + 1 < cells; column++) {
    const i = row * cells + column, above = i + cells;
    const met = [...between(i, i + 1), ...between(i + 1, above + 1), ...between(above, above + 1), ...between(i, above)];
    for (let k = 0; k + 1 < met.length; k += 2) { pen.moveTo(...met[k]); pen.lineTo(...met[k + 1]); }
  }
  pen.stroke();
}

const small = document.createElement("canvas"); // a pixel for each point of the grid, spread smoothly over the map
function drawMap(leafValues, outputs) {
  const { cells, limits: [[left, right], [bottom, top]], points: [xs, ys], classes, program, output } = data.map;
  const canvas = byId("map"), pen = canvas.getContext("2d"), size = canvas.width, wide = size / (cells - 1);
  const probabilities = computed(program, leafValues)[0];
  small.width = small.height = cells;
  const image = small.getContext("2d").createImageData(cells, cells);
  decided(probabilities, cells * cells).forEach(([number, sure], i) => {
    const pixel = 4 * ((cells - 1 - Math.floor(i / cells)) * cells + i % cells);
    image.data.set(isNaN(sure) ? [128, 128, 128, 255] : [...colorOf(number), 255 * (0.1 + 0.45 * sure)], pixel);
  });
  small.getContext("2d").putImageData(image, 0, 0);
  pen.clearRect(0, 0, size, size);
  pen.drawImage(small, -wide / 2, -wide / 2, cells * wide, cells * wide);
  pen.strokeStyle = getComputedStyle(document.body).color;
  pen.lineWidth = 2;
  const across = (i, j, share) => wide * ((1 - share) * (i % cells) + share * (j % cells));
  const down = (i, j, share) => size - wide * ((1 - share) * Math.floor(i / cells) + share * Math.floor(j / cells));
  for (const lead of leads(probabilities, cells * cells)) zeroLine(pen, lead, cells, (...where) => [across(...where), down(...where)]);
  pen.strokeStyle = "white";
  pen.lineWidth = 1;
  xs.forEach((x, i) => {
    const along = size * (x - left) / (right - left), below = size * (top - ys[i]) / (top - bottom);
    pen.fillStyle = `rgb(${colorOf(classes[i]).join(" ")})`;
    pen.beginPath();
    if (classes[i] % 2) pen.rect(along - 3, below - 3, 6, 6);
    else pen.arc(along, below, 3.4, 0, 7);
    pen.fill();
    pen.stroke();
  });
  const found = decided(outputs[output], xs.length), hits = found.filter(([number], i) => number === classes[i]).length;
  byId("score").textContent = found.some(([, sure]) => isNaN(sure)) ? "For some examples the net has no value." : `${hits} of ${xs.length} examples are classified right.`;
}
