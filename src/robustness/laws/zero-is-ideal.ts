/** With every imperfection at zero, a chip is the ideal one. */
import { optionsOf } from "../../options";
import { broken, callOf, chipText, holds, short, type Judged, type Subject, type Trial, TRIAL } from "./law";
import { chipFrom, freeAndNudged, gapBetween, staged } from "./law-setup";

const LAW = "zero imperfection equals ideal";

const readTrial = optionsOf<Trial>("laws.zeroIsIdeal", TRIAL);

/**
 * Holds a design whose imperfections are all set to zero against one without them: the same states, free and
 * nudged, from the same seed. Populations of both have the same names and sizes.
 * @throws OhmletError LAW-IDEAL
 */
export async function zeroIsIdeal(zero: Subject, ideal: Subject, trial: Trial = {}): Promise<Judged> {
  const { steps = 60, allowed = 1e-9 } = readTrial(trial);
  const [other, expected] = [chipFrom(zero, trial), chipFrom(ideal, trial)];
  return staged(expected, trial, (stage) =>
    staged(other, trial, async (imperfect) => {
      const [a, b] = [await freeAndNudged(stage, steps), await freeAndNudged(imperfect, steps)];
      let found = 0;
      for (const k of [0, 1]) {
        const {
          largest,
          population,
          unit,
          a: ideally,
          b: zeroed,
        } = gapBetween(stage, a[k].states, b[k].states);
        found = Math.max(found, largest);
        if (largest > allowed) {
          throw broken(
            "LAW-IDEAL",
            other.circuit.name,
            `with its imperfections at zero, unit ${unit} of "${population}" is at ${short(zeroed)} ` +
              `after a ${k === 0 ? "free" : "nudged"} phase, where the ideal chip's is at ` +
              `${short(ideally)}`,
            "an imperfection that is set to zero still acts: a default that is not zero, an offset, a " +
              "range that clips, another time step",
            callOf("zeroIsIdeal", `zero = ${chipText(other)}, ideal = ${chipText(expected)}`, trial),
          );
        }
      }
      return holds(LAW, found, allowed);
    }),
  );
}
