/** Settles a trained chip batch by batch and judges the fixed points that it finds. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readNpz, writeNpz } from "../src/io/npz";
import {
  createEngine,
  labelledBatches,
  Simulator,
  type Chip,
  type Dataset,
  type Engine,
  type SimulatorOptions,
} from "../src/index";
import { trainEpochs, type Digits, type TrainingSettings } from "./training";

/** A chip trained by the protocol; from the file, where there is one, else trained and kept there. */
export async function trainedChip(
  engine: Engine,
  data: Digits,
  settings: TrainingSettings,
  file: string | undefined,
): Promise<Chip> {
  if (file !== undefined && existsSync(file)) {
    const chip = settings.model.build().fabricate({ seed: settings.seed });
    chip.load(
      Object.fromEntries(
        [...readNpz(readFileSync(file), file)].map(([name, { shape, data: values }]) => [
          name,
          { shape, values: Float64Array.from(values) },
        ]),
      ),
    );
    return chip;
  }
  // The errors on the test set are not wanted here: a few samples of it will do.
  const epochs = trainEpochs(
    engine,
    { ...data, test: { ...data.test, samples: 1, labels: data.test.labels.subarray(0, 1) } },
    settings,
  );
  let trained: Chip | null = null;
  for await (const { chip } of epochs) trained = chip;
  if (file !== undefined)
    writeFileSync(
      file,
      writeNpz(
        Object.entries(trained!.arrays()).map(
          ([name, { shape, values }]) => [name, { shape, data: values }] as const,
        ),
      ),
    );
  return trained!;
}

export interface SettleRequest {
  readonly tolerance: number;
  /** Most sweeps of a batch. */
  readonly steps: number;
  readonly batch: number;
  readonly seed: number;
  /** How the phases find their fixed points. */
  readonly path: Pick<SimulatorOptions, "order" | "acceleration">;
}

export interface SettledBatch {
  readonly sweeps: number;
  readonly us: number;
  /** Largest change of a unit in one more synchronous step, in float64. */
  readonly moved: number;
}

/**
 * Free phases from zero over the test set. The first batch is settled once beforehand, which compiles and
 * does not count.
 */
export async function settleBatches(
  chip: Chip,
  engine: Engine,
  test: Dataset,
  { tolerance, steps, batch, seed, path }: SettleRequest,
): Promise<SettledBatch[]> {
  const judging = await createEngine("reference");
  const judge = new Simulator(chip, judging, { seed });
  const simulator = new Simulator(chip, engine, { order: path.order, acceleration: path.acceleration, seed });
  const all = [...labelledBatches(chip.circuit, test, { size: batch })];
  const request = (k: number) => ({
    samples: all[k].samples,
    inputs: all[k].inputs,
    steps,
    tolerance,
    check: false,
  });
  await simulator.phase({ ...request(0), inputs: new Float64Array(all[0].inputs.length) });
  const settled: SettledBatch[] = [];
  for (let k = 0; k < all.length; k++) {
    const started = performance.now();
    const { outcome, states } = await simulator.phase(request(k));
    const us = (performance.now() - started) * 1000;
    const { samples, inputs } = all[k];
    const next = await judge.phase({ samples, inputs, from: states, steps: 1 });
    settled.push({ sweeps: outcome.steps, us, moved: next.outcome.residual });
  }
  simulator.dispose();
  judge.dispose();
  judging.dispose();
  return settled;
}
