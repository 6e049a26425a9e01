/** A Monte Carlo over chips of the default circuit, stacked or one after another: the part of it that one worker does. */
import { nonideal } from "../circuits";
import { createEngine, forEveryChip, phaseByChip, Simulator, stackChips, type Batch, type Chip, type Circuit, type Engine, type PhaseResult } from "../src/index";
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

/** Step of the solver: half of the default neuron's time constant, as configs/default.yaml has it. */
const DT = 10e-6;

export class Stacking {
  private round = 0;
  private readonly kept: { readonly stacked: Simulator; readonly single: readonly Simulator[] };

  private constructor(private readonly engine: Engine, private readonly circuit: Circuit, private readonly request: StackingRequest, private readonly chips: readonly Chip[], private readonly seeds: readonly number[]) {
    this.kept = { stacked: this.stack(), single: this.one() };
  }

  /** Fabricates this worker's chips, which is no part of what is timed. */
  static async make(request: StackingRequest): Promise<Stacking> {
    const circuit = nonideal({ sizes: request.sizes });
    const numbers = Array.from({ length: request.chips }, (_, k) => k).filter((k) => k % request.workers === request.worker);
    const chips = numbers.map((k) => circuit.fabricate({ seed: request.seed + k }));
    return new Stacking(await createEngine(request.engine, { threads: request.threads }), circuit, request, chips, numbers.map((k) => (request.oneNoise ? request.seed : request.seed + k)));
  }

  /** One phase of every chip by simulators that have run before. */
  async again(side: Side): Promise<PhaseResult[]> {
    return side === "stacked" ? phaseByChip(await this.stackedPhase(this.kept.stacked)) : this.phases(this.kept.single);
  }

  /** One phase of every chip by simulators that are made for it and given up. */
  async anew(side: Side): Promise<PhaseResult[]> {
    if (side === "stacked") {
      const simulator = this.stack();
      const result = phaseByChip(await this.stackedPhase(simulator));
      simulator.dispose();
      return result;
    }
    const results: PhaseResult[] = [];
    for (const [k, chip] of this.chips.entries()) {
      const simulator = new Simulator(chip, this.engine, { dt: DT, seed: this.seeds[k] });
      results.push(...(await this.phases([simulator])));
      simulator.dispose();
    }
    return results;
  }

  /** The next round has other inputs: what both sides keep from one phase to the next must not help one of them. */
  next(): void {
    this.round++;
  }

  private stack(): Simulator {
    return new Simulator(stackChips(this.chips), this.engine, { dt: DT, seed: this.seeds });
  }

  private one(): Simulator[] {
    return this.chips.map((chip, k) => new Simulator(chip, this.engine, { dt: DT, seed: this.seeds[k] }));
  }

  private stackedPhase(simulator: Simulator): Promise<PhaseResult> {
    const { samples, inputs } = forEveryChip(this.data(), this.chips.length);
    return simulator.phase({ samples, inputs, steps: this.request.steps });
  }

  private async phases(simulators: readonly Simulator[]): Promise<PhaseResult[]> {
    const { samples, inputs } = this.data();
    const results: PhaseResult[] = [];
    for (const simulator of simulators) results.push(await simulator.phase({ samples, inputs, steps: this.request.steps }));
    return results;
  }

  private data(): Batch {
    const { batch: samples, seed } = this.request;
    const stream = streamOf("bench inputs");
    const inputs = Float64Array.from({ length: samples * this.circuit.input.size }, (_, i) => uniform(seed, stream, this.round, i));
    return { samples, inputs, targets: new Float64Array(0) };
  }
}
