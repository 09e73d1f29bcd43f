// Compiles LaTeX with KaTeX: a line of JSON in, a line of JSON out, "" or what is wrong.
import { createInterface } from "node:readline";
import katex from "katex";

for await (const line of createInterface({ input: process.stdin })) {
  let wrong = "";
  try {
    katex.renderToString(JSON.parse(line), { displayMode: true, throwOnError: true, strict: "error", trust: false });
  } catch (error) {
    wrong = String(error.message);
  }
  process.stdout.write(JSON.stringify(wrong) + "\n");
}
