/** A netlist without hierarchy: elements over numbered nodes and branches, ready to be solved or written. */
import type { Expression } from "../equations/expression";
import type { Diode, DiodeModel } from "./diode";
import type { Card } from "./text";
import type { Drive, Span } from "./waveform";

/** A node by its number; ground is -1. */
export type Node = number;
export const GROUND: Node = -1;

interface Common {
  /** As ngspice calls it: "r1", and within x1 "r.x1.r1". */
  readonly name: string;
  readonly card: Card;
  /** From one to the other. */
  readonly a: Node;
  readonly b: Node;
}

/** What an expression of a source reads: a voltage between nodes, or the current through a branch. */
export type Reading =
  | { readonly symbol: string; readonly kind: "voltage"; readonly plus: Node; readonly minus: Node }
  | { readonly symbol: string; readonly kind: "current"; readonly branch: number };

/** Elements. Those with a `branch` have their current, from a to b through them, as an unknown of their own. */
export type Element = Common &
  (
    | {
        readonly kind: "resistor";
        readonly siemens: number;
        /** At .ac, where it is another. */
        readonly small: number | null;
      }
    | { readonly kind: "capacitor"; readonly farad: number; readonly initial: number | null }
    | {
        readonly kind: "inductor";
        readonly henry: number;
        readonly initial: number | null;
        readonly branch: number;
      }
    | { readonly kind: "voltage"; readonly drive: Drive; readonly branch: number }
    | { readonly kind: "current"; readonly drive: Drive }
    | {
        readonly kind: "voltage-by-voltage";
        readonly plus: Node;
        readonly minus: Node;
        readonly gain: number;
        readonly branch: number;
      }
    | {
        readonly kind: "current-by-voltage";
        readonly plus: Node;
        readonly minus: Node;
        readonly gain: number;
      }
    | {
        readonly kind: "voltage-by-current";
        readonly sensed: number;
        readonly gain: number;
        readonly branch: number;
      }
    | { readonly kind: "current-by-current"; readonly sensed: number; readonly gain: number }
    | {
        readonly kind: "diode";
        readonly diode: Diode;
        readonly model: { readonly name: string; readonly values: DiodeModel };
        readonly area: number;
        /** How many stand side by side. */
        readonly many: number;
        /** Celsius. */
        readonly temp: number;
        readonly initial: number | null;
      }
    | {
        readonly kind: "behavioural";
        readonly value: Expression;
        readonly readings: readonly Reading[];
        /** Null for a source of current. */
        readonly branch: number | null;
      }
  );

export interface Options {
  /** Celsius. */
  readonly temp: number;
  readonly tnom: number;
  readonly gmin: number;
  readonly reltol: number;
}

export interface TransientCard extends Span {
  readonly start: number;
  readonly largest: number;
  /** Start from initial conditions, without an operating point. */
  readonly uic: boolean;
}

/** .ac: frequencies, Hz, from the first to the last. */
export interface AcCard {
  /** So many a decade or an octave, or all together. */
  readonly by: "dec" | "oct" | "lin";
  readonly points: number;
  readonly start: number;
  readonly stop: number;
}

export interface Circuit {
  readonly title: string;
  /** The file, for errors. */
  readonly where: string;
  /** Names by number, ground left out. */
  readonly nodes: readonly string[];
  /** Nodes of elements' own, which no result tells of. */
  readonly inner: ReadonlySet<Node>;
  /** Names of the elements whose currents are unknowns. */
  readonly branches: readonly string[];
  readonly elements: readonly Element[];
  readonly options: Options;
  readonly transient: TransientCard | null;
  readonly ac: AcCard | null;
  /** .ic and .nodeset: volts by node. */
  readonly initial: ReadonlyMap<Node, number>;
  readonly guess: ReadonlyMap<Node, number>;
  readonly notes: readonly string[];
}
