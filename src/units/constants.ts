/**
 * Physical constants that equations may use by name. Source: the SI's exact values (2019) and CODATA 2022.
 */
import type { Quantity } from "./quantity";

/** A constant of one hertz. */
export const HERTZ = "1 Hz";

/** Looked up by names from users' texts: hence no prototype. Values are SI. */
export const CONSTANTS: Readonly<Record<string, Quantity>> = Object.freeze(
  Object.assign(Object.create(null) as Record<string, Quantity>, {
    /** Boltzmann constant, J/K (exact). */
    k_B: { value: 1.380649e-23, dimension: [1, 2, -2, 0, -1] },
    /** Elementary charge, C (exact). */
    q_e: { value: 1.602176634e-19, dimension: [0, 0, 1, 1, 0] },
    /** Vacuum permittivity, F/m (CODATA 2022). */
    epsilon_0: { value: 8.8541878188e-12, dimension: [-1, -3, 4, 2, 0] },
    /** No name that a text can have: of numbers that stand for hertz where equations are in other units of time. */
    [HERTZ]: { value: 1, dimension: [0, 0, -1, 0, 0] },
    pi: { value: Math.PI, dimension: [0, 0, 0, 0, 0] },
  } satisfies Record<string, Quantity>),
);
