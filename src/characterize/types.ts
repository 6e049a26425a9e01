/** What is asked of a device on the bench, and what comes of it. */
import type { SpecimenOptions } from "./specimen";

/** What can be drawn of a device. */
export type CurveName = "pulses" | "iv" | "transfer" | "retention" | "spectrum" | "drift";

/** What a curve is drawn over. All numbers are SI. */
export interface CurveRequest extends SpecimenOptions {
  /** Pulses up, then pulses down. Default 100 each. */
  readonly up?: number;
  readonly down?: number;
  /** Where the state that is programmed begins. Default 0 for pulses, else what the device says. */
  readonly from?: number;
  /** Times of drift and retention, seconds, from small to large. */
  readonly times?: readonly number[];
  /** Of a spectrum, Hz. */
  readonly frequencies?: readonly number[];
}

/** A curve: values over a common axis, mean and standard deviation over the copies. */
export interface Curve {
  readonly device: string;
  readonly curve: CurveName;
  readonly x: { readonly name: string; readonly unit: string; readonly values: readonly number[] };
  readonly y: {
    readonly name: string;
    readonly unit: string;
    readonly mean: readonly number[];
    readonly sd: readonly number[];
  };
}
