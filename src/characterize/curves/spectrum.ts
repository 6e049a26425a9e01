/**
 * The density of what a device shows, one-sided, from its equations: of states that relax (Lorentzians, summed
 * with their phases where they share a draw) and of states that jump between two values (Machlup 1954). What
 * it shows is taken as linear in them, which it is wherever noise adds or multiplies once.
 */
import type { Device } from "../../device/read-device";
import type { Neuron, ReadoutDevice } from "../../device/types";
import { OhmletError } from "../../errors";
import { differentiate, splitLinear } from "../../equations/differentiate";
import { number, substitute, symbolsOf } from "../../equations/expression";
import { describeDimension, multiplyDimensions } from "../../units/dimension";
import { jumpOf } from "../jumps";
import { ofNeuron, type Densities } from "./neuron-spectrum";
import { Specimen } from "../specimen";
import { Points } from "../statistics";
import type { Curve, CurveRequest } from "../types";

const FREQUENCIES = Array.from({ length: 61 }, (_, k) => 10 ** (k / 10));

/** A part of the noise of each copy: its density at an angular frequency, one-sided, times `shown` squared. */
interface Relaxing {
  readonly draw: string;
  /** What it shows of the state, its slope (negative), and the amplitude of its noise; a value a copy. */
  readonly shown: Float64Array;
  readonly slope: Float64Array;
  readonly amplitude: Float64Array;
}
interface Jumping {
  readonly shown: Float64Array;
  readonly variance: Float64Array;
  readonly rate: Float64Array;
}

/** @throws OhmletError DEVICE-CURVE where it has none, or none that follows from its equations */
export function spectrum(device: Exclude<Device, ReadoutDevice>, name: string, request: CurveRequest): Curve {
  const frequencies = request.frequencies ?? FREQUENCIES;
  const bad = frequencies.find((f) => !(f >= 0 && f < Infinity));
  if (bad !== undefined) throw none(device, `${bad} Hz is no frequency`, "give frequencies of 0 Hz or more");
  const found = device.kind === "neuron" ? ofNeuron(device, request) : ofHeld(device, request);
  if (found === null)
    throw none(device, "it has no noise in continuous time", "add a term  … + amplitude*xi  to its rate");
  const { copies, densityAt } = found;
  const points = new Points();
  for (const f of frequencies)
    points.add(Float64Array.from({ length: copies }, (_, k) => densityAt(2 * Math.PI * f, k)));
  const shows = device.kind === "neuron" ? device.dimensions.u : device.dimensions.I;
  const square = describeDimension(multiplyDimensions(shows, shows));
  return {
    device: name,
    curve: "spectrum",
    x: { name: "frequency", unit: "Hz", values: frequencies },
    y: {
      name: `one-sided density of ${device.kind === "neuron" ? "u at rest" : device.kind === "synapse" ? "I at rho_pre = 1" : "I"}`,
      unit: square === "1" ? "1/Hz" : `${squared(describeDimension(shows))}/Hz`,
      mean: points.mean,
      sd: points.sd,
    },
  };
}

const squared = (unit: string): string => (/^\w+$/.test(unit) ? `${unit}^2` : `(${unit})^2`);

const none = ({ name }: Device, fact: string, remedy: string): OhmletError =>
  new OhmletError({ code: "DEVICE-CURVE", fact, place: { where: name }, remedy });

/** White noise of a draw reaches what is shown through all states that it moves, each with its phase. */
function densityOf(
  omega: number,
  relaxing: readonly Relaxing[],
  jumping: readonly Jumping[],
  k: number,
): number {
  const byDraw = new Map<string, { re: number; im: number }>();
  for (const { draw, shown, slope, amplitude } of relaxing) {
    const sum = byDraw.get(draw) ?? { re: 0, im: 0 };
    const gain = (shown[k] * amplitude[k]) / (slope[k] ** 2 + omega ** 2);
    byDraw.set(draw, { re: sum.re - gain * slope[k], im: sum.im - gain * omega });
  }
  let density = 0;
  for (const { re, im } of byDraw.values()) density += 2 * (re * re + im * im);
  for (const { shown, variance, rate } of jumping)
    density += (4 * shown[k] ** 2 * variance[k] * rate[k]) / (rate[k] ** 2 + omega ** 2);
  return density;
}

/** What a synapse at rho_pre = 1, or a source of noise, shows of its states. */
function ofHeld(device: Exclude<Device, Neuron | ReadoutDevice>, request: CurveRequest): Densities {
  const specimen = new Specimen(device, request);
  if (request.from !== undefined && specimen.programmed !== null)
    specimen.set(specimen.programmed, request.from);
  const output = device.kind === "synapse" ? device.weight : device.output;
  const relaxing: Relaxing[] = [];
  const jumping: Jumping[] = [];
  for (const [state, { leak, noise, events }] of Object.entries(device.stored)) {
    if (!symbolsOf(output).has(state)) continue;
    // Where it is shown: what is noise stands at its mean, which is 0 unless its equation says otherwise.
    const shown = specimen.evaluate(differentiate(output, state));
    for (const [draw, amplitude] of Object.entries(noise)) {
      const linear = splitLinear(leak ?? number(0), state);
      if (linear === null || symbolsOf(linear.coefficient).has(state))
        throw none(
          device,
          `${state} does not relax linearly, so that its spectrum has no formula`,
          "give it a linear rate",
        );
      const slope = specimen.evaluate(linear.coefficient);
      relaxing.push({ draw, shown, slope, amplitude: specimen.evaluate(amplitude) });
    }
    if (events.step !== undefined && leak === null) {
      const jump = jumpOf(events.step, (e, dt, value) =>
        specimen.evaluate(
          substitute(e, (each) => (each === state ? number(value) : undefined)),
          { dt },
        ),
      );
      if (jump === null)
        throw none(
          device,
          `${state} does not jump between 0 and 1, so that its spectrum has no formula`,
          "see jumps in docs/devices.md",
        );
      jumping.push({ shown, ...jump });
    }
  }
  if (relaxing.length + jumping.length === 0)
    throw none(
      device,
      "it has no noise in time: none of its states relaxes under noise or jumps",
      "add a state such as  dx/dt = -x/tau + amplitude*xi : A",
    );
  return {
    copies: specimen.devices,
    densityAt: (omega, copy) => densityOf(omega, relaxing, jumping, copy),
  };
}
