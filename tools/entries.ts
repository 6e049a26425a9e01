/**
 * What the package offers: the one list of its public names. A line here is an entry of the bundles, of
 * `exports` and of `typesVersions` in package.json (`npm run build` writes them, a test compares).
 */

/** Public name to its source; `index` is `import … from "ohmlet"`. */
export const PUBLIC: Readonly<Record<string, string>> = {
  index: "src/index.ts",
  devices: "devices/index.ts",
  circuits: "circuits/index.ts",
  config: "src/config/index.ts",
  plot: "src/plot/index.ts",
  robustness: "src/robustness/index.ts",
  runs: "src/runs/index.ts",
};

/**
 * What is started, not imported: each finds the others by their name beside itself, so names here are those of
 * the sources.
 */
export const STARTED: Readonly<Record<string, string>> = {
  main: "src/cli/main.ts",
  "in-thread": "src/cli/in-thread.ts",
  worker: "src/runs/studying/worker.ts",
};

/**
 * What bundles have in the place of "#mathjs": a file by itself with what it takes of mathjs, and for pages
 * another that leaves mathjs to their own bundler ("#mathjs-parts" in package.json).
 */
export const MATHJS = "src/units/mathjs-parts.ts";

const from = (name: string): string => (name === "index" ? "." : `./${name}`);
/** The declarations of an entry, as `tsc` lays them out. */
export const typesOf = (name: string): string => `./dist/types/${PUBLIC[name].replace(/\.ts$/, ".d.ts")}`;

/** The fields of package.json that follow from the list. */
export function fieldsOfPackage(): Readonly<Record<string, unknown>> {
  const names = Object.keys(PUBLIC);
  return {
    main: "./dist/index.js",
    module: "./dist/index.mjs",
    types: typesOf("index"),
    exports: {
      ...Object.fromEntries(
        names.map((name) => [
          from(name),
          {
            import: { types: `./dist/${name}.d.mts`, default: `./dist/${name}.mjs` },
            require: { types: typesOf(name), default: `./dist/${name}.js` },
          },
        ]),
      ),
      "./schemas/*.json": "./schemas/*.json",
      "./package.json": "./package.json",
    },
    typesVersions: {
      "*": Object.fromEntries(
        names.filter((name) => name !== "index").map((name) => [name, [typesOf(name)]]),
      ),
    },
  };
}
