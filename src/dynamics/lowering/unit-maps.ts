/** Maps over the units of a population, with what depends on parameters alone hoisted into vectors. */
import { symbolsOf, type Expression } from "../../equations/expression";
import { placeOfEquation } from "../../device/neuron";
import type { Neuron } from "../../device/types";
import type { Binding, Bindings, ProgramBuilder } from "../../program/builder";
import { Hoisted } from "./hoist";
import type { PlannedPopulation } from "./layout";

export class UnitMaps {
  private readonly hoisted = new Hoisted();

  constructor(
    private readonly b: ProgramBuilder,
    private readonly complex: boolean,
  ) {}

  get vectors(): Readonly<Record<string, Float64Array>> {
    return this.hoisted.vectors;
  }

  /** Makes the vectors again, where parameters have changed in place. */
  readonly refresh = (): void => this.hoisted.refresh();

  /** @param of which equation of the neuron the expression comes from, for errors */
  map(
    p: PlannedPopulation,
    out: string,
    expression: Expression,
    bindings: Bindings,
    complex = this.complex,
    of: "state" | "rho" = "state",
  ): void {
    const e = this.hoisted.hoist(expression, p.local.vectors, String(p.index));
    const own = [...symbolsOf(e)].filter((name) => Object.hasOwn(this.vectors, name));
    for (const name of own) this.b.vector(name, p.population.size);
    const vectors = Object.fromEntries(own.map((name): [string, Binding] => [name, { vector: name }]));
    this.b.map(out, e, { ...bindings, ...vectors }, complex, () =>
      placeOfEquation(p.population.neuron as Neuron, of === "rho" ? of : p.state.name),
    );
  }
}
