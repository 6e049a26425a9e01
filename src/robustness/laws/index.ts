/**
 * Laws that every chip of a kind should obey, for users to try on their own. Each is a function that resolves
 * to what it found and throws a coded error, with what was seen where and its usual cause, when the law does
 * not hold.
 */
export { bounded, type BoundedTrial } from "./bounded";
export { energy } from "./energy";
export { enginesAgree, type EnginesTrial } from "./engines-agree";
export { errorVector, type ErrorVectorTrial } from "./error-vector";
export { exchange, type ExchangeTrial } from "./exchange";
export type { Judged, Subject, Trial } from "./law";
export { local, type LocalTrial } from "./local";
export { passive, type PassiveTrial } from "./passive";
export { reciprocal } from "./reciprocal";
export { permutation } from "./permutation";
export { settled, type SettledTrial } from "./settled";
export { goodParameter, inward, nudgeHelps } from "./small-nudges";
export { thermal, type ThermalTrial } from "./thermal";
export { zeroIsIdeal } from "./zero-is-ideal";
