/**
 * Learning without the host: what a batch shows is held in the engine, and a program there sums the products of
 * every synapse and programs the devices, by the same equations as the host. What crosses a batch is inputs,
 * targets, a few numbers and the output layer's state. The chip's arrays on the host are brought up to date when
 * somebody asks for them.
 */
import { declareArrays, fetch, push, type DeviceArrays } from "../../dynamics/chip-arrays/device-arrays";
import type { HeldPhase, Simulator } from "../../dynamics/simulator";
import type { Outcome } from "../../dynamics/types";
import type { Executable, Together } from "../../engines/engine";
import { add, multiply, number, substitute, symbol } from "../../equations/expression";
import { ProgramBuilder } from "../../program/builder";
import type { SynapseMap } from "../../program/program";
import type { Estimator, EstimateContext } from "../estimators";
import type { Homeostasis } from "../homeostasis/options";
import type { Optimizer } from "../optimizers";
import { firstPhase } from "../phases";
import type { Rule } from "../rules/rule";
import type { Batch } from "../types";
import { EngineHomeostasis } from "./homeostasis";
import { scalarOf, type LearningPart } from "./synapses";

export interface LearnerRequest {
  readonly simulator: Simulator;
  readonly estimator: Estimator;
  readonly rule: Rule;
  readonly optimizer: Optimizer;
  /** What is learned beside the cost; absent where nothing is. */
  readonly homeostasis?: Homeostasis;
}

/** How far the nudge moved the states, against their size, and what fewer of the nudges say of the bias. */
export interface Measured {
  readonly nudgeShift: number;
  readonly aliasing: number | null;
}

/** A program that updates some of the parts. */
export interface Update {
  readonly executable: Executable;
  readonly parts: readonly LearningPart[];
}

/** What a batch left in the engine. */
export interface HeldEstimate {
  /** Where the chip was before the nudge, or what stands for it. */
  readonly free: HeldPhase | Pick<HeldPhase, "read">;
  /** How the phases ended; as long as they run together with others, nobody knows. */
  readonly outcomes: () => Promise<readonly Outcome[]>;
  readonly updates: readonly Update[];
  readonly measured: () => Promise<Measured>;
}

export abstract class EngineLearner {
  /** Holds what the optimizer remembers, and lends it on with the chip's arrays. */
  protected readonly holder: Executable;
  private readonly homeostasis: EngineHomeostasis | null;

  constructor(
    protected readonly request: LearnerRequest,
    protected readonly arrays: DeviceArrays,
    protected readonly parts: readonly LearningPart[],
  ) {
    const { simulator, homeostasis } = request;
    const { engine, chip } = simulator;
    this.homeostasis =
      homeostasis === undefined ? null : new EngineHomeostasis(simulator, homeostasis, arrays.parts);
    const b = new ProgramBuilder(1, 1, chip.circuit.name);
    for (const part of parts) this.declare(b, part);
    this.homeostasis?.declare(b);
    this.holder = engine.compile(b.build(), arrays.executable);
  }

  /**
   * Brings to the engine what the optimizer remembers, where the host knows better; before any phase brings
   * the chip's arrays.
   */
  prepare(): void {
    if (!this.arrays.current) this.pushMemory();
  }

  /** Runs the phases of a batch. Nothing is learned yet. */
  abstract estimate(batch: Batch, context: EstimateContext): Promise<HeldEstimate>;

  /** What of an estimate the host has to see before it is whole, so that no two batches run together; or null. */
  abstract get watched(): string | null;

  /**
   * Programs the chip by what the last estimate found.
   * @param factor on the learning rates
   */
  async update(
    { updates, free }: HeldEstimate,
    factor: number,
    { samples }: Batch,
    context: EstimateContext,
  ): Promise<void> {
    const { optimizer } = this.request;
    const key = { seed: context.seed, phase: firstPhase(context) };
    if (this.homeostasis !== null) {
      // Estimates without a free phase are refused this place (EngineHomeostasis.reason).
      if (!("executable" in free)) throw new Error("homeostasis has no free phase to kick");
      await this.homeostasis.run(this.holder, free, samples, key);
    }
    const names = Object.keys(optimizer.law.scalars("", 1, 1));
    for (const {
      device: { owner, index, kind },
    } of this.parts) {
      if (kind === "biases") continue;
      const batch = Object.keys(optimizer.law.memory).length === 0 ? 1 : optimizer.memory.count(owner.name);
      const values = optimizer.law.scalars(owner.name, batch, factor);
      for (const { executable, parts } of updates)
        if (parts.some(({ device }) => device.index === index))
          for (const name of names) executable.setScalar(scalarOf(index, name), values[name]);
    }
    for (const { executable } of updates) await executable.adjust?.();
    this.arrays.changed(() => this.fetchMemory());
  }

  /**
   * Runs in as few calls as the engine can what learners ask of it, once it has what the chip's devices store;
   * null where calls are not dear.
   */
  async together<T>(work: () => Promise<T>): Promise<Together<T> | null> {
    const { executable } = this.arrays;
    if (executable.together === undefined) return null;
    this.prepare();
    await this.arrays.follow();
    const { law, memory } = this.request.optimizer;
    const counts =
      Object.keys(law.memory).length === 0
        ? []
        : this.parts.map(({ device: { owner } }) => memory.counter(owner.name));
    const before = counts.map(([count]) => count);
    const recount = (): void => counts.forEach((count, k) => (count[0] = before[k]));
    const { undo, ...ran } = await executable.together(work).catch((error: unknown) => {
      recount();
      throw error;
    });
    return {
      ...ran,
      undo: () => {
        undo();
        recount();
      },
    };
  }

  /** Takes note that the chip's readout was programmed: its arrays are as they were. */
  acknowledge(): void {
    this.arrays.acknowledge();
  }

  /**
   * Brings home what the optimizer remembers, and gives back what the engine holds; before the simulator is
   * disposed of.
   */
  dispose(): void {
    this.arrays.comeHome();
    this.homeostasis?.dispose();
    this.holder.dispose();
  }

  /** Declares the arrays of a part, with what its optimizer remembers. */
  declare(b: ProgramBuilder, { device, memory }: LearningPart): void {
    declareArrays(b, { mirrors: [...device.mirrors, ...memory], outputs: device.outputs });
    const asked = this.homeostasis?.of(device) ?? null;
    if (asked !== null) b.weight(asked, device.pre, device.post);
  }

  /** The maps of a part's update. @param scale what makes of the rule's sum a mean, and a direction of descent */
  updateOf({ device, update }: LearningPart, scale: number): SynapseMap[] {
    const asked = this.homeostasis?.of(device) ?? null;
    return update.map((map) => scaled(map, scale, asked));
  }

  private pushMemory(): void {
    for (const mirror of this.parts.flatMap(({ memory }) => memory)) push(this.holder, mirror);
  }

  private fetchMemory(): void {
    for (const mirror of this.parts.flatMap(({ memory }) => memory)) fetch(this.holder, mirror);
  }
}

/** A name that no device can have. */
const ASKED = "also asked";

/** The rule's sum times a factor, and what else is asked of the synapse. */
function scaled(map: SynapseMap, scale: number, also: string | null): SynapseMap {
  const [direction] = Object.entries(map.sources)
    .filter(([, source]) => source.from === "sum")
    .map(([name]) => name);
  if (direction === undefined) return map;
  const sum = multiply(number(scale), symbol(direction));
  const total = also === null ? sum : add(sum, symbol(ASKED));
  return {
    ...map,
    expression: substitute(map.expression, (name) => (name === direction ? total : undefined)),
    sources: { ...map.sources, ...(also !== null && { [ASKED]: { from: "weights" as const, name: also } }) },
  };
}
