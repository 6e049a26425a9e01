/**
 * Homeostasis in the engine: a program kicks the chip where the free phase left it, a row for each kick of each
 * sample, and sums up in an array for each synapse what the loss asks of it, which the learner adds to what the
 * rule does. The same operations as on the host (plan-kicks.ts), the same draws.
 */
import type { Circuit } from "../../circuit/chip-types";
import { ownerOf } from "../../circuit/owner";
import type { DevicePart } from "../../dynamics/chip-arrays/device-arrays";
import { emitDrives } from "../../dynamics/lowering/emit-drives";
import type { PlannedPopulation } from "../../dynamics/lowering/layout";
import { emitKicks, type Factor, type Kicks } from "../../dynamics/lowering/plan-kicks";
import { driven } from "../../dynamics/lowering/plan-drives";
import { UnitMaps } from "../../dynamics/lowering/unit-maps";
import type { HeldPhase, Simulator } from "../../dynamics/simulator";
import type { Executable } from "../../engines/engine";
import { differentiate } from "../../equations/differentiate";
import {
  multiply,
  number,
  substitute,
  symbol,
  symbolsOf,
  where,
  type Expression,
} from "../../equations/expression";
import { simplify } from "../../equations/simplify";
import { ProgramBuilder } from "../../program/builder";
import type { Product } from "../../program/program";
import type { PhaseKey } from "../../random";
import type { Estimator } from "../estimators";
import { kickStream } from "../homeostasis/homeostasis";
import { expectFits, isSame, kickRows, type Homeostasis } from "../homeostasis/options";
import { weightOf } from "../homeostasis/update";

/** The array that holds what is asked of a part. */
const askedOf = ({ tag }: DevicePart): string => `home${tag}`;

export class EngineHomeostasis {
  private readonly compiled = new Map<number, Executable>();
  private readonly parts: readonly DevicePart[];
  private readonly turned: Kicks["turned"];

  constructor(
    private readonly simulator: Simulator,
    private readonly homeostasis: Homeostasis,
    parts: readonly DevicePart[],
  ) {
    this.parts = parts.filter(({ kind, owner }) => kind === "weights" && !owner.from.clamped);
    this.turned = this.plan(1).turned;
  }

  /** Why it has to be done on the host, or null. */
  static reason({ circuit, layout, units }: Simulator, { blocks }: Estimator): string | null {
    if (blocks !== undefined) return "homeostasis kicks where a free phase ended, and this estimate has none";
    const unitOf = (name: string): number => {
      const { from, to } = circuit.projection(name);
      const population = layout.populations.find((p) => p.population === to);
      return population === undefined ? 1 : units.unitWeight(from, population);
    };
    const apart = circuit.projections.some((p) => unitOf(p.name) !== unitOf(ownerOf(p)));
    return apart ? "directions that share devices count their weights in different units" : null;
  }

  /** The array with what is asked of a part, to be added to its direction; null where nothing is. */
  of(part: DevicePart): string | null {
    return this.parts.includes(part) ? askedOf(part) : null;
  }

  /** Declares its arrays in a program that lends them on, and what turns those that are read transposed. */
  declare(b: ProgramBuilder): void {
    for (const part of this.parts) b.weight(askedOf(part), part.pre, part.post);
    for (const [name, flipped] of this.turned) {
      const { pre, post } = this.simulator.circuit.projections[Number(name.slice(1))].array;
      b.weight(flipped, post, pre);
      b.adjust({
        pre,
        post,
        products: [],
        maps: [
          {
            out: { weights: flipped, transposed: true },
            expression: symbol("w"),
            sources: { w: { from: "weights", name } },
          },
        ],
      });
    }
  }

  /**
   * Kicks the chip where a free phase left it.
   * @param holder holds the arrays
   * @throws OhmletError HOMEO-SIZE
   */
  async run(holder: Executable, free: HeldPhase, samples: number, key: PhaseKey): Promise<void> {
    const { circuit, layout } = this.simulator;
    expectFits(circuit, this.homeostasis, samples);
    let exe = this.compiled.get(samples);
    if (exe === undefined) {
      exe = this.compile(samples, holder);
      this.compiled.set(samples, exe);
    }
    await holder.adjust?.();
    if (!isSame(circuit, this.homeostasis.of))
      for (const { index, hasStatic } of layout.populations) {
        exe.take?.(`u${index}`, free.executable, `${free.averaged ? "mu" : "u"}${index}`);
        if (hasStatic) exe.take?.(`s${index}`, free.executable, `s${index}_in`);
      }
    exe.setSeed(key);
    await exe.prepare();
    await exe.run(1, 0);
    await exe.adjust?.();
  }

  dispose(): void {
    for (const exe of this.compiled.values()) exe.dispose();
    this.compiled.clear();
  }

  private compile(samples: number, holder: Executable): Executable {
    const { circuit, layout, engine } = this.simulator;
    const { builder, vectors } = this.plan(samples);
    const exe = engine.compile(builder.build(), holder);
    for (const [name, values] of Object.entries(vectors)) exe.setVector(name, values);
    if (this.homeostasis.form === "exact")
      for (const { index, population } of layout.populations)
        exe.write(`e${index}`, everyUnit(circuit, population, kickRows(circuit, this.homeostasis, samples)));
    return exe;
  }

  private plan(samples: number): Pick<Kicks, "turned"> & {
    readonly builder: ProgramBuilder;
    readonly vectors: Readonly<Record<string, Float64Array>>;
  } {
    const { circuit, layout } = this.simulator;
    const { form } = this.homeostasis;
    const rows = kickRows(circuit, this.homeostasis, samples);
    const b = new ProgramBuilder(rows, 1, circuit.name);
    const maps = new UnitMaps(b, false);
    for (const { index, population } of layout.populations) {
      b.buffer(`e${index}`, population.size);
      if (form !== "exact") b.map(`e${index}`, symbol("n"), { n: { noise: kickStream(index) } });
    }
    if (!isSame(circuit, this.homeostasis.of)) this.emitStates(b, maps);
    const { products, turned } = emitKicks({
      builder: b,
      circuit,
      populations: layout.populations,
      rows,
      factors: this.factors(b, maps),
      transposed: form === "hutchinson",
      // Over all units the local form is exact, too.
      form: form === "hutchinson" ? form : "local",
    });
    const means = form === "exact" ? rows / circuit.units : rows;
    for (const part of this.parts) this.adjust(b, part, products, means);
    return { builder: b, turned, vectors: maps.vectors };
  }

  /** What populations show, and the drives that they receive, from the states. */
  private emitStates(b: ProgramBuilder, maps: UnitMaps): void {
    const { populations } = this.simulator.layout;
    for (const p of populations) {
      const { index, population, hasStatic } = p;
      for (const name of ["u", "a", "d", ...(hasStatic ? ["s"] : [])])
        b.buffer(`${name}${index}`, population.size);
      for (const { weights, projection } of p.recurrent)
        b.weight(weights, projection.array.pre, projection.array.post);
      maps.map(p, `a${index}`, p.rho, { u: { buffer: `u${index}` } }, false, "rho");
    }
    emitDrives({ builder: b, populations, complex: false }, driven(populations), ({ index }) => `a${index}`);
  }

  /** As src/learning/homeostasis/factors.ts, without a diagonal; internal units. */
  private factors(
    b: ProgramBuilder,
    maps: UnitMaps,
  ): { readonly [name in "pre" | "post" | "own"]: (index: number) => Factor } {
    const { layout, units } = this.simulator;
    const { of } = this.homeostasis;
    const factor = (name: string, p: PlannedPopulation, slope: Expression): Factor => {
      const e = simplify(of === "drive" ? slope : multiply(inside(p), slope));
      if (e.kind === "number") return e.value;
      const { index, population, recurrent, hasStatic } = p;
      const drive = recurrent.length > 0 ? `d${index}` : `s${index}`;
      const out = b.buffer(`${name}${index}`, population.size);
      const driveless = recurrent.length === 0 && !hasStatic;
      maps.map(p, out, driveless ? without(e, "I") : e, {
        u: { buffer: `u${index}` },
        ...(symbolsOf(e).has("I") && !driveless && { I: { buffer: drive } }),
      });
      return out;
    };
    const each = (make: (p: PlannedPopulation) => Factor): ((index: number) => Factor) => {
      const found = layout.populations.map(make);
      return (index) => found[index];
    };
    const own = (): number => 0;
    if (of !== "state")
      return {
        pre: each((p) => factor("pre", p, number(1 / units.output(p)))),
        post: each((p) => factor("post", p, number(1 / units.unitDrive(p)))),
        own,
      };
    return {
      pre: each((p) => factor("pre", p, differentiate(p.rho, "u"))),
      post: each((p) => factor("post", p, without(differentiate(p.field.rate, "I"), "I_nudge"))),
      own,
    };
  }

  /** The sum of what a part's readers are asked, as a direction of descent. */
  private adjust(b: ProgramBuilder, part: DevicePart, found: Kicks["products"], means: number): void {
    const { circuit, layout, units, chip } = this.simulator;
    const { owner, pre, post } = part;
    const products = found.flatMap(({ weights, through, ...ends }): Product[] => {
      const projection = circuit.projections[Number(weights.slice(1))];
      if (ownerOf(projection) !== owner.name) return [];
      // What is all to all and tied has an array of the opposite shape.
      const turned = projection !== owner && through === undefined;
      return [turned ? { pre: ends.post, post: ends.pre } : { ...ends, ...(through && { through }) }];
    });
    const to = layout.populations.find((p) => p.population === owner.to);
    const unit = to === undefined ? 1 : units.unitWeight(owner.from, to);
    const scale = (-weightOf(chip, this.homeostasis) * unit) / means;
    b.weight(askedOf(part), pre, post);
    b.adjust({
      pre,
      post,
      products,
      maps: [
        {
          out: { weights: askedOf(part) },
          expression: multiply(number(scale), symbol("sum")),
          sources: { sum: { from: "sum" } },
        },
      ],
    });
  }
}

const without = (e: Expression, name: string): Expression =>
  substitute(e, (found) => (found === name ? number(0) : undefined));

/** 1 where a unit is strictly inside its bounds, else 0. */
function inside({ field: { lower, upper } }: PlannedPopulation): Expression {
  const bounds = [
    [lower, ">"],
    [upper, "<"],
  ] as const;
  return bounds.reduce<Expression>(
    (yes, [bound, comparison]) =>
      bound === null || (bound.kind === "number" && !Number.isFinite(bound.value))
        ? yes
        : where({ comparison, left: symbol("u"), right: bound }, yes, number(0)),
    number(1),
  );
}

/** A kick of each unit of the circuit in turn, [units, samples, size] of a population. */
function everyUnit(
  { units }: Circuit,
  { size, offset }: PlannedPopulation["population"],
  rows: number,
): Float64Array {
  const samples = rows / units;
  const kicks = new Float64Array(rows * size);
  for (let j = 0; j < size; j++)
    for (let s = 0; s < samples; s++) kicks[((offset + j) * samples + s) * size + j] = 1;
  return kicks;
}
