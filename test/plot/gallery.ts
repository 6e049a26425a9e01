/** Pictures of every kind, and what is hard about them: from numbers of fixed seeds, so that each is drawn alike. */
import type { Figure } from "../../src/plot/report-types";

/** Values that look drawn at random, 0 to 1, from a seed. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);
const words = { caption: "", xLabel: "epoch", yLabel: "loss" };

function learning(): Figure {
  const draw = draws(1);
  const x = range(21);
  return {
    kind: "curves",
    title: "Shares in percent, a level, dashes",
    ...words,
    yLabel: "accuracy",
    percent: true,
    yRange: [0, 1],
    level: { y: 0.9, name: "wanted" },
    series: ["contrastive, in continuous time", "backpropagation", "target propagation"].map((name, k) => ({
      name,
      x,
      y: x.map((epoch) => 0.95 - 0.1 * k - 0.8 * Math.exp(-epoch / (3 + k)) + 0.04 * draw()),
    })),
  };
}

function decades(): Figure {
  const x = range(40).map((k) => 10 ** (k / 8 - 1));
  return {
    kind: "curves",
    title: "Decades on both axes, gaps, a lone point",
    ...words,
    xLabel: "nudge, mV",
    yLabel: "residual",
    log: true,
    logX: true,
    series: [
      { name: "of the free phase", x, y: x.map((v, k) => (k > 20 && k < 25 ? null : 1e-9 * v ** 2.5)) },
      { name: "of the nudged phase", x, y: x.map((v, k) => (k > 30 && k !== 35 ? 0 : 1e-3 / v)) },
    ],
  };
}

const small = (title: string, y: (k: number) => number, log = false): Figure => ({
  kind: "curves",
  title,
  ...words,
  log,
  series: [{ name: "", x: range(12), y: range(12).map(y) }],
});

function manySeries(): Figure {
  return {
    kind: "curves",
    title: "Ten series, and a legend of several rows",
    ...words,
    series: range(10).map((k) => ({
      name: `layer ${k}, ${["excitatory", "inhibitory"][k % 2]}`,
      x: range(9),
      y: range(9).map((t) => Math.cos(t / 2 + k / 3) - k / 4),
    })),
  };
}

function spread(count: number, more: Partial<Extract<Figure, { kind: "curves" }>> = {}): Figure {
  const draw = draws(count);
  const x = range(4);
  return {
    kind: "curves",
    title: count > 2 ? "Bars beside each other over choices" : "Bands",
    ...words,
    xLabel: "device",
    yLabel: "accuracy",
    series: range(count).map((k) => {
      const y = x.map((at) => 0.6 + 0.05 * k + 0.05 * at + 0.05 * draw());
      return {
        name: `${10 ** k} chips`,
        x,
        y,
        band: { low: y.map((v) => v - 0.1 * draw()), high: y.map((v) => v + 0.1 * draw()) },
      };
    }),
    ...more,
  };
}

function loose(): Figure {
  const draw = draws(5);
  return {
    kind: "curves",
    title: "Loose points",
    ...words,
    xLabel: "mismatch",
    yLabel: "yield",
    series: ["met", "missed"].map((name, k) => {
      const x = range(70).map(() => draw());
      return { name, loose: true, x, y: x.map((v) => 1 - v * draw() - 0.2 * k) };
    }),
  };
}

function orbit(): Figure {
  const turn = range(200).map((k) => (k / 199) * 6 * Math.PI);
  return {
    kind: "curves",
    title: "A unit as long on both axes",
    ...words,
    xLabel: "V1, V",
    yLabel: "V2, V",
    equal: true,
    series: [
      {
        name: "orbit",
        x: turn.map((t) => Math.cos(t) * Math.exp(-t / 20)),
        y: turn.map((t) => Math.sin(t) * Math.exp(-t / 20)),
      },
    ],
  };
}

const angle: Figure = {
  kind: "curves",
  title: "Ticks where they are wanted",
  ...words,
  xLabel: "lag, us",
  yLabel: "angle to the gradient, degrees",
  yTicks: [0, 45, 90, 135, 180],
  series: [{ name: "angle", x: [1, 2, 3, 4, 5], y: [12, 20, 44, 95, 171] }],
};

function map(columns: number, more: Partial<Extract<Figure, { kind: "heat map" }>> = {}): Figure {
  const draw = draws(columns);
  return {
    kind: "heat map",
    title: `A map of ${columns} columns`,
    caption: "",
    xLabel: "leak, nS",
    yLabel: "bits",
    x: range(columns).map((k) => String(2 ** k)),
    y: ["4", "6", "8", "none at all, as in software"],
    values: range(4).map((row) => range(columns).map((k) => (row === 1 && k === 1 ? null : draw() * 0.9))),
    ...more,
  };
}

function spreadOfChips(count: number, unit: string, mark?: { x: number; name: string }): Figure {
  const draw = draws(count);
  return {
    kind: "histogram",
    title: count === 1 ? "A single value" : `A histogram of ${unit}`,
    caption: "",
    values: range(count).map(() => 0.8 + 0.1 * (draw() + draw() - draw() - draw())),
    unit,
    of: "chips",
    mark,
  };
}

const end = (setting: string, outcome: number): { setting: string; outcome: number } => ({
  setting,
  outcome,
});

export const GALLERY: readonly Figure[] = [
  learning(),
  decades(),
  small("Over two decades", (k) => 0.02 * 1.4 ** k, true),
  small("Very small numbers", (k) => 1e-13 * (k + 1) ** 2),
  small("Numbers close to each other", (k) => 1 + 1e-9 * k),
  small("A constant", () => -3),
  manySeries(),
  spread(2),
  spread(4, { xNames: ["ohmic", "a memristor with a long name", "floating gate", "none"], percent: true }),
  loose(),
  orbit(),
  angle,
  { kind: "curves", title: "Nothing at all", ...words, series: [] },
  map(5, { best: { of: "row", is: "largest" } }),
  map(14, { percent: true, range: [0, 1] }),
  map(3, { values: [[1e-9, 3.2e-8, 4.5e-6]], y: ["1"], title: "Very small values" }),
  spreadOfChips(300, "accuracy", { x: 0.9, name: "the least that is wanted" }),
  spreadOfChips(1, "V"),
  {
    kind: "tornado",
    title: "Which knob matters",
    caption: "",
    xLabel: "accuracy",
    percent: true,
    base: 0.91,
    bars: [
      { name: "bits of the weights", low: end("3 bits", 0.42), high: end("8 bits", 0.93) },
      { name: "leak", low: end("1 nS", 0.92), high: end("a setting with a long name, 40 nS", 0.81) },
      { name: "a knob with a name that is far too long", low: end("0", 0.91), high: end("1", 0.905) },
    ],
  },
  {
    kind: "ranking",
    title: "Shares of the variance",
    caption: "",
    xLabel: "share of the variance",
    bars: ["alone", "with others"],
    rows: [
      { name: "mismatch", values: [0.61, 0.7] },
      { name: "leak of the capacitors", values: [0.12, 0.31] },
      { name: "noise", values: [-0.02, 0.00004] },
    ],
  },
  {
    kind: "images",
    title: "Images, one of them wrong",
    caption: "",
    size: [2, 3],
    images: [
      { pixels: [0, 0.5, 1, 1, 0.5, 0], caption: "3 as 5", wrong: true },
      { pixels: [1, 0, 0, 0, 1, 1], caption: "7" },
    ],
  },
  {
    kind: "curves",
    title: `</style><script>alert("1")</script>`,
    caption: "<b>",
    xLabel: "a&b",
    yLabel: `<img src=x onerror='y'>`,
    series: [
      { name: `"><script>`, x: [1, 2], y: [1, 2] },
      { name: "]]>", x: [1, 2], y: [2, 1] },
    ],
  },
];
