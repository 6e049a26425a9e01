/** Random equations, devices, circuits, chips and imperfections, all of which shrink towards the ideal. */
export {
  chipOf,
  chips,
  circuitOf,
  circuits,
  simulationOf,
  type CircuitChoices,
  type CircuitRecipe,
  type NeuronKind,
  type WiringKind,
} from "./circuits";
export { neurons, synapses, type DeviceChoices } from "./devices";
export { expressions, smoothExpressions, SYMBOLS } from "./equations";
export {
  imperfect,
  imperfections,
  IMPERFECTIONS,
  rangesOf,
  type ImperfectChip,
  type ImperfectOptions,
  type Imperfection,
  type Imperfections,
} from "./imperfections";
export { points } from "./points";
