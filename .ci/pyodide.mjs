// Runs a Python file in Pyodide, with wheels: node .ci/pyodide.mjs FOLDER_OF_PYODIDE FILE WHEEL…
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, file, ...wheels] = process.argv.slice(2).map((name) => resolve(name));
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: folder });
await pyodide.loadPackage("numpy");
for (const wheel of wheels) {
  pyodide.unpackArchive(readFileSync(wheel).buffer, "wheel");
}
console.log(pyodide.runPython("import sys; f'Pyodide {sys.platform}, Python {sys.version.split()[0]}'"));
try {
  pyodide.runPython(readFileSync(file, "utf8"), { filename: basename(file) });
} catch (error) {
  console.error(error.message); // the traceback; what node would print is the whole of Pyodide
  process.exit(1);
}
