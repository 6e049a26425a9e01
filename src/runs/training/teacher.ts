/**
 * A chip that holds what another has learned (O'Connor et al. 2019, section 5): the teacher is another chip of the
 * design, which the run trains first. Its values are stored in the chip, whose devices make of them what they can.
 */
import type { Chip } from "../../circuit/chip-types";
import { learns, ownerOf } from "../../circuit/owner";
import { initializedOf, optimizerOf } from "../../config";
import type { ForwardNet } from "../../learning/initialized";
import { holdAlike } from "../../learning/hold-alike";
import { train } from "../../learning/train";
import { measureChips } from "../studying/measure";
import { chosenStep, type RunContext } from "./context";
import { trainOptionsOf } from "./train-options";

/** What a teacher leaves to others. */
export interface Teacher {
  readonly chip: Chip;
  readonly net: ForwardNet | undefined;
  /** Test accuracy of the teacher itself, and of its digital copy; null where it has none. */
  readonly taught: number;
  readonly copy: number | null;
}

/** What a teacher depends on, as a text: the same for all chips that it teaches. */
export function teacherKey({ run: { config } }: RunContext): string {
  const { seed: _, epochs, chip, ...rest } = config;
  const { teacher } = chip ?? {};
  return JSON.stringify([rest, teacher?.seed, teacher?.epochs ?? epochs]);
}

/**
 * Trains the teacher that a run asks for; undefined where it asks for none.
 * @throws OhmletError of a training
 */
export async function teacherOf(
  context: RunContext,
  onBatch?: () => Promise<void>,
): Promise<Teacher | undefined> {
  const { data, estimator, engine } = context;
  const { chip: asked, epochs } = context.run.config;
  const teacher = asked?.teacher;
  if (teacher === undefined) return undefined;
  const { seed } = teacher;
  // Whoever is taught: all draws are the teacher's own.
  const run = { ...context.run, config: { ...context.run.config, seed } };
  const chip = context.chip.circuit.fabricate({ seed });
  const dt = run.config.dt === "auto" ? await chosenStep(run, chip, data, engine, estimator) : context.dt;
  const net = initializedOf(run, chip);
  let copy: number | null = null;
  const own = { ...context, run, dt, initialized: net, optimizer: optimizerOf(run, chip.circuit) };
  for await (const { forward } of train(chip, data, {
    ...trainOptionsOf(own),
    epochs: teacher.epochs ?? epochs,
    probe: 0,
    // It learns as long as it is asked to.
    patience: undefined,
    target: undefined,
    minDelta: undefined,
    onBatch,
  }))
    copy = forward?.accuracy ?? null;
  const [{ measures }] = await measureChips({ ...context, dt, chips: [chip], seeds: [seed] }, ["accuracy"]);
  return { chip, net, taught: measures.accuracy ?? 0, copy };
}

/** Stores in a chip, and in its net, what a teacher has learned, as the run says. */
export function learnFrom(
  { run }: RunContext,
  teacher: Teacher,
  chip: Chip,
  net: ForwardNet | undefined,
): void {
  if (run.config.chip?.teacher?.programmed === "written") {
    for (const p of chip.circuit.projections)
      if (ownerOf(p) === p.name && learns(p)) chip.setWeights(p.name, teacher.chip.weights(p.name));
    holdAlike(chip, teacher.chip);
  } else chip.load(teacher.chip.arrays());
  if (net !== undefined && teacher.net !== undefined) net.chip.load(teacher.net.chip.arrays());
}
