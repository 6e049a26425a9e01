/**
 * Who may import whom. Data flows from equations to studies, and imports run the other way: a layer imports itself,
 * what the table grants it, and nothing else of this repository. Types count as imports.
 */

/** Each layer that stands on the ones before it. */
const CHAIN = [
  "printable",
  "display",
  "errors",
  "json-text",
  "journal-lines",
  "options",
  "quantile",
  "memory",
  "random",
  "units",
  "equations",
  "program",
  "device",
  "circuit",
  "dynamics",
  "learning",
  "ledger",
  "study",
  "robustness",
];

const upTo = (layer) => CHAIN.slice(0, CHAIN.indexOf(layer) + 1).map((name) => `src/${name}`);
const below = (layer) => upTo(layer).slice(0, -1);

/** What the layers above engines see of them: the contract, and engines by name. */
const CONTRACT = "src/engines/engine.ts";
/** What engines and the host mix past steps by. */
const MIXING = "src/engines/mixing.ts";
const SELECT = "src/engines/select.ts";
/** What exact answers are computed by, on the host. */
const REFERENCE = "src/engines/reference/index.ts";
/** Sums of products on the host. */
const CORRELATE = "src/engines/correlate.ts";
const ENTRY = "src/index.ts";
/** The second public entry, which stands on the catalogues. */
const ROBUSTNESS = "src/robustness/index.ts";
/** The public entry for pictures. */
const PLOT = "src/plot/index.ts";
/** The public entry to trainings and studies in folders. */
const RUNS = "src/runs/index.ts";
const CATALOGUES = ["devices/index.ts", "circuits/index.ts"];

/** What each layer may import besides itself: files, or folders with all that is in them. */
const GRANTS = {
  ...Object.fromEntries(CHAIN.map((layer) => [`src/${layer}`, below(layer)])),
  "src/quantile": ["src/options", "src/errors"],
  "src/random": ["src/errors"],
  "src/program": ["src/equations", "src/random", "src/errors"],
  "src/numerics": ["src/errors"],
  "src/units": ["src/options", "src/errors"],
  "src/engines": [
    "src/numerics",
    "src/program",
    "src/equations",
    "src/random",
    "src/options",
    "src/memory",
    "src/display",
    "src/errors",
  ],
  "src/dynamics": [...below("dynamics"), CONTRACT, MIXING, "src/data/finite.ts", "src/numerics"],
  "src/learning": [...below("learning"), CONTRACT, SELECT, REFERENCE, CORRELATE, "src/data"],
  "src/ledger": below("ledger"),
  "src/study": [...below("study"), CONTRACT, SELECT, "src/data"],
  "src/robustness": [...below("robustness"), CONTRACT, SELECT, "src/data", ...CATALOGUES],
  "src/verify": [...upTo("learning"), CONTRACT, SELECT, "src/data", ...CATALOGUES],
  "src/config": [...upTo("study"), SELECT, ...CATALOGUES],
  "src/characterize": [...upTo("circuit"), "src/numerics"],
  "src/spice": [...upTo("circuit"), "src/numerics"],
  "src/data": upTo("circuit"),
  "src/plot": upTo("circuit"),
  "src/io": [...upTo("circuit"), "src/data"],
  "src/executors": ["src/study", "src/io", "src/errors", "src/json-text", "src/printable"],
  "src/runs": [
    ...upTo("robustness"),
    CONTRACT,
    SELECT,
    "src/config",
    "src/data",
    "src/io",
    "src/plot",
    "src/executors",
  ],
  "src/reproduce": [
    ...upTo("robustness"),
    CONTRACT,
    SELECT,
    "src/config",
    "src/data",
    "src/io",
    "src/plot",
    "src/runs",
    ...CATALOGUES,
  ],
  "src/cli": ["src", ...CATALOGUES],
  devices: [ENTRY],
  circuits: [ENTRY, "devices/index.ts"],
  examples: [ENTRY, ROBUSTNESS, PLOT, RUNS, ...CATALOGUES],
  bench: ["src", ...CATALOGUES],
};

/** Layers that may use what only Node has; the rest also runs in a browser. */
const NODE = [
  "src/cli",
  "src/reproduce",
  "src/runs",
  "src/io",
  "src/executors",
  "src/engines/simd",
  "examples",
  "bench",
];

const escape = (path) => path.replaceAll(".", "\\.");
/** A file itself, or everything in a folder, or the folder's own single file (`src/errors` is `src/errors.ts`). */
const pattern = (paths) =>
  `^(${paths.map((path) => (path.endsWith(".ts") ? `${escape(path)}$` : `${escape(path)}(/|\\.ts$)`)).join("|")})`;
/** A package that is met in one place only. */
const metIn = (place, path, name, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: "^(src|devices|circuits|examples)/", pathNot: place },
  to: { path },
});
const OURS = "^(src|devices|circuits|examples|bench|test)/";

const layers = Object.entries(GRANTS).map(([layer, grants]) => ({
  name: `layer-${layer.replace("src/", "")}`,
  comment: `${layer} imports only ${grants.length > 0 ? grants.join(", ") : "itself"}.`,
  severity: "error",
  from: { path: pattern([layer]) },
  to: { path: OURS, pathNot: pattern([layer, ...grants]) },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: "controller-sees-hardware",
      comment: "What learns sees only what hardware could measure: no exact reference, no Jacobian.",
      severity: "error",
      from: { path: "^src/learning/(controller\\.ts|estimators/|rules/|optimizers/)" },
      to: { path: "^src/learning/(references/|probe\\.ts)" },
    },
    {
      name: "entry-is-for-outside",
      comment:
        "The public entry gathers layers; it knows neither what stands on it (the catalogues and what uses them) nor the command line.",
      severity: "error",
      from: { path: pattern([ENTRY]) },
      to: { path: "^(src/(cli|runs|io|plot|verify)|devices|circuits|examples|bench|test)/" },
    },
    {
      name: "no-unknown-layer",
      comment: "A new folder of src needs its line in the table of this file.",
      severity: "error",
      from: { path: "^src/", pathNot: pattern([ENTRY, ...Object.keys(GRANTS)]) },
      to: {},
    },
    {
      name: "no-cycle",
      comment: "Two files that need each other are one idea in two places, or a third file that is missing.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "node-stays-outside",
      comment: `Node's own modules stay in ${NODE.join(", ")}.`,
      severity: "error",
      from: { path: "^(src|devices|circuits)/", pathNot: pattern(NODE) },
      to: { dependencyTypes: ["core"] },
    },
    metIn(
      pattern(["src/units", "src/equations"]),
      "node_modules/mathjs/",
      "mathjs-reads-texts",
      "mathjs parses texts and knows units; nothing else of it is used.",
    ),
    metIn(
      pattern(["src/engines/gpu"]),
      "node_modules/gpu\\.js/",
      "gpu.js-is-an-engine",
      "GPU.js is met through the contract of engines.",
    ),
    metIn(
      pattern(["src/config"]),
      "node_modules/yaml/",
      "yaml-reads-configs",
      "yaml parses texts of settings, within the bounds of src/config.",
    ),
    metIn(
      "^src/robustness/(arbitraries/|property\\.ts$|index\\.ts$)",
      "node_modules/fast-check/",
      "fast-check-is-a-peer",
      "Only the property kit needs it, and users bring it: the search for the weakest point and the laws do without.",
    ),
    metIn(
      pattern(["src/executors/bullmq"]),
      "node_modules/(bullmq|ioredis)/",
      "bullmq-is-a-peer",
      "Only studies over many machines need bullmq and ioredis, and users bring them.",
    ),
    metIn(
      pattern(["src/plot"]),
      "node_modules/(@observablehq/plot|d3-[a-z]+|@types/d3-[a-z]+)/",
      "plot-draws",
      "Observable Plot draws pictures; it takes time to load, so only what draws imports src/plot.",
    ),
    metIn(
      pattern(["src/io/png"]),
      "node_modules/(pngjs|@types/pngjs)/",
      "png-is-a-format",
      "pngjs decodes pictures, after src/io/png has checked what they say of themselves.",
    ),
    metIn(
      pattern(["src/io"]),
      "node_modules/hyparquet-writer/",
      "parquet-is-a-format",
      "hyparquet-writer writes one format of files.",
    ),
    {
      name: "no-unresolved",
      comment: "What cannot be found cannot be checked.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-undeclared-package",
      // mathjs is imported as "#mathjs", of which the cruiser sees the types alone; what draws is in the bundles.
      comment: "A package that the product imports stands among its dependencies, or is bundled.",
      severity: "error",
      from: { path: "^(src|devices|circuits)/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        pathNot:
          "node_modules/(fast-check|bullmq|ioredis|mathjs|@observablehq/plot|d3-array|@types/d3-array)/",
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    // Vite names its entry only under "exports".
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
