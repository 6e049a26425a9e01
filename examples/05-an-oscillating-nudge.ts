/**
 * 05. An oscillating nudge in continuous time: the nudge never rests and neither does the circuit; a lock-in
 *     at every node averages, and there is no free phase (Laborieux and Zenke 2023, Eq. 7 to 9). The complex
 *     nudge finds the derivative but for a lag; the real one, which a chip can do, has a bias of order beta^2
 *     besides. Draws a picture. Run it with npm run --silent example 05 [FILE.svg]
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices", "ohmlet/circuits" and
 * "ohmlet/plot".
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { layered } from "../circuits";
import { crossbar, softNeuron } from "../devices";
import {
  centred,
  createEngine,
  exactAnswers,
  holomorphic,
  oscillating,
  Simulator,
  transient,
  type Estimate,
  type Estimator,
} from "../src/index";
import { lineChart, panels, standaloneSvg, type Series } from "../src/plot";

const TAU = 20e-6; // of the soft neuron: C/g_leak
const DT = 0.2 * TAU;
const design = layered([4, 5, 3], {
  neuron: softNeuron({ T: "0 K" }),
  synapse: crossbar(),
  feedback: { angle: 20 },
  initial: { distribution: "glorot", scale: 0.5 },
});
const chip = design.fabricate({ seed: 2 });
const batch = { samples: 1, inputs: Float64Array.of(0.1, 0.9, 0.4, 0.6), targets: Float64Array.of(0, 0, 1) };
const UNIT = 2; // of the output: the one that its target pulls
/** Steps a period of the running estimates that are drawn. */
const RUNNING = 400;
/** omega tau of a period in steps. */
const speed = (period: number): number => (2 * Math.PI * TAU) / (period * DT);

async function main(): Promise<void> {
  const simulator = new Simulator(chip, await createEngine("reference"), { solver: "heun", dt: DT });
  const free = await simulator.phase({ samples: 1, inputs: batch.inputs, steps: 2000, tolerance: 1e-12 });
  const exact = exactAnswers(chip, 1, batch.inputs, free.states, batch.targets);
  const measure = (estimator: Estimator): Promise<Estimate> =>
    estimator.estimate(simulator, batch, { round: 0, seed: 0 });
  const errorOf = ({ dState }: Estimate): number => {
    const names = Object.keys(exact.dState);
    const size = (of: (name: string, i: number) => number): number =>
      Math.hypot(...names.flatMap((name) => [...exact.dState[name].keys()].map((i) => of(name, i))));
    return (
      size((name, i) => dState[name][i] - exact.dState[name][i]) / size((name, i) => exact.dState[name][i])
    );
  };
  const settle = { freeSteps: 600, nudgedSteps: 600, tolerance: 1e-13 };

  console.log(
    "A 4-5-3 chip of soft neurons (tau = 20 us). |beta| = 0.2; errors are relative, against the exact " +
      "d_beta u.\n",
  );
  const points = errorOf(await measure(holomorphic({ points: 4, amplitude: 0.2, ...settle })));
  const periods = [40, 80, 160, 320, 640, 1280, 2560];
  const rows: { omega: number; complex: number; lag: number; real: number }[] = [];
  for (const period of periods) {
    const complex = await measure(oscillating({ amplitude: 0.2, period, form: "complex", periods: 2 }));
    const real = await measure(oscillating({ amplitude: 0.2, period, form: "lock-in", periods: 2 }));
    rows.push({
      omega: speed(period),
      complex: errorOf(complex),
      lag: complex.lag ?? NaN,
      real: errorOf(real),
    });
  }
  const order = (k: number, of: "complex" | "lag"): string =>
    k === 0 ? "" : (Math.log(rows[k - 1][of] / rows[k][of]) / Math.LN2).toFixed(2);
  const table = [
    ["period", "omega tau", "e^(i w t)", "order", "lag", "order", "cos(w t)"],
    ...rows.map((r, k) => [
      `${(periods[k] * DT * 1e6).toFixed(0)} us`,
      r.omega.toFixed(4),
      r.complex.toExponential(1),
      order(k, "complex"),
      r.lag.toExponential(1),
      order(k, "lag"),
      r.real.toExponential(1),
    ]),
  ];
  for (const row of table) console.log(row.map((cell) => cell.padStart(11)).join(""));
  console.log(
    `\nFour points on the circle, each settled: ${points.toExponential(1)}. The complex nudge has no ` +
      "such bias, only the lag:",
  );
  console.log("its part in quadrature is of order omega, its part in phase, the estimate, of order omega^2.");

  // The real lock-in against its amplitude, at a period so slow that the lag hardly counts.
  const slow = { period: 5120, periods: 1 };
  const amplitudes = [0.025, 0.05, 0.1, 0.2, 0.4];
  const biases: { real: number; pair: number; complex: number }[] = [];
  for (const amplitude of amplitudes) {
    const [real, complex] = [
      await measure(oscillating({ amplitude, form: "lock-in", ...slow })),
      await measure(oscillating({ amplitude, form: "complex", ...slow })),
    ];
    biases.push({
      real: errorOf(real),
      pair: errorOf(await measure(centred({ amplitude, ...settle }))),
      complex: errorOf(complex),
    });
  }
  console.log("\n|beta|      cos(w t)   centred pair    e^(i w t)");
  biases.forEach((b, k) =>
    console.log(
      `${String(amplitudes[k]).padEnd(6)}${[b.real, b.pair, b.complex].map((x) => x.toExponential(2).padStart(14)).join("")}`,
    ),
  );
  console.log(
    `order ${Math.log2(biases[2].real / biases[1].real).toFixed(2)} of the real lock-in's bias. At ` +
      "0.4 the complex nudge is beyond its circle of convergence, and nothing holds.",
  );

  // The picture.
  const orbit = async (period: number): Promise<Series> => {
    const oscillation = { period, form: "complex" as const };
    const nudges = [{ re: 0.2, im: 0 }];
    const { states } = await simulator.phase({
      ...batch,
      nudges,
      oscillation,
      steps: 3 * Math.max(period, 60),
    });
    const turned = 3 * Math.max(period, 60);
    const {
      traces: [{ re, im = [] }],
    } = await transient(simulator, {
      ...batch,
      nudges,
      oscillation,
      from: states,
      firstStep: turned,
      steps: period,
      every: Math.max(1, period / 100),
      units: { output: [UNIT] },
    });
    return {
      name: `omega tau = ${speed(period).toPrecision(2)}`,
      x: re.map((v) => 1e3 * v),
      y: im.map((v) => 1e3 * v),
    };
  };
  const circle = Array.from({ length: 101 }, (_, k) => ({
    re: 0.2 * Math.cos((2 * Math.PI * k) / 100),
    im: 0.2 * Math.sin((2 * Math.PI * k) / 100),
  }));
  const still = await simulator.phase({
    ...batch,
    nudges: circle,
    complex: true,
    steps: 1000,
    tolerance: 1e-10,
  });
  const of = (values: ArrayLike<number>): number[] => circle.map((_, k) => 1e3 * values[k * 3 + UNIT]);
  const orbits = [
    { name: "settled at every beta", x: of(still.states.output.re), y: of(still.states.output.im ?? []) },
    await orbit(400),
    await orbit(100),
    await orbit(30),
  ];

  const running = async (form: "complex" | "lock-in"): Promise<Series> => {
    const {
      times,
      traces: [{ estimate }],
    } = await transient(simulator, {
      ...batch,
      nudges: [{ re: 0.2, im: 0 }],
      oscillation: { period: RUNNING, form },
      steps: 10 * RUNNING,
      every: RUNNING / 20,
      units: { output: [UNIT] },
    });
    return {
      name: form === "complex" ? "e^(i omega t)" : "cos(omega t)",
      x: times.map((t) => t / (RUNNING * DT)).slice(1),
      y: (estimate?.re ?? []).slice(1).map((v) => 1e3 * v),
    };
  };
  const truth = 1e3 * exact.dState.output[UNIT];
  const [omegas, real] = [rows.map((r) => r.omega), amplitudes];
  const draw = (
    title: string,
    caption: string,
    chart: Omit<Parameters<typeof lineChart>[0], "title" | "caption">,
  ) => ({ title, caption, chart: lineChart({ title, caption, ...chart }) });
  const picture = panels("An oscillating nudge in continuous time", [
    draw(
      "The orbit",
      "State of an output under a nudge 0.2 e^(i omega t): the faster it turns, the less the circuit " +
        "follows.",
      { xLabel: "Re u (mV)", yLabel: "Im u (mV)", equal: true, series: orbits },
    ),
    draw(
      "The running estimate",
      "Lock-in from the very start, no free phase: the start is forgotten like 1/t. omega tau = " +
        `${speed(RUNNING).toPrecision(2)}, |beta| = 0.2.`,
      {
        xLabel: "periods",
        yLabel: "estimate of d_beta u (mV)",
        yRange: [0.6 * truth, 1.3 * truth],
        series: [
          await running("complex"),
          await running("lock-in"),
          { name: "exact", x: [0, 10], y: [truth, truth] },
        ],
      },
    ),
    draw(
      "The lag",
      "In phase the error falls like omega^2, in quadrature like omega; cos(omega t) keeps its bias.",
      {
        xLabel: "omega tau",
        yLabel: "relative error",
        log: true,
        logX: true,
        series: [
          { name: "e^(i omega t), in phase", x: omegas, y: rows.map((r) => r.complex) },
          { name: "in quadrature", x: omegas, y: rows.map((r) => r.lag) },
          { name: "cos(omega t)", x: omegas, y: rows.map((r) => r.real) },
          { name: "4 points, settled", x: [omegas[0], omegas[omegas.length - 1]], y: [points, points] },
        ],
      },
    ),
    draw(
      "The bias",
      `At omega tau = ${speed(slow.period).toPrecision(2)}: cos(omega t) has three quarters of the ` +
        "bias of a centred pair; e^(i omega t) has none, only its lag, up to the circle of convergence.",
      {
        xLabel: "|beta|",
        yLabel: "relative error",
        log: true,
        logX: true,
        series: [
          { name: "cos(omega t)", x: real, y: biases.map((b) => b.real) },
          { name: "centred pair", x: real, y: biases.map((b) => b.pair) },
          { name: "e^(i omega t)", x: real, y: biases.map((b) => b.complex) },
        ],
      },
    ),
  ]);
  const file =
    process.argv.slice(2).find((argument) => argument.endsWith(".svg")) ?? "runs/oscillating-nudge.svg";
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, standaloneSvg(picture));
  console.log(`\n${file}: the orbit in the complex plane, the running estimate, the lag and the bias`);
  simulator.dispose();
}
void main();
