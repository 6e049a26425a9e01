/** What is asked of a load. */
export interface Moment {
  /** Time, where sources have waveforms that count; null at rest. */
  t: number | null;
  /** Share of every independent source: 1, and less while they are turned up. */
  sources: number;
  /** S from every node to ground, 0 but while it is taken away. */
  shunt: number;
  /** Voltages that the shunts lead to in the place of ground: of a moment ago. */
  past?: Float64Array;
  /** Of the charge: 0 at rest, 1/(gamma h) in a step. */
  rate: number;
}
