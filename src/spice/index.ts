/**
 * Netlists of SPICE, read and solved: operating points and transients of resistors, capacitors, inductors, diodes
 * and sources, with ngspice 39's constants. A file is data: nothing that it names is read or run.
 */
export { operatingPoint, type OperatingPoint } from "./operating-point";
export { acOf, type AcOfNetlist, type Phasors } from "./ac";
export { writeNetlist, type WriteOptions } from "./write";
export { readCircuit, type ReadOptions } from "./flatten";
export type { Circuit } from "./circuit";
export { transientOf, type TransientOfNetlist } from "./transient";
export { netlistOf, type ExportOptions } from "./export";
