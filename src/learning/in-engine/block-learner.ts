/**
 * Estimates by a nudge that steps around the circle, in the engine: the state stays there from block to block, and
 * what each of them ends with is added up, by nudge, as it comes.
 */
import { clampedBuffers } from "../../dynamics/lowering/clamped";
import { UnitMaps } from "../../dynamics/lowering/unit-maps";
import type { HeldPhase } from "../../dynamics/simulator";
import type { Executable } from "../../engines/engine";
import { add, multiply, subtract, symbol } from "../../equations/expression";
import { ProgramBuilder } from "../../program/builder";
import type { BlockPlan, EstimateContext } from "../estimators";
import { cauchyWeight } from "../estimators/circle";
import { firstBlock, isRounding, runBlocks } from "../estimators/continuous";
import type { Batch } from "../types";
import { EngineLearner, type HeldEstimate, type LearnerRequest } from "./learner";
import { pooledReason } from "./pooled-products";
import { scalarsOf } from "./synapse-factors";
import { compileWeighing, largestOf, measured, nudgeShiftOf } from "./weighing";

/** For some number of samples. */
interface Compiled {
  /** For each nudge, what its blocks ended with: means n…, r… of states and activities, and the last change e…. */
  readonly means: readonly Executable[];
  readonly weighing: Executable;
}

export class BlockLearner extends EngineLearner {
  private readonly compiled = new Map<number, Compiled>();

  /** Why such an estimate has to be made on the host, or null. */
  static reason({ simulator, rule }: LearnerRequest): string | null {
    return pooledReason(simulator, simulator.layout, simulator.units, rule, true);
  }

  override get watched(): string | null {
    return "blocks are looked at on the host until they repeat";
  }

  override async estimate(
    { samples, inputs, targets }: Batch,
    context: EstimateContext,
  ): Promise<HeldEstimate> {
    const { simulator } = this.request;
    const { nudges, periods } = this.plan;
    const { means, weighing } = this.compile(samples);
    this.prepare();
    for (const exe of means) for (const name of this.buffers(["n", "r"])) exe.clear(name);
    let held: HeldPhase | undefined;
    let ran = 0;
    const outcomes = await runBlocks(
      this.plan,
      async (k, request) => {
        held = await simulator.hold(
          { samples, inputs, targets, ...request, phase: firstBlock(context) + k },
          held,
        );
        const exe = means[k % nudges.length];
        for (const name of this.buffers(["u"])) exe.take?.(name, held.executable, name);
        await this.add(exe, 1);
        ran++;
        return held.ended();
      },
      (k) => this.isBack(means[k % nudges.length]),
    );
    // Those that were not run end as those did that were run last.
    for (let k = 0; k < nudges.length; k++) {
      const missing = periods - Math.ceil((ran - k) / nudges.length);
      if (missing > 0) await this.add(means[k], missing);
    }
    for (const [k, exe] of means.entries())
      for (const { index: i } of simulator.layout.populations)
        for (const kind of ["n", "r"])
          for (const plane of ["", "i"])
            weighing.take?.(`${kind}${i}_${k}${plane}`, exe, `${kind}${i}${plane}`);
    for (const { buffer } of clampedBuffers(simulator.circuit))
      weighing.take?.(buffer, simulator.clamped, buffer);
    await weighing.prepare();
    await weighing.run(1, 0);
    return {
      free: { read: (populations = [simulator.layout.output]) => this.read(weighing, populations) },
      outcomes: async () => outcomes,
      updates: [{ executable: weighing, parts: this.parts }],
      measured: async () => ({ nudgeShift: await this.shift(weighing), aliasing: null }),
    };
  }

  override dispose(): void {
    for (const { means, weighing } of this.compiled.values())
      for (const exe of [...means, weighing]) exe.dispose();
    this.compiled.clear();
    super.dispose();
  }

  private get plan(): BlockPlan {
    return this.request.estimator.blocks as BlockPlan;
  }

  /** Buffers of all populations, both planes. */
  private buffers(kinds: readonly string[]): string[] {
    const { populations } = this.request.simulator.layout;
    return kinds.flatMap((kind) => populations.flatMap(({ index: i }) => [`${kind}${i}`, `${kind}${i}i`]));
  }

  /** Adds what a program has taken so many times. */
  private async add(exe: Executable, times: number): Promise<void> {
    exe.setScalar("weight", times / this.plan.periods);
    await exe.run(1, 0);
  }

  private async isBack(exe: Executable): Promise<boolean> {
    const { noisy, engine } = this.request.simulator;
    if (noisy) return false;
    const [changes, states] = await Promise.all(
      ["e", "u"].map(async (kind) => largestOf(await measured(exe, this.buffers([kind])))),
    );
    return isRounding(changes, states, engine.info);
  }

  /** What stands for the free phase. */
  private async read(
    weighing: Executable,
    populations: Parameters<HeldPhase["read"]>[0] & {},
  ): ReturnType<HeldPhase["read"]> {
    const { units } = this.request.simulator;
    const read = async (kind: string, scale: (p: (typeof populations)[number]) => number) =>
      Object.fromEntries(
        await Promise.all(
          populations.map(async (p) => {
            const values = await weighing.read(`${kind}${p.index}`);
            return [p.population.name, { re: values.map((x) => x * scale(p)) }] as const;
          }),
        ),
      );
    return { states: await read("u", (p) => units.state(p)), activities: await read("a", () => 1) };
  }

  private async shift(weighing: Executable): Promise<number> {
    const { layout, units } = this.request.simulator;
    const [states, derivatives] = await Promise.all(
      ["u", "ds"].map((kind) =>
        measured(
          weighing,
          layout.populations.map((p) => `${kind}${p.index}`),
        ),
      ),
    );
    const state = Math.max(...layout.populations.map((p, k) => units.state(p) * states[k].largest));
    return nudgeShiftOf(state, derivatives, this.plan.nudges[0]);
  }

  private compile(samples: number): Compiled {
    const found = this.compiled.get(samples);
    if (found !== undefined) return found;
    const { nudges, presynaptic } = this.plan;
    const weighing = compileWeighing(this.request, this.parts, this, this.holder, {
      samples,
      complex: nudges.map(() => true),
      averaged: true,
      fewer: false,
      rest: presynaptic,
    });
    const plan = {
      nudges,
      derivative: { points: nudges.map((beta) => cauchyWeight(beta, nudges.length)), free: 0 },
      fewer: null,
      midpoint: null,
    };
    const complex = nudges.map(() => true);
    for (const [name, value] of Object.entries(scalarsOf(plan, complex))) weighing.setScalar(name, value);
    const made = { means: nudges.map(() => this.means(samples)), weighing };
    this.compiled.set(samples, made);
    return made;
  }

  private means(samples: number): Executable {
    const { circuit, layout, engine } = this.request.simulator;
    const b = new ProgramBuilder(samples, 1, circuit.name);
    const maps = new UnitMaps(b, true);
    for (const p of layout.populations) {
      const { index: i } = p;
      const complex = { complex: true };
      const u = { buffer: `u${i}`, ...complex };
      b.stateBuffer(`u${i}`, p.population.size, true, false);
      for (const name of ["n", "r", "l", "e"]) b.stateBuffer(`${name}${i}`, p.population.size, true, false);
      const added = (to: string, what: typeof p.rho, of: "state" | "rho"): void =>
        maps.map(
          p,
          `${to}${i}`,
          add(symbol("mean"), multiply(symbol("weight"), what)),
          { u, mean: { buffer: `${to}${i}`, ...complex }, weight: { scalar: "weight" } },
          true,
          of,
        );
      added("n", symbol("u"), "state");
      added("r", p.rho, "rho");
      maps.map(p, `e${i}`, subtract(symbol("u"), symbol("last")), {
        u,
        last: { buffer: `l${i}`, ...complex },
      });
      maps.map(p, `l${i}`, symbol("u"), { u });
    }
    const program = b.build();
    const exe = engine.compile(program);
    for (const name of Object.keys(program.vectors)) exe.setVector(name, maps.vectors[name]);
    return exe;
  }
}
