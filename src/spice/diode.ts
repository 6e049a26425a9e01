/**
 * The junction diode of SPICE3 as ngspice 39 has it: exponential forward, a cube in reverse, breakdown, high
 * injection, gmin beside it, depletion and diffusion charge. Parameters are those at the circuit's temperature.
 */

/** CODATA 2014, as ngspice 39 has them. Devices elsewhere use the SI of 2019 (src/units/constants.ts). */
export const CONSTANTS = { boltzmann: 1.38064852e-23, charge: 1.6021766208e-19 } as const;
export type PhysicalConstants = { readonly boltzmann: number; readonly charge: number };
const KELVIN = 273.15;
/** The temperature that the fits of the band gap are about. */
const ROOM = 300.15;

/** Parameters of `.model NAME D` and what they are where they are left out; null: without. */
export const DIODE_PARAMETERS = {
  is: 1e-14,
  n: 1,
  rs: 0,
  cjo: 0,
  vj: 1,
  m: 0.5,
  fc: 0.5,
  tt: 0,
  eg: 1.11,
  xti: 3,
  tnom: null,
  bv: null,
  ibv: 1e-3,
  nbv: null,
  ikf: 0,
  ikr: 0,
} as const satisfies Readonly<Record<string, number | null>>;
/** Other names of the same. */
export const DIODE_ALIASES: ReadonlyMap<string, keyof typeof DIODE_PARAMETERS> = new Map([
  ["js", "is"],
  ["cj0", "cjo"],
  ["cj", "cjo"],
  ["pb", "vj"],
  ["mj", "m"],
  ["ik", "ikf"],
  ["vb", "bv"],
]);
/** Parameters of noise and of AC, which change nothing here. */
export const DIODE_IDLE: readonly string[] = ["kf", "af", "level"];

export type DiodeModel = { readonly [K in keyof typeof DIODE_PARAMETERS]: number | null };

/** What a diode is at its temperature, times its area. */
export interface Diode {
  readonly saturation: number;
  readonly vte: number;
  readonly critical: number;
  readonly breakdown: { readonly voltage: number; readonly vt: number } | null;
  readonly forwardKnee: number;
  readonly reverseKnee: number;
  readonly gmin: number;
  /** Of the series resistance; null without one. */
  readonly series: number | null;
  readonly storage: Storage | null;
}

interface Storage {
  readonly zero: number;
  readonly potential: number;
  readonly grading: number;
  readonly corner: number;
  readonly f1: number;
  readonly f2: number;
  readonly f3: number;
  readonly transit: number;
}

export interface Climate {
  /** Celsius. */
  readonly temp: number;
  readonly tnom: number;
  readonly gmin: number;
  readonly reltol: number;
  readonly constants: PhysicalConstants;
}

/** @param scale area times how many stand side by side */
export function diodeAt(model: DiodeModel, scale: number, many: number, climate: Climate): Diode {
  const { temp, gmin, constants } = climate;
  const p = (name: keyof DiodeModel): number => (model[name] ?? DIODE_PARAMETERS[name]) as number;
  const [T, nominal] = [temp + KELVIN, (model.tnom ?? climate.tnom) + KELVIN];
  const vt = (constants.boltzmann / constants.charge) * T;
  const vte = p("n") * vt;
  const saturation =
    p("is") *
    scale *
    Math.exp(((T / nominal - 1) * p("eg")) / vte + (p("xti") / p("n")) * Math.log(T / nominal));
  return {
    saturation,
    vte,
    critical: vte * Math.log(vte / (Math.SQRT2 * saturation)),
    breakdown:
      model.bv === null || model.bv === undefined
        ? null
        : breakdownOf(model.bv, p("ibv") * many, saturation, vt, (model.nbv ?? p("n")) * vt, climate.reltol),
    forwardKnee: p("ikf") * scale,
    reverseKnee: p("ikr") * scale,
    gmin,
    series: p("rs") > 0 ? scale / p("rs") : null,
    storage: p("cjo") > 0 || p("tt") > 0 ? storageOf(p, scale, T, nominal, constants) : null,
  };
}

/** The voltage at which the breakdown's exponential meets IBV at BV. */
function breakdownOf(bv: number, ibv: number, saturation: number, vt: number, nvt: number, reltol: number) {
  if (ibv < (saturation * bv) / vt) return { voltage: bv, vt: nvt };
  let voltage = bv - nvt * Math.log(1 + ibv / saturation);
  for (let i = 0; i < 25; i++) {
    voltage = bv - nvt * Math.log(ibv / saturation + 1 - voltage / vt);
    const met = saturation * (Math.exp((bv - voltage) / nvt) - 1 + voltage / vt);
    if (Math.abs(met - ibv) <= reltol * ibv) break;
  }
  return { voltage, vt: nvt };
}

function storageOf(
  p: (name: keyof DiodeModel) => number,
  scale: number,
  T: number,
  nominal: number,
  { boltzmann, charge }: PhysicalConstants,
): Storage {
  const gap = (t: number): number => 1.16 - (7.02e-4 * t * t) / (t + 1108);
  const factor = (t: number): number => {
    const arg = -gap(t) / (2 * boltzmann * t) + 1.1150877 / (2 * boltzmann * ROOM);
    return -2 * ((boltzmann / charge) * t) * (1.5 * Math.log(t / ROOM) + charge * arg);
  };
  const grading = Math.min(p("m"), 0.9);
  const at300 = (p("vj") - factor(nominal)) / (nominal / ROOM);
  const potential = factor(T) + (T / ROOM) * at300;
  const zero =
    ((p("cjo") * scale) / (1 + grading * (400e-6 * (nominal - ROOM) - (p("vj") - at300) / at300))) *
    (1 + grading * (400e-6 * (T - ROOM) - (potential - at300) / at300));
  const xfc = Math.log(1 - p("fc"));
  return {
    zero,
    potential,
    grading,
    corner: p("fc") * potential,
    f1: (potential * (1 - Math.exp((1 - grading) * xfc))) / (1 - grading),
    f2: Math.exp((1 + grading) * xfc),
    f3: 1 - p("fc") * (1 + grading),
    transit: p("tt"),
  };
}

/** What a diode does at a voltage: written into, so that nothing is made in a loop. */
export interface Bias {
  current: number;
  slope: number;
  charge: number;
  capacitance: number;
}

export function biasOf(diode: Diode, v: number, out: Bias): void {
  const { saturation, vte, breakdown, gmin, storage } = diode;
  let current: number;
  let slope: number;
  if (v >= -3 * vte) {
    const e = Math.exp(v / vte);
    // Of small voltages expm1 keeps the digits that e^x - 1 loses.
    current = saturation * Math.expm1(v / vte);
    slope = (saturation * e) / vte;
  } else if (breakdown === null || v >= -breakdown.voltage) {
    const cube = ((3 * vte) / (v * Math.E)) ** 3;
    current = -saturation * (1 + cube);
    slope = (saturation * 3 * cube) / v;
  } else {
    const e = Math.exp(-(breakdown.voltage + v) / breakdown.vt);
    current = -saturation * e;
    slope = (saturation * e) / breakdown.vt;
  }
  const [junction, junctionSlope] = [current, slope];
  // High injection is of a current that flows: between 0 and where the cube begins there is none, either way.
  const knee = v < -3 * vte ? diode.reverseKnee : v > 0 ? diode.forwardKnee : 0;
  if (knee > 0 && Math.abs(current) > 1e-18) {
    const root = Math.sqrt(Math.abs(current) / knee);
    slope *= (1 + root / 2) / (1 + root) ** 2;
    current /= 1 + root;
  }
  out.current = current + gmin * v;
  out.slope = slope + gmin;
  out.charge = 0;
  out.capacitance = 0;
  if (storage === null) return;
  const { zero, potential, grading, corner, f1, f2, f3, transit } = storage;
  if (v < corner) {
    const arg = 1 - v / potential;
    const sarg = arg ** -grading;
    out.charge = (potential * zero * (1 - arg * sarg)) / (1 - grading);
    out.capacitance = zero * sarg;
  } else {
    out.charge =
      zero * f1 + (zero / f2) * (f3 * (v - corner) + (grading / (2 * potential)) * (v * v - corner * corner));
    out.capacitance = (zero / f2) * (f3 + (grading * v) / potential);
  }
  out.charge += transit * junction;
  out.capacitance += transit * junctionSlope;
}

/**
 * A junction's next voltage, not farther from the last than its exponential bears (Nagel 1975). Equal to `next`
 * where nothing had to be limited.
 */
export function limited(diode: Diode, next: number, last: number): number {
  const { breakdown, vte, critical } = diode;
  if (breakdown !== null && next < Math.min(0, -breakdown.voltage + 10 * breakdown.vt))
    return -(
      limit(-(next + breakdown.voltage), -(last + breakdown.voltage), breakdown.vt, critical) +
      breakdown.voltage
    );
  return limit(next, last, vte, critical);
}

function limit(next: number, last: number, vt: number, critical: number): number {
  if (next <= critical || Math.abs(next - last) <= 2 * vt) return next;
  if (last <= 0) return vt * Math.log(next / vt);
  const arg = 1 + (next - last) / vt;
  return arg > 0 ? last + vt * Math.log(arg) : critical;
}
