/**
 * Nudges that turn while the circuit moves, and the lock-in that reads them, as operations of the step: the
 * host takes no part between the ends of a period. Every population has an oscillator o = e^(i omega t), a
 * pair of state buffers that a constant rotation advances; readings are running sums of u, rho(u), u e^(-i
 * omega t) and rho(u) e^(-i omega t).
 *
 * Rotating in float32 drifts, so the host sets oscillators anew at every period: see lock-in.ts.
 */
import { add, multiply, negate, subtract, symbol, type Expression } from "../../equations/expression";
import type { Bindings, ProgramBuilder } from "../../program/builder";
import type { Layout, PlannedPopulation } from "./layout";
import type { Strength } from "./nudge";
import type { Oscillation } from "../types";
import type { UnitMaps } from "./unit-maps";

/** Row values of the rotation by so many steps: a complex pair. */
export const turnName = (steps: number): string => `turn_${String(steps).replace(".", "_")}`;
export const oscillatorName = ({ index }: PlannedPopulation): string => `o${index}`;

/**
 * The readings of a population, by the prefix of their buffers: means and fundamentals of states and
 * activities.
 */
export const MEANS = ["mu", "mr"] as const;
export const FUNDAMENTALS = ["hu", "hr"] as const;

/**
 * Declares the oscillators and, for a step that reads them out, the sums (means are declared with the state).
 */
export function declareOscillation(b: ProgramBuilder, { populations }: Layout, readings: boolean): void {
  for (const p of populations) {
    const { size } = p.population;
    b.stateBuffer(oscillatorName(p), size, true, false);
    if (readings) for (const name of FUNDAMENTALS) b.stateBuffer(`${name}${p.index}`, size, true, false);
  }
}

/** beta e^(i omega t), or beta cos(omega t), so many steps after the start of the step. */
export function turningStrength(
  form: Oscillation["form"],
  output: PlannedPopulation,
  steps: number,
): Strength {
  const [oscillator, turn] = [oscillatorName(output), turnName(steps)];
  if (form === "complex") {
    const now = steps === 0 ? symbol("osc") : multiply(symbol("osc"), symbol("turn"));
    return {
      beta: multiply(symbol("beta"), now),
      bindings: {
        beta: { row: "beta", complex: true },
        osc: { buffer: oscillator, complex: true },
        turn: { row: turn, complex: true },
      },
    };
  }
  const [cos, sin, turnCos, turnSin] = ["osc", "osc_sin", "turn", "turn_sin"].map(symbol);
  const now = steps === 0 ? cos : subtract(multiply(cos, turnCos), multiply(sin, turnSin));
  return {
    beta: multiply(symbol("beta"), now),
    bindings: {
      beta: { row: "beta" },
      osc: { buffer: oscillator },
      osc_sin: { buffer: `${oscillator}i` },
      turn: { row: turn },
      turn_sin: { row: `${turn}i` },
    },
  };
}

/** Turns the oscillators to the end of the step. */
export function emitTurn(b: ProgramBuilder, { populations }: Layout): void {
  for (const p of populations) {
    const name = oscillatorName(p);
    b.map(
      name,
      multiply(symbol("osc"), symbol("turn")),
      { osc: { buffer: name, complex: true }, turn: { row: turnName(1), complex: true } },
      true,
    );
  }
}

/**
 * Adds the state at the end of the step to the sums; the host opens the gate (1/steps) for the window to
 * average over.
 */
export function emitReadings(
  b: ProgramBuilder,
  maps: UnitMaps,
  { populations }: Layout,
  complex: boolean,
): void {
  for (const p of populations) {
    const u = `u${p.index}`;
    const isState = p.rho.kind === "symbol" && p.rho.name === "u";
    if (!isState) maps.map(p, `r${p.index}`, p.rho, { u: { buffer: u, complex } }, complex, "rho");
    [u, isState ? u : `r${p.index}`].forEach((value, k) => {
      const mean = `${MEANS[k]}${p.index}`;
      b.map(
        mean,
        gated(symbol("x")),
        { sum: { buffer: mean, complex }, x: { buffer: value, complex }, ...GATE },
        complex,
      );
      emitDemodulation(b, `${FUNDAMENTALS[k]}${p.index}`, value, oscillatorName(p), complex);
    });
  }
}

/** sum += gate (x + i y)(cos - i sin); real values have no y. */
function emitDemodulation(
  b: ProgramBuilder,
  sum: string,
  value: string,
  oscillator: string,
  complex: boolean,
): void {
  const [x, y, cos, sin] = ["x", "y", "cos", "sin"].map(symbol);
  const bindings: Bindings = {
    x: { buffer: value },
    cos: { buffer: oscillator },
    sin: { buffer: `${oscillator}i` },
    ...GATE,
    ...(complex && { y: { buffer: `${value}i` } }),
  };
  const inPhase = complex ? add(multiply(x, cos), multiply(y, sin)) : multiply(x, cos);
  const quadrature = complex ? subtract(multiply(y, cos), multiply(x, sin)) : negate(multiply(x, sin));
  b.map(sum, gated(inPhase), { ...bindings, sum: { buffer: sum } });
  b.map(`${sum}i`, gated(quadrature), { ...bindings, sum: { buffer: `${sum}i` } });
}

const GATE: Bindings = { gate: { scalar: "gate" } };
const gated = (value: Expression): Expression => add(symbol("sum"), multiply(symbol("gate"), value));
