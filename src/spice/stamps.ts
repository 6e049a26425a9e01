/** What each linear element adds to the equations of a circuit: what flows, what binds a branch, and their slopes. */
import { GROUND, type Element, type Node } from "./circuit";
import type { Moment } from "./moment";
import { atRest, driveAt, type Drive, type Span } from "./waveform";

/** Adds an element at a state. */
export type Stamp = (x: Float64Array, moment: Moment) => void;

/** What a stamp writes to. */
interface Stamped {
  readonly nodeCount: number;
  readonly span: Span | null;
  readonly residual: Float64Array;
  readonly magnitude: Float64Array;
  readonly charge: Float64Array;
  readonly sparse: { readonly values: Float64Array };
  readonly pattern: { slot(row: number, column: number): number };
  at(x: Float64Array, node: Node): number;
  flow(a: Node, b: Node, i: number, size: number): void;
  slots(a: Node, b: Node, c: Node, d: Node): readonly number[];
  conductanceSlots(a: Node, b: Node): readonly number[];
  slope(slots: readonly number[], g: number): void;
  branchStamp(a: Node, b: Node, branch: number): (x: Float64Array) => void;
}

export function linearStamp(
  system: Stamped,
  element: Exclude<Element, { kind: "diode" | "behavioural" }>,
): Stamp {
  const { a, b } = element;
  switch (element.kind) {
    case "resistor": {
      const slots = system.conductanceSlots(a, b);
      const g = element.siemens;
      return (x) => {
        const [va, vb] = [system.at(x, a), system.at(x, b)];
        system.flow(a, b, g * (va - vb), g * (Math.abs(va) + Math.abs(vb)));
        system.slope(slots, g);
      };
    }
    case "capacitor": {
      const slots = system.conductanceSlots(a, b);
      const c = element.farad;
      return (x, { rate }) => {
        const q = c * (system.at(x, a) - system.at(x, b));
        if (a !== GROUND) system.charge[a] += q;
        if (b !== GROUND) system.charge[b] -= q;
        if (rate > 0) system.slope(slots, rate * c);
      };
    }
    case "inductor": {
      const row = system.nodeCount + element.branch;
      const stamp = system.branchStamp(a, b, element.branch);
      const own = system.pattern.slot(row, row);
      const { henry } = element;
      return (x, { rate }) => {
        stamp(x);
        system.charge[row] -= henry * x[row];
        system.sparse.values[own] -= rate * henry;
      };
    }
    case "voltage": {
      const row = system.nodeCount + element.branch;
      const stamp = system.branchStamp(a, b, element.branch);
      const { drive } = element;
      return (x, moment) => {
        stamp(x);
        const v = moment.sources * driven(drive, moment, system.span);
        system.residual[row] -= v;
        system.magnitude[row] += Math.abs(v);
      };
    }
    case "current": {
      const { drive } = element;
      return (_, moment) => {
        const i = moment.sources * driven(drive, moment, system.span);
        system.flow(a, b, i, Math.abs(i));
      };
    }
    case "voltage-by-voltage": {
      const row = system.nodeCount + element.branch;
      const stamp = system.branchStamp(a, b, element.branch);
      const { plus, minus, gain } = element;
      const slots = system.slots(row, row, plus, minus);
      return (x) => {
        stamp(x);
        const [vp, vm] = [system.at(x, plus), system.at(x, minus)];
        system.residual[row] -= gain * (vp - vm);
        system.magnitude[row] += Math.abs(gain) * (Math.abs(vp) + Math.abs(vm));
        if (slots[0] >= 0) system.sparse.values[slots[0]] -= gain;
        if (slots[1] >= 0) system.sparse.values[slots[1]] += gain;
      };
    }
    case "current-by-voltage": {
      const { plus, minus, gain } = element;
      const slots = system.slots(a, b, plus, minus);
      return (x) => {
        const [vp, vm] = [system.at(x, plus), system.at(x, minus)];
        system.flow(a, b, gain * (vp - vm), Math.abs(gain) * (Math.abs(vp) + Math.abs(vm)));
        system.slope(slots, gain);
      };
    }
    case "voltage-by-current": {
      const row = system.nodeCount + element.branch;
      const sensed = system.nodeCount + element.sensed;
      const stamp = system.branchStamp(a, b, element.branch);
      const slot = system.pattern.slot(row, sensed);
      const { gain } = element;
      return (x) => {
        stamp(x);
        system.residual[row] -= gain * x[sensed];
        system.magnitude[row] += Math.abs(gain * x[sensed]);
        system.sparse.values[slot] -= gain;
      };
    }
    case "current-by-current": {
      const sensed = system.nodeCount + element.sensed;
      const slots = system.slots(a, b, sensed, sensed);
      const { gain } = element;
      return (x) => {
        const i = gain * x[sensed];
        system.flow(a, b, i, Math.abs(i));
        if (slots[0] >= 0) system.sparse.values[slots[0]] += gain;
        if (slots[1] >= 0) system.sparse.values[slots[1]] -= gain;
      };
    }
  }
}

const driven = (drive: Drive, { t }: Moment, span: Span | null): number =>
  t === null ? atRest(drive) : driveAt(drive, t, span ?? { step: 1, stop: 1 });
