/** Learning while the circuit moves: what a rule makes of each nudged step, programmed as it comes or added up. */
import { OhmletError } from "../errors";
import type { Estimator } from "./estimators";
import type { Updates } from "./rules";
import type { Estimate } from "./types";

export interface Stepped {
  /** Of the whole phase. */
  readonly whole: Estimate;
  /** What is left to be programmed: none where every step was. */
  readonly left: Updates;
}

/**
 * Walks a nudged phase.
 * @param updatesOf what the rule makes of an estimate
 * @param program asks the devices for updates, where they are programmed at every step
 */
export async function learnByStep(
  updates: NonNullable<Estimator["stepwise"]>["updates"],
  walked: AsyncGenerator<Estimate, Estimate>,
  updatesOf: (estimate: Estimate) => Promise<Updates>,
  program: (updates: Updates) => void,
): Promise<Stepped> {
  let left: Updates = {};
  for (;;) {
    const next = await walked.next();
    if (next.done === true) return { whole: next.value, left };
    const found = await updatesOf(next.value);
    if (updates === "every-step") program(found);
    else left = Object.keys(left).length === 0 ? found : together(left, found);
  }
}

/** @throws OhmletError LEARN-CONTINUAL for what programs within a batch, beside what is learned once a batch */
export function expectOnceABatch({ name, stepwise }: Estimator): void {
  if (stepwise?.updates !== "every-step") return;
  throw new OhmletError({
    code: "LEARN-CONTINUAL",
    fact: "homeostasis is learned once a batch, and these updates are programmed at every nudged step",
    place: { where: `${name}, homeostasis` },
    remedy: 'set  updates: "at-end",  or leave homeostasis out',
  });
}

/** Two sets of updates of the same arrays. */
function together(a: Updates, b: Updates): Updates {
  const sum = (x: Float64Array, y: Float64Array): Float64Array => x.map((v, i) => v + y[i]);
  return Object.fromEntries(
    Object.entries(a).map(([name, { weights, biases }]) => {
      const other = b[name];
      return [
        name,
        {
          weights: sum(weights, other.weights),
          biases: biases && other.biases && sum(biases, other.biases),
        },
      ];
    }),
  );
}
