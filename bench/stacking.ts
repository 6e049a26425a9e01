/**
 * A Monte Carlo over chips of the default circuit, stacked or one after another: the part of it that one
 * worker does.
 */
import { nonideal } from "../circuits";
import {
  createEngine,
  forEveryChip,
  phaseByChip,
  Simulator,
  stackChips,
  type Batch,
  type Chip,
  type Circuit,
  type Engine,
  type PhaseResult,
} from "../src/index";
import { streamOf, uniform } from "../src/random";

export interface StackingRequest {
  readonly sizes: readonly number[];
  readonly chips: number;
  readonly batch: number;
  readonly steps: number;
  readonly engine: string;
  readonly threads: number;
  readonly seed: number;
  /** Whether all chips draw one noise. */
  readonly oneNoise: boolean;
  /** This worker, of so many. */
  readonly worker: number;
  readonly workers: number;
}

export type Side = "stacked" | "single";
/**
 * By simulators that have run before; by simulators that are made for it and given up; from the design on,
 * fabrication included.
 */
export type Kind = "again" | "anew" | "whole";

/** Step of the solver: half of the default neuron's time constant, as configs/default.yaml has it. */
const DT = 10e-6;

export class Stacking {
  private turn = 0;
  private readonly chips: readonly Chip[];
  private readonly kept: Readonly<Record<Side, readonly Simulator[]>>;

  /** @param numbers of this worker's chips */
  private constructor(
    private readonly engine: Engine,
    private readonly circuit: Circuit,
    private readonly request: StackingRequest,
    private readonly numbers: readonly number[],
  ) {
    this.chips = numbers.map((k) => this.fabricate(k));
    this.kept = { stacked: [this.stack(this.chips)], single: this.chips.map((chip, k) => this.one(chip, k)) };
  }

  static async make(request: StackingRequest): Promise<Stacking> {
    const circuit = nonideal({ sizes: request.sizes });
    const numbers = Array.from({ length: request.chips }, (_, k) => k).filter(
      (k) => k % request.workers === request.worker,
    );
    return new Stacking(
      await createEngine(request.engine, { threads: request.threads }),
      circuit,
      request,
      numbers,
    );
  }

  /** One phase of every chip. */
  async round(side: Side, kind: Kind): Promise<PhaseResult[]> {
    if (kind === "again") return this.phases(this.kept[side]);
    const chip = (place: number): Chip =>
      kind === "whole" ? this.fabricate(this.numbers[place]) : this.chips[place];
    const results: PhaseResult[] = [];
    const makers =
      side === "stacked"
        ? [() => this.stack(this.numbers.map((_, place) => chip(place)))]
        : this.numbers.map((_, place) => () => this.one(chip(place), place));
    for (const make of makers) {
      const simulator = make();
      results.push(...(await this.phases([simulator])));
      simulator.dispose();
    }
    return results;
  }

  /**
   * The next round has other inputs: what both sides keep from one phase to the next must not help one of
   * them.
   */
  next(): void {
    this.turn++;
  }

  /** Nothing can be run afterwards. */
  dispose(): void {
    this.engine.dispose();
  }

  private fabricate(number: number): Chip {
    return this.circuit.fabricate({ seed: this.request.seed + number });
  }

  /** Keys of the chips' noise. */
  private get seeds(): number[] {
    const { seed, oneNoise } = this.request;
    return this.numbers.map((number) => (oneNoise ? seed : seed + number));
  }

  private stack(chips: readonly Chip[]): Simulator {
    return new Simulator(stackChips(chips), this.engine, { dt: DT, seed: this.seeds });
  }

  private one(chip: Chip, place: number): Simulator {
    return new Simulator(chip, this.engine, { dt: DT, seed: this.seeds[place] });
  }

  private async phases(simulators: readonly Simulator[]): Promise<PhaseResult[]> {
    const results: PhaseResult[] = [];
    for (const simulator of simulators) {
      const { samples, inputs } = forEveryChip(this.data, simulator.chips.length);
      results.push(...phaseByChip(await simulator.phase({ samples, inputs, steps: this.request.steps })));
    }
    return results;
  }

  private get data(): Batch {
    const { batch: samples, seed } = this.request;
    const stream = streamOf("bench inputs");
    const inputs = Float64Array.from({ length: samples * this.circuit.inputSize }, (_, i) =>
      uniform(seed, stream, this.turn, i),
    );
    return { samples, inputs, targets: new Float64Array(0) };
  }
}
