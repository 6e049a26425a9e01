/** What ran: a table of facts. */
import { timeOf } from "../../../dynamics/time-steps/time-step";
import { percent } from "../../../display";
import type { Estimator } from "../../../learning/estimators";
import type { EpochReport } from "../../../learning/train";
import type { Report } from "../../../plot/report-types";
import { formatQuantity } from "../../../units/format";
import type { ReportParts } from "./parts";

/** What stopped a run before its last epoch. */
const STOPPED = {
  target: "the target accuracy was reached",
  patience: "the test accuracy no longer grew",
} as const;

export function facts(
  { run: { config }, chip, estimator, dt, about }: ReportParts,
  epochs: readonly EpochReport[],
): Report["facts"] {
  const { data, engine, ohmlet, node, platform } = about;
  const { stopped } = epochs[epochs.length - 1];
  const schedule = typeof config.schedule === "string" ? config.schedule : config.schedule.kind;
  const seconds = epochs.reduce((sum, e) => sum + e.seconds.training + e.seconds.testing, 0);
  const neurons = chip.circuit.populations.flatMap(({ name, neuron }) =>
    neuron === null ? [] : [[name, neuron.name] as const],
  );
  const synapses = chip.circuit.projections
    .filter(({ couples }) => couples === null)
    .map(({ name, synapse }) => [name, synapse.name] as const);
  const settings = Object.entries(estimator.settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${String(value)}`);
  const dimension = timeOf(chip.circuit);
  const step = dt === undefined ? [] : [["time step", formatQuantity({ value: dt, dimension })] as const];
  return [
    ["circuit", `${chip.circuit.name}, ${chip.circuit.units} neurons`],
    ["neurons", devicesOf(neurons)],
    ["synapses", devicesOf(synapses)],
    ["data", `${data.train.name}: ${data.train.samples} samples to train, ${data.test.samples} to test`],
    ["estimator", `${estimator.name}, ${settings.join(", ")}`],
    [
      "optimizer",
      `${config.optimizer.kind}, rate ${rateText(config.optimizer.rate)}, ${schedule} schedule, ` +
        `${config.batch} samples a batch`,
    ],
    ...homeostasisIn(config),
    ...programmingIn(config),
    ...readoutIn(estimator.reading),
    ["engine", `${engine.name}, ${engine.precision}${engine.executor ? `, ${engine.executor}` : ""}`],
    ...step,
    ["seeds", `${config.seed} for noise and shuffling, ${chip.seed} for the chip`],
    ...(stopped === undefined ? [] : [["stopped early", STOPPED[stopped]] as const]),
    ["wall-clock time", `${seconds.toFixed(1)} s`],
    ["versions", `Ohmlet ${ohmlet}, Node ${node.replace(/^v/, "")}, ${platform}`],
  ];
}

/** What is learned beside the cost. */
function homeostasisIn({
  homeostasis,
  remedy,
}: ReportParts["run"]["config"]): readonly (readonly [string, string])[] {
  if (remedy !== undefined && remedy !== "homeostasis")
    return [["remedy", typeof remedy === "string" ? remedy : remedy.kind]];
  if (homeostasis === undefined) return remedy === undefined ? [] : [["remedy", remedy]];
  const { coefficient, of, form, draws } = homeostasis;
  const kicks = form === "exact" ? "" : `, ${draws ?? 5} kicks a sample`;
  return [["homeostasis", `coefficient ${coefficient}, of the ${of}, ${form}${kicks}`]];
}

/**
 * Each device once, with its places where there are several: "leaky integrator in l1, soft neuron in output".
 */
function devicesOf(placed: readonly (readonly [place: string, device: string])[]): string {
  const names = [...new Set(placed.map(([, device]) => device))];
  if (names.length === 1) return names[0];
  return names
    .map(
      (name) =>
        `${name} in ${placed.flatMap(([place, device]) => (device === name ? [place] : [])).join(", ")}`,
    )
    .join("; ");
}

function rateText(rate: number | Readonly<Record<string, number>>): string {
  return typeof rate === "number"
    ? String(rate)
    : Object.entries(rate)
        .map(([name, value]) => `${value} (${name})`)
        .join(", ");
}

/** What phases are read through. */
function readoutIn(reading: Estimator["reading"]): readonly (readonly [string, string])[] {
  if (reading === undefined) return [];
  const { device, chop, zero, twin } = reading.settings;
  const facts = [
    device?.name ?? "ideal",
    ...(chop === "none" ? [] : [`chopped by the ${chop}`]),
    ...(zero > 0 ? [`less ${zero} reads of zero`] : []),
    ...(twin === null ? [] : [`beside a twin off by ${percent(twin)}`]),
  ];
  return [["readout", facts.join(", ")]];
}

/** How changes are written. */
function programmingIn({
  programming,
}: ReportParts["run"]["config"]): readonly (readonly [string, string])[] {
  if (programming === undefined) return [];
  const { kind, per, most, verify, reference, width, refresh } = programming;
  const facts = [
    `${kind} per ${per}`,
    ...(kind === "pulses" ? [`at most ${most} a change`] : []),
    ...(verify > 0 ? [`verified ${verify} times`] : []),
    ...(reference === "none" ? [] : ["about the symmetric point"]),
    ...(width === undefined ? [] : [`${width} each`]),
    ...(refresh === undefined
      ? []
      : [`what leaks refreshed every ${refresh}${typeof refresh === "number" ? " s" : ""}`]),
  ];
  return [["programming", facts.join(", ")]];
}
