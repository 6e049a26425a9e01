/**
 * The spectrum of a neuron by itself, with all of its states: linearised where they are 0, ds/dt = A s + B xi, the
 * noise of each state reaches u through (j omega - A)^-1.
 */
import { drawParameters } from "../../circuit/draw";
import { internalStates } from "../../circuit/states";
import type { Neuron } from "../../device/types";
import { differentiate } from "../../equations/differentiate";
import type { Expression } from "../../equations/expression";
import { vectorize, type Column } from "../../equations/vectorize";
import { CONSTANTS } from "../../units/constants";
import { Hessenberg } from "../../numerics/hessenberg";
import type { CurveRequest } from "../types";

/** Of copies of a device, what each shows at an angular frequency, one-sided. */
export interface Densities {
  readonly copies: number;
  densityAt(omega: number, copy: number): number;
}

/** Nothing comes from outside. */
const PORTS = ["I", "I_nudge", "I_back"];

/** Null where it has no noise in continuous time. */
export function ofNeuron(neuron: Neuron, { devices = 1, seed = 1 }: CurveRequest): Densities | null {
  const { parameters } = neuron;
  const states = [
    ["u", neuron.dynamics] as const,
    ...internalStates(neuron).map(([name, { dynamics }]) => [name, dynamics] as const),
  ];
  const moving = states.flatMap(([name, dynamics]) =>
    dynamics.kind === "continuous" ? [{ name, drift: dynamics.drift, noise: dynamics.diffusion }] : [],
  );
  if (moving.length < states.length || moving.every(({ noise }) => noise === null)) return null;
  const drawn = drawParameters(parameters, { rows: 1, columns: devices, key: "bench" }, seed);
  const names = [
    ...moving.map(({ name }) => name),
    ...PORTS,
    ...Object.keys(parameters),
    ...Object.keys(CONSTANTS),
  ];
  const columns: Column[] = [
    ...moving.map(() => 0),
    ...PORTS.map(() => 0),
    ...Object.values(drawn),
    ...Object.values(CONSTANTS).map(({ value }) => value),
  ];
  const over = (e: Expression): Float64Array => vectorize(e, names)(new Float64Array(devices), columns);
  const n = moving.length;
  const slopes = moving.map(({ drift }) => moving.map(({ name }) => over(differentiate(drift, name))));
  const amplitudes = moving.map(({ noise }) => (noise === null ? null : over(noise)));
  const systems = Array.from(
    { length: devices },
    (_, copy) =>
      new Hessenberg(
        Float64Array.from(slopes.flat(), (slope) => slope[copy]),
        n,
      ),
  );
  return {
    copies: devices,
    densityAt(omega, copy) {
      let density = 0;
      amplitudes.forEach((amplitude, state) => {
        if (amplitude === null) return;
        const push = new Float64Array(n);
        push[state] = amplitude[copy];
        const { re, im } = systems[copy].solve({ re: 0, im: omega }, push);
        density += 2 * (re[0] ** 2 + im[0] ** 2);
      });
      return density;
    },
  };
}
