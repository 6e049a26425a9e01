/** What `ohmlet frequency` does: settle, linearise, tell and draw. */
import { dirname, join } from "node:path";
import type { Chip } from "../circuit/chip-types";
import { targetsOf, targetsOfClass } from "../circuit/targets";
import { Simulator } from "../dynamics/simulator";
import { smallSignal, type Response, type SmallSignal, type SmallSource } from "../dynamics/small-signal";
import { chooseStep } from "../dynamics/time-steps/choose-step";
import { timeOf } from "../dynamics/time-steps/time-step";
import { createEngine } from "../engines/select";
import type { Engine } from "../engines/engine";
import { OhmletError } from "../errors";
import { columns } from "../printable";
import { formatQuantity } from "../units/format";
import type { Dimension } from "../units/quantity";
import { chipNamed } from "./chip-named";
import { exampleInput } from "./example-input";
import type { Io } from "./io";
import { DONE } from "./report-error";

/** What is asked of it. */
export interface FrequencyOptions {
  readonly sample: number;
  readonly target: number;
  readonly input: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly points: number;
  readonly steps: number;
  readonly out: string | undefined;
  /** As typed; else that of a config. */
  readonly seed: number | undefined;
}

/** Settled enough for Newton's method to go on. */
const TOLERANCE = 1e-6;
/** Poles that are printed. */
const MOST_POLES = 8;
/** Rows that are printed. */
const MOST_ROWS = 21;
/** Curves of a picture. */
const MOST_CURVES = 6;

/** @throws OhmletError CLI-NAME, CLI-OPTION, CLI-CHOICE, DYN-FREQUENCY, and those of configs and runs */
export async function frequencyOf(name: string, asked: FrequencyOptions, io: Io): Promise<number> {
  const { out } = asked;
  if (out !== undefined && !/\.svg$/i.test(out))
    throw new OhmletError({
      code: "CLI-CHOICE",
      fact: `"${out.slice(-60)}" is no name of a picture that can be drawn`,
      place: { where: "frequency, --out" },
      remedy: "choices: FILE.svg",
    });
  const { chip, seed } = await chipNamed(name, asked.seed);
  const { circuit } = chip;
  const width = targetsOf(circuit);
  if (asked.target >= width)
    throw option(
      "--target",
      `there is no output ${asked.target} to be nudged`,
      `outputs are 0 to ${width - 1}`,
    );
  if (asked.input !== undefined && asked.input >= circuit.inputSize)
    throw option("--input", `there is no input ${asked.input}`, `inputs are 0 to ${circuit.inputSize - 1}`);
  const { text, inputs } = exampleInput(circuit.inputSize, asked.sample, seed);
  const targets = targetsOfClass(circuit, asked.target);
  const engine = await createEngine("reference");
  const simulator = await simulatorOf(chip, engine, inputs);
  try {
    const { states } = await simulator.phase({
      samples: 1,
      inputs,
      steps: asked.steps,
      tolerance: TOLERANCE,
    });
    const linear = await smallSignal(simulator, { inputs, targets, from: states });
    const source: SmallSource = asked.input === undefined ? "nudge" : { input: asked.input };
    const frequencies = rangeOf(linear, asked);
    const followed = await told(chip, linear, source, frequencies);
    const words = source === "nudge" ? `the nudge towards output ${asked.target}` : `input ${asked.input}`;
    io.print(`${circuit.name} on ${text}: ${followed.poles.length} states`, ...lines(chip, followed, words));
    if (!io.json) {
      const file = out ?? join("runs", `${circuit.name.replace(/[^A-Za-z0-9._-]/g, "-")}-frequency.svg`);
      await draw(chip, followed, words, file);
      io.print(`drawn in ${file}`);
    }
    io.emit({ circuit: circuit.name, source, ...followed });
    return DONE;
  } finally {
    simulator.dispose();
    engine.dispose();
  }
}

const option = (where: string, fact: string, remedy: string): OhmletError =>
  new OhmletError({ code: "CLI-OPTION", fact, place: { where: `frequency ${where}` }, remedy });

/** What gets a chip to rest: sweeps where conductances load nodes, steps in time elsewhere. */
async function simulatorOf(chip: Chip, engine: Engine, inputs: Float64Array): Promise<Simulator> {
  const loads = chip.circuit.projections.some(({ synapse }) => synapse.loads);
  if (loads) return new Simulator(chip, engine, { solver: "balance" });
  if (chip.circuit.populations.some(({ neuron }) => neuron?.dynamics.kind === "discrete"))
    return new Simulator(chip, engine, {});
  const dt = await chooseStep(chip, engine, { samples: 1, inputs });
  return new Simulator(chip, engine, { dt });
}

/** From a hundredth of the slowest pole to a hundred times the fastest, unless said. */
function rangeOf({ poles }: SmallSignal, { low, high, points }: FrequencyOptions): Float64Array {
  const rates = poles.map(({ re, im }) => Math.hypot(re, im) / (2 * Math.PI)).filter((rate) => rate > 0);
  const first = low ?? Math.min(...rates, high ?? Infinity) / 100;
  const last = high ?? Math.max(...rates, first) * 100;
  if (!(last > first) || !Number.isFinite(last))
    throw option("--low", `there is no range from ${first} to ${last}`, "give --low below --high");
  return Float64Array.from({ length: points }, (_, k) => first * (last / first) ** (k / (points - 1)));
}

/** One unit of the output, as it follows. */
interface Curve {
  readonly unit: number;
  /** What it does at rest for a source of 1, SI. */
  readonly rest: number;
  /** Where it first follows with 1/sqrt(2) of that, Hz; null where it always or never does. */
  readonly bandwidth: number | null;
  /** Of what it does at rest. */
  readonly gain: readonly number[];
  /** Degrees behind. */
  readonly lag: readonly number[];
}

interface Followed {
  readonly poles: readonly { readonly re: number; readonly im: number }[];
  readonly stable: boolean;
  readonly frequencies: readonly number[];
  readonly output: readonly Curve[];
}

async function told(
  { circuit }: Chip,
  linear: SmallSignal,
  source: SmallSource,
  frequencies: Float64Array,
): Promise<Followed> {
  const { name, size } = circuit.output;
  const [rest, found] = [await linear.response(source, [0]), await linear.response(source, frequencies)];
  const output: Curve[] = [];
  for (let unit = 0; unit < size; unit++) {
    const bandwidth = await linear.bandwidth(source, name, unit);
    output.push({
      unit,
      rest: rest.states[name].re[unit],
      bandwidth: Number.isFinite(bandwidth) ? bandwidth : null,
      ...followedBy(rest.states[name].re[unit], found.states[name], unit, size),
    });
  }
  const { poles } = linear;
  return { poles, stable: poles.every(({ re }) => re < 0), frequencies: [...frequencies], output };
}

/** Gain beside rest, and lag in degrees, without jumps. */
function followedBy(
  rest: number,
  { re, im }: Response["states"][string],
  unit: number,
  size: number,
): Pick<Curve, "gain" | "lag"> {
  const [gain, lag]: [number[], number[]] = [[], []];
  for (let at = unit; at < re.length; at += size) {
    gain.push(Math.hypot(re[at], im[at]) / Math.abs(rest));
    const sign = rest < 0 ? -1 : 1;
    const degrees = (-Math.atan2(sign * im[at], sign * re[at]) * 180) / Math.PI;
    const before = lag.at(-1) ?? 0;
    lag.push(degrees + 360 * Math.round((before - degrees) / 360));
  }
  return { gain, lag };
}

const number = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "-";

function lines({ circuit }: Chip, { poles, stable, frequencies, output }: Followed, words: string): string[] {
  const time = timeOf(circuit);
  // A hertz is 1/s, and is called so where something turns.
  const hertz = (value: number): string =>
    time.some((power) => power !== 0) ? `${number(value)} Hz` : number(value);
  const show = (value: number, dimension: Dimension): string =>
    formatQuantity({ value: Number(value.toPrecision(4)), dimension });
  const shown = poles.slice(0, MOST_POLES).map(({ re, im }) => {
    const turning = im === 0 ? "" : ` ${im < 0 ? "-" : "+"} ${number(Math.abs(im))}i`;
    return `${number(re)}${turning}`;
  });
  const { unit, bandwidth, rest, gain, lag } = output.reduce((most, one) =>
    Math.abs(one.rest) > Math.abs(most.rest) ? one : most,
  );
  const every = Math.max(1, Math.ceil(frequencies.length / MOST_ROWS));
  return [
    `poles (${time.some((power) => power !== 0) ? "1/s" : "per unit of time"}): ${shown.join(", ")}${poles.length > MOST_POLES ? ", …" : ""}`,
    `${stable ? "stable" : "NOT stable: a push grows"}; slowest ${show(1 / Math.abs(poles[0].re), time)}, fastest ` +
      show(1 / Math.max(...poles.map(({ re, im }) => Math.hypot(re, im))), time),
    `output ${unit}, which ${words} moves most, follows ` +
      (bandwidth === null ? "whatever its frequency" : `to ${hertz(bandwidth)}`) +
      `; at rest by ${number(rest)} for 1`,
    ...columns([
      ["frequency", "gain", "lag, degrees", "lag"],
      ...frequencies.flatMap((f, k) =>
        k % every === 0 ? [[hertz(f), number(gain[k]), number(lag[k]), show(lag[k] / 360 / f, time)]] : [],
      ),
    ]),
  ];
}

async function draw(
  { circuit }: Chip,
  { frequencies, output }: Followed,
  words: string,
  file: string,
): Promise<void> {
  const [{ lineChart }, { panels }, { standaloneSvg }, { makeFolder }, { writeAtomically }] =
    await Promise.all([
      import("../plot/line-chart"),
      import("../plot/panels"),
      import("../plot/standalone"),
      import("../io/make-folder"),
      import("../io/atomic"),
    ]);
  const first = [...output].sort((a, b) => Math.abs(b.rest) - Math.abs(a.rest)).slice(0, MOST_CURVES);
  const hertz = timeOf(circuit).some((power) => power !== 0) ? "frequency, Hz" : "frequency";
  const chart = (of: "gain" | "lag", yLabel: string, log: boolean) =>
    lineChart({
      title: yLabel,
      caption: "",
      xLabel: hertz,
      yLabel,
      logX: true,
      ...(log && { log: true }),
      series: first.map((curve) => ({
        name: `output ${curve.unit}`,
        x: [...frequencies],
        y: [...curve[of]],
      })),
    });
  const panel = (title: string, drawn: ReturnType<typeof lineChart>) => ({
    title,
    caption: "",
    chart: drawn,
  });
  makeFolder(dirname(file));
  writeAtomically(
    file,
    standaloneSvg(
      panels(`${circuit.name}: how its outputs follow ${words}`, [
        panel("gain, of rest", chart("gain", "gain, of rest", true)),
        panel("lag, degrees", chart("lag", "lag, degrees", false)),
      ]),
    ),
  );
}
