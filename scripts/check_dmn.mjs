// Parses every DMN file of a folder with dmn-moddle, and ends with 1 on the first warning. `make check-dmn` runs it.
// Usage: node scripts/check_dmn.mjs MODULES FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, folder] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), "package.json"));
const loaded = await import(pathToFileURL(require.resolve("dmn-moddle")).href);
const DmnModdle = loaded.DmnModdle ?? loaded.default?.DmnModdle ?? loaded.default;
const moddle = new DmnModdle();
let rules = 0;
const names = readdirSync(folder).filter((name) => name.endsWith(".dmn"));
for (const name of names) {
  const { rootElement, warnings } = await moddle.fromXML(readFileSync(join(folder, name), "utf8"), "dmn:Definitions");
  const decision = rootElement.drgElement.find((element) => element.$type === "dmn:Decision");
  const table = decision?.decisionLogic;
  if (warnings.length || table?.$type !== "dmn:DecisionTable" || !table.rule.length) {
    console.error(`${name}: ${warnings.map((warning) => warning.message).join("; ") || "no decision table"}`);
    process.exit(1);
  }
  rules += table.rule.length;
}
if (!names.length) {
  console.error(`${folder}: no DMN files`);
  process.exit(1);
}
console.log(`${names.length} DMN files, ${rules} rules, no warning`);
