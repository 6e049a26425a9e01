/**
 * Takes what does not change during a run out of the loop: any part of an update that depends on a unit's own
 * parameters alone (1/C, e^(-g dt/C), the amplitude of its noise) becomes a vector that the host computes
 * once.
 */
import { children, dependence, fold, rebuild, symbol, type Expression } from "../../equations/expression";
import { Shared } from "../../equations/share";
import { vectorize } from "../../equations/vectorize";

export class Hoisted {
  /** Values of every vector made so far, by name. */
  readonly vectors: Record<string, Float64Array> = {};
  /** How to make them again, once parameters have changed in place. */
  private readonly makers: (() => void)[] = [];
  private readonly known = new Map<string, string>();
  private readonly shared = new Shared();

  /**
   * Rewrites an expression over vectors that exist only once per unit.
   * @param parameters the unit's own parameters by symbol
   * @param prefix of the names of new vectors
   */
  hoist(e: Expression, parameters: Readonly<Record<string, Float64Array>>, prefix: string): Expression {
    const [named, foreign] = [dependence(() => true), dependence((name) => !Object.hasOwn(parameters, name))];
    const isOwn = (part: Expression): boolean => named(part) && !foreign(part);
    return fold<Expression>(
      e,
      (part, of) =>
        isOwn(part)
          ? symbol(this.vectorFor(part, parameters, prefix))
          : rebuild(part, children(part).map(of)),
      { parts: (part) => (isOwn(part) ? [] : children(part)) },
    );
  }

  private vectorFor(
    e: Expression,
    parameters: Readonly<Record<string, Float64Array>>,
    prefix: string,
  ): string {
    const key = `${prefix} ${this.shared.idOf(e)}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const name = `h${this.known.size}_${prefix}`;
    const names = Object.keys(parameters);
    const [over, sources] = [vectorize(e, names), names.map((n) => parameters[n])];
    const made = (this.vectors[name] = over(new Float64Array(sources[0].length), sources));
    this.makers.push(() => void over(made, sources));
    this.known.set(key, name);
    return name;
  }

  /** Makes every vector again from what the parameters are now. */
  refresh(): void {
    for (const make of this.makers) make();
  }
}
