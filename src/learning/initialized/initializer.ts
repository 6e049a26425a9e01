/**
 * Initialized equilibrium propagation, batch by batch: a feedforward net predicts where the chip will settle, the
 * free phase starts there, and the net learns from where it ended (O'Connor et al. 2019, Algorithm 1; a free
 * phase after `begin` alone is Algorithm 3).
 */
import type { Circuit, Population } from "../../circuit/chip-types";
import type { Engine } from "../../engines/engine";
import type { Plane, Planes } from "../../dynamics/types";
import type { ByPopulation } from "../drives";
import type { FreeEnd, FreeStart } from "../free-start";
import type { Batch } from "../types";
import { stateOf } from "./forward-circuit";
import type { Prediction } from "./losses";
import type { ForwardNet, ForwardPass } from "./forward-net";
import { predicted } from "./pulled-chip";

/** A population's size, and how the state that it starts at is made of what is predicted of it. */
interface Start {
  readonly population: Population;
  readonly unit: number;
  readonly shown: boolean;
}

/** Starts free phases where a feedforward net expects them to end. */
export class Initializer implements FreeStart {
  private readonly pass: ForwardPass;
  private readonly starts: readonly Start[];
  private readonly predictions = new WeakMap<Batch, Prediction>();
  private loss_ = 0;

  /** @param circuit of the chip, without what pulls it */
  constructor(
    readonly net: ForwardNet,
    private readonly circuit: Circuit,
    engine: Engine,
  ) {
    this.pass = net.on(engine);
    this.starts = predicted(circuit).map((population) => ({ population, ...stateOf(circuit, population) }));
  }

  /** The net's loss on the batch that it last learned from. */
  get loss(): number {
    return this.loss_;
  }

  /** Predicts, and starts the free phase there. */
  async begin(batch: Batch): Promise<Batch> {
    const prediction = await this.pass.predict(batch.samples, batch.inputs);
    const inputs = this.net.pull === 0 ? batch.inputs : this.beside(batch, prediction);
    const begun: Batch = { ...batch, inputs, start: this.statesOf(prediction) };
    this.predictions.set(begun, prediction);
    return begun;
  }

  /** The same for batches one after another. @param seen told of each */
  async *each(
    batches: Iterable<Batch>,
    seen: (begun: Batch) => void = () => undefined,
  ): AsyncGenerator<Batch, void, void> {
    for (const batch of batches) {
      const begun = await this.begin(batch);
      seen(begun);
      yield begun;
    }
  }

  /** The net learns from where the free phase ended, or the nudged one. */
  end(begun: Batch, free: FreeEnd, factor: number, nudged?: () => FreeEnd | null): void {
    const { target } = this.net.settings;
    const end = target === "free" ? free : nudged?.();
    if (!end) throw new Error("the net is to learn from a nudged phase, and there is none");
    this.loss_ = this.net.learn(this.predictionOf(begun), shown({ ...end, states: free.states }), factor);
  }

  /** What the net predicts the cost's argument to be: its answer, Algorithm 2. [samples, output size] */
  answer(begun: Batch): Float64Array {
    const { output, spec } = this.circuit;
    return spec.cost.argument === "state"
      ? (begun.start as Planes)[output.name].re
      : this.predictionOf(begun).activities[output.name];
  }

  /** Gives back what the net holds in the engine. */
  dispose(): void {
    this.pass.dispose();
  }

  /** What the net made of a batch. */
  predictionOf(begun: Batch): Prediction {
    const found = this.predictions.get(begun);
    if (found === undefined) throw new Error("this batch did not begin here");
    return found;
  }

  /** Data and predictions of all populations side by side, as the pulled circuit takes them. */
  private beside({ samples, inputs }: Batch, { activities }: Prediction): Float64Array {
    const parts = [inputs, ...this.starts.map(({ population: { name } }) => activities[name])];
    const widths = parts.map((part) => part.length / samples);
    const width = widths.reduce((a, b) => a + b, 0);
    const out = new Float64Array(samples * width);
    for (let s = 0, at = 0; s < samples; s++)
      parts.forEach((part, k) => {
        out.set(part.subarray(s * widths[k], (s + 1) * widths[k]), at);
        at += widths[k];
      });
    return out;
  }

  /** What a unit shows is its state, wherever its output follows the state itself; else the net knows the state. */
  private statesOf({ states, activities }: Prediction): Planes {
    return Object.fromEntries(
      this.starts.map(({ population: { name }, unit, shown: itself }): [string, Plane] => {
        const values = (itself ? activities : states)[name];
        return [name, { re: unit === 1 ? values : values.map((x) => x * unit) }];
      }),
    );
  }
}

export const shown = ({ states, activities }: FreeEnd): ByPopulation =>
  Object.fromEntries(Object.keys(states).map((name) => [name, activities[name].re]));
