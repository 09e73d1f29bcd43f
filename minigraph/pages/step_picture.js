// One picture: its boxes and lines, and what they show at a step. An edge has an arrow at both ends.
const middleOf = part => { const box = part.getBBox(); return [box.x + box.width / 2, box.y + box.height / 2]; };
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const inColor = (group, color) => [...group.querySelectorAll("text")].filter(text => text.getAttribute("fill") === color);
const EDGE = 8;  // points that the frame of a box and its margin take
const lastGrown = {};
data.stages.forEach((stage, place) => Object.keys(stage.gradients).forEach(id => { lastGrown[id] = place; }));

class Picture {
  constructor(number) {
    Object.assign(this, data.pictures[number]);
    this.place = byId("view" + number);
    this.prefix = number ? "p" + number + "-" : "";
  }

  // The frame of the group that is opened.
  get frame() { return this.closes === null ? null : this.place.querySelector(".cluster"); }

  get svg() { return this.place.querySelector("svg"); }

  // Its parts are read when it is shown first: what is hidden has no size.
  open(isOpen) {
    this.place.hidden = !isOpen;
    if (isOpen && !this.boxes) this.read();
  }

  read() {
    this.boxes = {};
    this.wires = {};
    this.place.style.setProperty("--high", this.svg.viewBox.baseVal.height + "px");
    for (const group of this.place.querySelectorAll(".mg-node")) {
      const id = group.id.slice(this.prefix.length), rows = inColor(group, data.colors.gradient);
      const members = Object.keys(this.home).filter(step => this.home[step] === id);
      const links = [...group.querySelectorAll("a")].map(link => [link, link.getAttribute("xlink:title")]);
      this.boxes[id] = {
        group, rows, members, links, starts: rows.map(row => row.getAttribute("x")), texts: rows.map(row => row.textContent),
        values: inColor(group, data.colors.value), middle: middleOf(group)[0], room: group.getBBox().width - EDGE, isFold: id in this.opens || members.length > 1,
      };
    }
    for (const [id, [tail, head, along]] of Object.entries(this.edges)) {
      const group = byId(this.prefix + id);
      if (!group) continue;
      const from = middleOf(this.boxes[tail].group), to = middleOf(this.boxes[head].group);
      const arrows = [...group.querySelectorAll("polygon")];
      arrows.forEach(arrow => { arrow.dataset.full = arrow.getAttribute("points"); });
      const ahead = arrows.filter(arrow => distance(middleOf(arrow), to) < distance(middleOf(arrow), from));
      const texts = [...group.querySelectorAll("text")], values = inColor(group, data.colors.value);
      this.wires[id] = { group, along, ahead, behind: arrows.filter(arrow => !ahead.includes(arrow)), texts, values };
    }
  }

  // What is told on each box and line. `at` says what has happened up to a step, and what is hidden of it.
  show(at) {
    this.place.classList.toggle("asked", at.isAsked);
    for (const [id, box] of Object.entries(this.boxes)) {
      const has = some => box.members.some(step => some.has(step));
      box.group.classList.toggle("future", !at.paths && !has(at.lit));
      box.group.classList.toggle("now", !at.paths && has(at.nowBoxes));
      box.group.classList.toggle("off", Boolean(at.paths) && !has(at.paths.boxes));
      box.group.classList.toggle("end", Boolean(at.paths) && box.members.includes(at.paths.end));
      const isTold = !at.hides || box.members.every(step => at.seen.has(step));
      box.values.forEach(row => this.conceal(row, !isTold));
      box.links.forEach(([link, title]) => { if (at.hides) link.removeAttribute("xlink:title"); else if (title) link.setAttribute("xlink:title", title); });
      this.showGradient(box, at);
      if (id in this.opens) box.group.setAttribute("aria-expanded", "false");
    }
    for (const wire of Object.values(this.wires)) {
      const has = some => wire.along.some(edge => some.has(edge)), back = has(at.returned);
      wire.group.classList.toggle("future", !at.paths && !has(at.forward) && !back && !has(at.nowEdges));
      wire.group.classList.toggle("off", Boolean(at.paths) && !has(at.paths.edges));
      wire.group.classList.toggle("returned", back);
      wire.group.classList.toggle("now", !at.paths && has(at.nowEdges));
      wire.ahead.forEach(arrow => this.point(arrow, !back));
      wire.behind.forEach(arrow => this.point(arrow, back));
      wire.texts.forEach(text => this.conceal(text, !back && !(wire.values.includes(text) && has(at.forward))));
    }
    for (const box of Object.values(this.boxes)) box.group.setAttribute("aria-label", this.label(box.group));
  }

  // A gradient stands in its box from its first contribution on: the sum so far, then its final text.
  showGradient(box, at) {
    const grown = box.members.filter(step => step in lastGrown);
    const known = box.isFold ? grown.length > 0 && grown.every(step => lastGrown[step] <= at.upTo) : grown.some(step => step in at.gradients);
    const sum = box.isFold || !known ? null : at.gradients[grown[0]];
    const texts = sum === null ? box.texts : this.broken(sum, box);
    box.rows.forEach((row, place) => {
      this.conceal(row, !known || place >= texts.length);
      this.write(row, texts[place] ?? "", sum === null ? null : box, box.starts[place]);
    });
  }

  // A text in a row as it was drawn, or in the middle of a box; squeezed only where one word is wider than the box.
  write(row, text, box, start = 0) {
    row.textContent = text;
    row.setAttribute("text-anchor", box ? "middle" : "start");
    row.setAttribute("x", box ? box.middle : start);
    row.removeAttribute("textLength");
    if (!box || row.getComputedTextLength() <= box.room) return;
    row.setAttribute("textLength", box.room);
    row.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }

  // The words of a sum on the rows that its final text has, each as full as the box is wide.
  broken(sum, box) {
    const [row] = box.rows, lines = [];
    for (const word of sum.split(/ (?![+=])/)) {
      const longer = lines.length ? lines[lines.length - 1] + " " + word : word;
      row.textContent = longer;
      row.removeAttribute("textLength");
      if (lines.length && (row.getComputedTextLength() <= box.room || lines.length === box.rows.length)) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  }

  conceal(text, isHidden) {
    text.classList.toggle("hidden", isHidden);
    text.setAttribute("aria-hidden", String(isHidden));
  }

  label(group) {
    return [...group.querySelectorAll("text")].filter(text => !text.classList.contains("hidden")).map(text => text.textContent).join(" ");
  }

  // An arrow that does not point now is the end of the line: from the middle of its base to its tip.
  point(arrow, points) {
    const [left, tip, right] = arrow.dataset.full.trim().split(/\s+/).map(pair => pair.split(",").map(Number));
    const middle = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
    arrow.setAttribute("points", points ? arrow.dataset.full : middle + " " + tip);
    arrow.classList.toggle("line", !points);
  }
}
