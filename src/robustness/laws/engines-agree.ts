/** What a chip does is the same on every engine, to the precision of its arithmetic. */
import type { AnyEngineName } from "../../engines/select";
import { check, optionsOf } from "../../options";
import { broken, callOf, chipText, holds, short, type Judged, type Subject, type Trial, TRIAL } from "./law";
import { chipFrom, freeAndNudged, gapBetween, staged } from "./law-setup";

const LAW = "engines agree";

export interface EnginesTrial extends Trial {
  /** Names, as for `createEngine`. Default ["auto"]. */
  readonly engines?: readonly AnyEngineName[];
}

const readTrial = optionsOf<EnginesTrial>("laws.enginesAgree", {
  takes: { ...TRIAL.takes, engines: check.list(check.text) },
});

/**
 * Runs the same phases, free and nudged, on `reference` and on others; noise is drawn alike on all. Default
 * of `allowed`: 1e-4 of the state's unit, which float32 keeps on circuits that contract.
 * @throws OhmletError LAW-ENGINES; ENGINE-… for engines that do not run here
 */
export async function enginesAgree(subject: Subject, trial: EnginesTrial = {}): Promise<Judged> {
  const { steps = 60, allowed = 1e-4, engines = ["auto"] } = readTrial(trial);
  const chip = chipFrom(subject, trial);
  return staged(chip, { ...trial, engine: "reference" }, async (stage) => {
    const expected = await freeAndNudged(stage, steps);
    let found = 0;
    for (const name of engines) {
      await staged(chip, { ...trial, engine: name }, async (other) => {
        for (const [k, { states }] of (await freeAndNudged(other, steps)).entries()) {
          const { largest, population, unit, a, b } = gapBetween(stage, expected[k].states, states);
          found = Math.max(found, largest);
          if (!(largest <= allowed)) {
            throw broken(
              "LAW-ENGINES",
              chip.circuit.name,
              `after a ${k === 0 ? "free" : "nudged"} phase of ${steps} steps unit ${unit} of ` +
                `"${population}" is at ${short(b)} on "${name}" and at ${short(a)} on "reference"`,
              "a chaotic circuit enlarges rounding: fewer steps or weaker feedback tell; else please " +
                "report it, with the circuit and the seed",
              callOf("enginesAgree", chipText(chip), trial),
            );
          }
        }
      });
    }
    return holds(LAW, found, allowed);
  });
}
