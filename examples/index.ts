/** `npm run --silent example` lists the stories; `npm run --silent example 01` runs one. */
import { readdirSync } from "node:fs";

const stories = readdirSync(__dirname)
  .filter((file) => /^\d\d-.*\.ts$/.test(file))
  .sort();
const [wanted] = process.argv.slice(2);
const story = wanted === undefined ? undefined : stories.find((file) => file.startsWith(wanted));

if (story !== undefined) {
  void import(`./${story}`);
} else {
  if (wanted !== undefined) console.error(`there is no example "${wanted}"`);
  const list = stories.map(
    (file) =>
      `  npm run --silent example ${file.slice(0, 2)}   ${file.slice(3, -".ts".length).replaceAll("-", " ")}`,
  );
  console.log(["Stories, one command each:", ...list].join("\n"));
  process.exitCode = wanted === undefined ? 0 : 2;
}
