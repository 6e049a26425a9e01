/** What Jacobian homeostasis may be asked for: of which Jacobian, in which form, from how many kicks. */
import type { JacobianKind } from "../references/jacobian";

/**
 * Which Jacobian is to become symmetric:
 *
 * - `drive`: W - identity, how what populations receive depends on what they show (the authors' code); where
 *   nothing is pooled it does not depend on the states.
 * - `state`: dF/du, how fast a state changes that was pushed; time counts in the circuit's own unit.
 * - `activity`: W + diag(slope / (K D)), which is `drive` without the units that a bound holds, and with the
 *   diagonal that decides how d_beta rho and the true error differ (Laborieux and Zenke 2023, Eq. 10).
 */
export type HomeostasisOf = "drive" | "state" | "activity";

/**
 * How loss and gradient are computed:
 *
 * - `exact`: from the correlations of all units' kicks, one after another; for small circuits.
 * - `hutchinson`: from random kicks e, the derivative of |J e|^2 - e J^2 e itself (Laborieux and Zenke 2023,
 *   Eq. 12 and 18); needs J^T e, which no chip has.
 * - `local`: from the velocity v = J e after a kick alone: dW_ij ~ -(v_i e_j - e_i v_j), without bias; what a
 *   synapse needs is at its two ends.
 */
export type HomeostasisForm = "exact" | "hutchinson" | "local";

/** The same Jacobian where it is formed densely. */
export const KIND: Readonly<Record<HomeostasisOf, JacobianKind>> = {
  drive: "weights",
  state: "state",
  activity: "activity",
};
