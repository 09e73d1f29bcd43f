// What packed.py packed: base64 of a stream of "deflate" (RFC 1951), a list of two texts: the data, and what the page shows.
// Browsers can unpack streams by themselves, but only later: the scripts behind this one need all of it now.
const DAMAGED = "This page is damaged: it can't be unpacked.";
const FIRST_LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// The symbol of each code; the place is the code behind a leading 1, which tells how long it is.
function codesOf(lengths) {
  const symbols = [];
  for (let length = 1, code = 0; length < 16; length++, code <<= 1)
    lengths.forEach((each, symbol) => { if (each === length) symbols[1 << length | code++] = symbol; });
  return symbols;
}

function inflated(bytes) {
  const out = [];
  let place = 0, held = 0, count = 0;
  function byte() {
    if (place >= bytes.length) throw new Error(DAMAGED);
    return bytes[place++];
  }
  function bits(wanted) {
    for (; count < wanted; count += 8) held |= byte() << count;
    const value = held & (1 << wanted) - 1;
    held >>>= wanted;
    count -= wanted;
    return value;
  }
  function symbol(codes) {
    let code = 1;
    do code = code << 1 | bits(1); while (!(code in codes) && code < 65536);
    if (code >= 65536) throw new Error(DAMAGED);
    return codes[code];
  }
  function stored() {
    held = count = 0;
    const end = out.length + (byte() | byte() << 8);
    place += 2;  // the size once more, turned over
    while (out.length < end) out.push(byte());
  }
  function written() {
    const literals = bits(5) + 257, distances = bits(5) + 1, lengths = Array(19).fill(0), all = [];
    for (let i = 0, most = bits(4) + 4; i < most; i++) lengths[ORDER[i]] = bits(3);
    const codes = codesOf(lengths);
    while (all.length < literals + distances) {
      const next = symbol(codes);
      if (next < 16) all.push(next);
      else if (next === 16) all.push(...Array(bits(2) + 3).fill(all[all.length - 1]));
      else all.push(...Array(next === 17 ? bits(3) + 3 : bits(7) + 11).fill(0));
    }
    return [codesOf(all.slice(0, literals)), codesOf(all.slice(literals))];
  }
  const usual = () => [codesOf(Array.from({ length: 288 }, (_, i) => i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)), codesOf(Array(30).fill(5))];
  function coded([literals, distances]) {
    for (let next; (next = symbol(literals)) !== 256;) {
      if (next < 256) { out.push(next); continue; }
      const length = FIRST_LENGTHS[next - 257] + bits(next < 265 || next === 285 ? 0 : next - 261 >> 2);
      const far = symbol(distances), extra = Math.max(0, (far >> 1) - 1);
      const back = (far < 2 ? far : (2 + (far & 1)) << extra) + 1 + bits(extra);
      for (let i = 0; i < length; i++) out.push(out[out.length - back]);
    }
  }
  for (let isLast = 0; !isLast;) {
    isLast = bits(1);
    const kind = bits(2);
    if (kind === 0) stored(); else coded(kind === 1 ? usual() : written());
  }
  return new TextDecoder().decode(Uint8Array.from(out));
}

function unpacked(text) {
  const [json, body] = JSON.parse(inflated(Uint8Array.from(atob(text), letter => letter.charCodeAt(0))));
  document.body.insertAdjacentHTML("afterbegin", body);
  return json;
}
