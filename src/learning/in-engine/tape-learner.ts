/**
 * Backpropagation through time in the engine: the states of the last steps of a free phase stay there as a tape,
 * are walked backwards, and what the ends of every synapse show at each of them goes into the rows of a program
 * that updates the devices.
 */
import { ownerOf } from "../../circuit/owner";
import type { EngineWalk } from "../../dynamics/engine-walk";
import { clampedBuffers } from "../../dynamics/lowering/clamped";
import { planStillDrives } from "../../dynamics/lowering/plan-drives";
import type { HeldPhase } from "../../dynamics/simulator";
import type { Executable } from "../../engines/engine";
import { ProgramBuilder } from "../../program/builder";
import { needed } from "../../program/dataflow";
import type { Product } from "../../program/program";
import { transpose } from "../../program/transpose";
import { costArgument, costGradient } from "../cost";
import { expectTape } from "../references/backpropagation-through-time";
import type { EstimateContext } from "../estimators";
import { firstPhase } from "../phases";
import type { Batch } from "../types";
import { EngineLearner, type HeldEstimate, type LearnerRequest } from "./learner";
import type { LearningPart } from "./synapses";

interface Compiled {
  readonly walk: EngineWalk;
  /** Of arrays between populations, the rows of all steps; of those from clamped ends and of biases, one sum. */
  readonly between: { readonly executable: Executable; readonly parts: readonly LearningPart[] } | null;
  readonly still: { readonly executable: Executable; readonly parts: readonly LearningPart[] } | null;
  /** Holds the states before each step, in rows. */
  readonly tape: Executable;
}

export class TapeLearner extends EngineLearner {
  private readonly compiled = new Map<number, Compiled>();

  /** Why it has to be done on the host, or null. */
  static reason({ simulator }: LearnerRequest): string | null {
    const { layout, units, circuit } = simulator;
    if (simulator.noisy) return "a noisy circuit cannot be walked backwards";
    if (circuit.spec.cost.argument !== "state" && layout.output.rho.kind !== "symbol")
      return "the cost is a function of the output's activity";
    const plain = layout.populations.every(
      (p) => units.unitDrive(p) === 1 && units.state(p) === 1 && units.output(p) === 1,
    );
    return plain ? null : "states or drives have units";
  }

  override get watched(): string | null {
    return "the host takes the slope of the cost, from which steps are walked back";
  }

  override async estimate(batch: Batch, context: EstimateContext): Promise<HeldEstimate> {
    const { simulator, estimator } = this.request;
    const { samples, inputs, targets } = batch;
    this.prepare();
    const { freeSteps = 1 } = estimator.free;
    const steps = estimator.walked ?? 1;
    expectTape(simulator.circuit, samples, freeSteps, steps);
    const request = { samples, inputs, phase: firstPhase(context) };
    // A phase that has no steps before the tape starts from zeros.
    let free: HeldPhase | undefined =
      freeSteps > steps ? await simulator.hold({ ...request, steps: freeSteps - steps }) : undefined;
    const { walk, between, still, tape } = this.compile(samples, steps);
    for (let step = 0; step < steps; step++) {
      this.record(tape, step * samples, free);
      // Between the first and the last, which tells how the phase ended, the program goes on by itself.
      if (free === undefined || step === steps - 1)
        free = await simulator.hold({ ...request, steps: 1 }, free);
      else await free.executable.run(1, 0);
    }
    const last = free as HeldPhase;
    const argument = costArgument(simulator.chip, await last.read());
    const slope = costGradient(simulator.chip, argument, targets).map((x) => x / samples);
    await walk.begin(inputs, slope);
    for (let step = steps - 1; step >= 0; step--) {
      await walk.step(tape, step * samples);
      walk.products.forEach(({ pre, post }, k) => {
        between?.executable.takeRows?.(`pre${k}`, step * samples, walk.executable, pre);
        between?.executable.takeRows?.(`post${k}`, step * samples, walk.executable, post);
      });
    }
    if (still !== null) {
      for (const { buffer } of clampedBuffers(simulator.circuit))
        still.executable.take?.(buffer, simulator.clamped, buffer);
      for (const { index, hasStatic } of simulator.layout.populations) {
        const sum = walk.sumOf(`s${index}`);
        if (hasStatic && sum !== undefined) still.executable.take?.(`bar${index}`, walk.executable, sum);
      }
      await still.executable.run(1, 0);
    }
    const outcome = { ...(await last.ended()), steps: freeSteps, rowSteps: samples * freeSteps };
    return {
      free: last,
      outcomes: async () => [outcome],
      updates: [between, still].filter((update) => update !== null),
      measured: async () => ({ nudgeShift: Infinity, aliasing: null }),
    };
  }

  override dispose(): void {
    for (const { walk, between, still, tape } of this.compiled.values()) {
      walk.dispose();
      between?.executable.dispose();
      still?.executable.dispose();
      tape.dispose();
    }
    this.compiled.clear();
    super.dispose();
  }

  /** The states before a step: zeros before the first of all. */
  private record(tape: Executable, row: number, free: HeldPhase | undefined): void {
    for (const { index } of this.request.simulator.layout.populations) {
      if (free === undefined) tape.clear(`u${index}`);
      else tape.takeRows?.(`u${index}`, row, free.executable, `u${index}`);
    }
  }

  private compile(samples: number, steps: number): Compiled {
    const found = this.compiled.get(samples);
    if (found !== undefined) return found;
    const { simulator } = this.request;
    const walk = simulator.walker(samples);
    const fromClamped = ({ device: { owner, kind } }: LearningPart): boolean =>
      owner.from.clamped || kind === "biases";
    const made = {
      walk,
      between: this.between(
        walk,
        samples * steps,
        this.parts.filter((part) => !fromClamped(part)),
      ),
      still: this.still(samples, this.parts.filter(fromClamped)),
      tape: this.tape(samples * steps),
    };
    this.compiled.set(samples, made);
    return made;
  }

  private tape(rows: number): Executable {
    const { circuit, layout, engine } = this.request.simulator;
    const b = new ProgramBuilder(rows, 1, circuit.name);
    for (const { index, population } of layout.populations)
      b.stateBuffer(`u${index}`, population.size, false, false);
    return engine.compile(b.build());
  }

  private between(walk: EngineWalk, rows: number, parts: readonly LearningPart[]): Compiled["between"] {
    if (parts.length === 0) return null;
    const { circuit, engine } = this.request.simulator;
    const b = new ProgramBuilder(rows, 1, circuit.name);
    walk.products.forEach(({ weights, through }, k) => {
      const { array } = circuit.projections[Number(weights.slice(1))];
      b.buffer(`pre${k}`, through?.pre ?? array.pre);
      b.buffer(`post${k}`, through?.post ?? array.post);
    });
    for (const part of parts) {
      const { owner } = part.device;
      const products = walk.products.flatMap(({ weights, through }, k): Product[] => {
        const projection = circuit.projections[Number(weights.slice(1))];
        if (ownerOf(projection) !== owner.name) return [];
        // What is all to all and tied has an array of the opposite shape.
        const turned = projection !== owner && through === undefined;
        return [
          turned ? { pre: `post${k}`, post: `pre${k}` } : { pre: `pre${k}`, post: `post${k}`, through },
        ];
      });
      this.adjust(b, part, products);
    }
    return { executable: engine.compile(b.build(), this.holder), parts };
  }

  private still(samples: number, parts: readonly LearningPart[]): Compiled["still"] {
    if (parts.length === 0) return null;
    const { circuit, engine } = this.request.simulator;
    const b = new ProgramBuilder(samples, 1, circuit.name);
    const program = planStillDrives(circuit, samples);
    const walk = transpose(program);
    const bars = new Map(program.state.map((name) => [walk.of(name), `bar${name.slice(1)}`]));
    const rename = (buffer: string): string => bars.get(buffer) ?? buffer;
    for (const { buffer, population } of clampedBuffers(circuit)) b.buffer(buffer, population.size);
    for (const name of program.state) b.buffer(`bar${name.slice(1)}`, program.buffers[name]);
    const results = new Set(walk.weights.flatMap(({ pre, post }) => [pre, post]));
    b.include(needed(walk.program.step, results), walk.program, rename);
    for (const part of parts) {
      const { index, kind } = part.device;
      const products = walk.weights
        .filter(({ weights }) => weights === `${kind === "biases" ? "b" : "w"}${index}`)
        .map(({ pre, post, through }) => ({ pre: rename(pre), post: rename(post), through }));
      this.adjust(b, part, products);
    }
    return { executable: engine.compile(b.build(), this.holder), parts };
  }

  /** The gradient rises: an update goes down. */
  private adjust(b: ProgramBuilder, part: LearningPart, products: readonly Product[]): void {
    const { pre, post, refresh } = part.device;
    this.declare(b, part);
    b.adjust({ pre, post, products, maps: [...this.updateOf(part, -1), ...refresh] });
  }
}
