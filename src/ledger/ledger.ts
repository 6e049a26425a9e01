/**
 * What a sample costs a chip: energy by what takes it, time, and area. Every number is what an equation of the
 * chip or a term that the user named says; what neither says counts nothing, and is told in a line.
 */
import type { Chip, Projection } from "../circuit/chip-types";
import { learns, ownerOf } from "../circuit/owner";
import type { Simulator } from "../dynamics/simulator";
import type { Estimator } from "../learning/estimators";
import { freeStepsOf } from "../learning/lengths";
import { mostRounds, refreshed, type Programming } from "../learning/programming/options";
import { phasesOf, sampleSchedule } from "../learning/sample-schedule";
import { areaOf } from "./area";
import { writtenCapacitance } from "./cells";
import type { LedgerTerms } from "./options";
import { conductancesOf, powerAt } from "./power";

/** A part of what a sample costs. */
export interface LedgerItem {
  readonly what: string;
  readonly joules: number;
}

/** What one training sample costs, its share of the writes of its batch included. */
export interface Ledger {
  readonly sample: {
    readonly devices: LedgerItem;
    readonly nodes: LedgerItem;
    readonly charging: LedgerItem;
    readonly converters: LedgerItem;
    readonly writes: LedgerItem;
    /** Of what leaks; 0 J where nothing is refreshed. */
    readonly refreshes: LedgerItem;
  };
  readonly joules: number;
  readonly seconds: number;
  /** Watts while phases last. */
  readonly watts: number;
  /** Of one pulse in each array, devices of a pair together, by projection; empty where no pulse is named. */
  readonly pulses: Readonly<Record<string, number>>;
  /** Square metres; null where nothing says what devices take. */
  readonly area: number | null;
  /** What all of this takes for granted, a sentence each. */
  readonly assumptions: readonly string[];
}

/** Writes or pulses of single devices a sample, by projection. */
export interface Counted {
  readonly writes: Readonly<Record<string, number>>;
  /** Those that refreshed what had leaked. */
  readonly refreshes: Readonly<Record<string, number>>;
}

export interface LedgerRequest {
  readonly estimator: Estimator;
  readonly terms: LedgerTerms;
  readonly batch: number;
  readonly programming: Programming | null;
  /** Samples whose free phases are settled: [samples, inputs]. */
  readonly inputs: ArrayLike<number>;
  readonly samples: number;
  /** Writes or pulses a sample, by projection, as they were counted. Default: those that the schedule allows. */
  readonly counted?: Counted;
  /** Number of the phase, which keys its noise. */
  readonly phase?: number;
}

/**
 * What a sample costs one chip; null where its time or its states have no unit, or nothing says what it takes.
 * @throws OhmletError DYN-… of the phase
 */
export async function ledgerOf(simulator: Simulator, request: LedgerRequest): Promise<Ledger | null> {
  const { estimator, terms, batch, programming, inputs, samples, phase = 0 } = request;
  const { chip, circuit, dt } = simulator;
  const schedule = sampleSchedule(simulator, estimator, { programming, batch });
  if (schedule.seconds === null) return null;
  const steps = freeStepsOf(simulator, estimator.free);
  const settled = await simulator.phase({ samples, inputs, steps, phase });
  const power = powerAt(chip, settled, terms.supply);
  if (power.untold.length === circuit.projections.length + circuit.populations.length - circuit.inputs.length)
    return null;
  const phases = phasesOf(simulator, estimator);
  const lasting = dt * phases.reduce((sum, each) => sum + each.steps, 0);
  const writes = writesOf(chip, request, schedule.seconds);
  const reads = phases.length * circuit.units + circuit.inputSize;
  const each = terms.converter === null ? 0 : terms.converter.joules * 2 ** terms.converter.bits;
  const sample = {
    devices: { what: "devices: conductances at the voltages of their rows", joules: power.devices * lasting },
    nodes: { what: "nodes: their leaks", joules: power.nodes * lasting },
    charging: { what: "charging: nodes from 0 V, C u^2", joules: power.charging },
    converters: {
      what: `converters: ${circuit.inputSize} inputs, ${circuit.units} states after each of ${phases.length} phases`,
      joules: reads * each,
    },
    writes: { what: `writes: ${writes.writes.what}`, joules: writes.writes.joules },
    refreshes: { what: `refreshes: ${writes.refreshes.what}`, joules: writes.refreshes.joules },
  };
  const area = areaOf(circuit, terms.matching);
  return {
    sample,
    joules: Object.values(sample).reduce((sum, { joules }) => sum + joules, 0),
    seconds: schedule.seconds,
    watts: power.devices + power.nodes,
    pulses: writes.pulses,
    area,
    assumptions: [
      `power is that at the ends of ${samples} free phases, and lasts for all phases; bias currents of amplifiers are not counted`,
      "every free phase charges its nodes from 0 V, and half of what that draws stays on them; nudges move them by little: 0 J",
      ...(circuit.projections.some(({ wires }) => wires !== null)
        ? ["devices take what they would without the resistance of their wires"]
        : []),
      terms.converter === null
        ? "converters: none is named: 0 J"
        : `converters: ${terms.converter.bits} bits at ${terms.converter.joules} J a step, 2^${terms.converter.bits} steps a conversion`,
      ...writeAssumptions(chip, writes.pulses, terms),
      ...(terms.supply === null || !power.supplied
        ? []
        : [
            `currents of devices that are no conductances flow from ${terms.supply} V, whatever stands at their ends`,
          ]),
      ...(programming?.refresh === undefined
        ? []
        : ["refreshes: what devices held is kept digitally, and knowing what has leaked takes no energy"]),
      ...(power.untold.length > 0 ? [`not told by their equations: ${power.untold.join(", ")}`] : []),
      area === null
        ? "area: nothing says what devices take"
        : "area: of parameters that differ from device to device; wires, converters and what does not differ take none" +
          (terms.matching === null
            ? ""
            : `; where none is told, (${terms.matching} m over the mismatch) squared`),
    ],
  };
}

/** How a pulse is counted, by what it writes to. */
function writeAssumptions(
  chip: Chip,
  told: Readonly<Record<string, number>>,
  { pulse }: LedgerTerms,
): string[] {
  if (pulse === null) return ["writes: no pulse is named: 0 J"];
  const kinds = chip.circuit.projections.filter((p) => learns(p) && ownerOf(p) === p.name);
  const charged = kinds.filter((p) => writtenCapacitance(chip, p) !== null);
  const silent = kinds.filter((p) => told[p.name] === undefined).map(({ name }) => name);
  return [
    ...(charged.length < kinds.length
      ? [
          `writes: V^2 G t at ${pulse.volts} V and the mean conductance of the array; both devices of a pair get their pulse`,
        ]
      : []),
    ...(charged.length > 0
      ? [
          `writes of cells that hold a charge: C V^2 at ${pulse.volts} V, their capacitance charged and discharged by each; ` +
            "both cells of a pair get their pulse, and the charge that stays is not counted beside it",
        ]
      : []),
    ...(silent.length > 0
      ? [`writes to ${silent.join(", ")}: their devices do not tell what one takes: 0 J`]
      : []),
  ];
}

/** Energy of a pulse on a conductance, J. */
export const pulseEnergy = (volts: number, conductance: number, seconds: number): number =>
  volts ** 2 * conductance * seconds;

/** Of one pulse on a weight, J; null where its device does not say. */
function energyOfPulse(
  chip: Chip,
  p: Projection,
  { volts, seconds }: NonNullable<LedgerTerms["pulse"]>,
): number | null {
  const capacitance = writtenCapacitance(chip, p);
  if (capacitance !== null) return capacitance * volts ** 2;
  const found = conductancesOf(chip, p);
  if (found === null) return null;
  const mean = found.cells.reduce((sum, g) => sum + g, 0) / found.cells.length;
  return found.each * pulseEnergy(volts, mean, seconds);
}

/** What a sample has of the writes of its batch, and of refreshes. */
function writesOf(
  chip: Chip,
  { terms: { pulse }, batch, programming, counted }: LedgerRequest,
  seconds: number,
) {
  const { circuit } = chip;
  const most = programming === null ? 1 : mostRounds(programming);
  const share = programming?.per === "sample" ? 1 : 1 / batch;
  const again = seconds / (programming?.refresh ?? Infinity);
  const leaking = programming?.refresh === undefined ? [] : refreshed(circuit);
  const pulses: Record<string, number> = {};
  const [writes, refreshes] = [
    { joules: 0, number: 0 },
    { joules: 0, number: 0 },
  ];
  for (const p of circuit.projections) {
    if (ownerOf(p) !== p.name || !learns(p)) continue;
    const { rows, columns } = chip.array(p.name);
    const all = rows * columns * most;
    const [own, anew] =
      counted === undefined
        ? [all * share, leaking.includes(p.name) ? all * again : 0]
        : [counted.writes[p.name] ?? all * share, counted.refreshes[p.name] ?? 0];
    writes.number += own;
    refreshes.number += anew;
    const energy = pulse === null ? null : energyOfPulse(chip, p, pulse);
    if (energy === null) continue;
    pulses[p.name] = energy;
    writes.joules += own * pulses[p.name];
    refreshes.joules += anew * pulses[p.name];
  }
  const byPulses = programming?.kind === "pulses";
  const atMost = counted === undefined && byPulses ? "at most " : "";
  const told = ({ joules, number }: typeof writes) => ({
    what: `${atMost}${Number(number.toPrecision(3))} ${byPulses ? "pulses" : "weights"} a sample`,
    joules,
  });
  return {
    writes: told(writes),
    refreshes: programming?.refresh === undefined ? { what: "none", joules: 0 } : told(refreshes),
    pulses,
  };
}
