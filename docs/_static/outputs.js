// On a narrow screen sentences in an output are wrapped, and rows of a table are not: they scroll.
addEventListener("DOMContentLoaded", () => {
  const isRow = (line) => /\S {2,}\S.* {2,}\S/.test(line);
  for (const output of document.querySelectorAll(".cell_output pre")) {
    const lines = output.textContent.split("\n");
    if (output.querySelector(":scope > :not(span:empty)") || lines.filter(isRow).length < 2) continue;
    output.classList.add("mg-table");
    const parts = lines.flatMap((line) => {
      if (isRow(line) || line === "") return [line, "\n"];
      const sentence = Object.assign(document.createElement("span"), { textContent: line });
      return [sentence, "\n"];
    });
    output.replaceChildren(...parts.slice(0, -1));
  }
});
