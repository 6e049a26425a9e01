/** Time and memory of networks of a wanted number of synapses. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { streamOf, uniform } from "../src/random";
import { Simulator, type Engine } from "../src/index";
import { DYNAMICS } from "./networks";
import { rounded, spreadOf, timeEach, type Spread } from "./timing";
import { devices, multiplyAdds, weightsAndStates } from "./workload";

const [INPUTS, OUTPUTS] = [64, 10];
/** Multiply-adds of a phase, where its steps are not given, and the fewest and most steps. */
const PHASE = { work: 2e9, fewest: 5, most: 1000 } as const;
const WARM_UPS = 40;

export interface ScaleRequest {
  readonly synapses: number;
  readonly batch: number;
  readonly steps?: number;
  readonly repeats: number;
  readonly seed: number;
}

export interface ScaleMeasured {
  readonly sizes: readonly number[];
  readonly synapses: number;
  readonly steps: number;
  readonly multiplyAdds: number;
  /** Microseconds of a step. */
  readonly step: Spread;
  /** Growth of the resident set, bytes: chip, simulator and engine; and the last two alone. */
  readonly memory: { readonly all: number; readonly engine: number };
  /** Bytes of weights and states alone, in the engine's precision. */
  readonly needed: number;
}

/** Units of the layers: two hidden ones of h units with (64 + h + 10) h about the wanted number. */
export function sizesFor(synapses: number): number[] {
  const around = INPUTS + OUTPUTS;
  const hidden = Math.max(1, Math.round((Math.sqrt(around * around + 4 * synapses) - around) / 2));
  return [INPUTS, hidden, hidden, OUTPUTS];
}

/** Measures one size in this process; call it in a fresh one, or the memory means nothing. */
export async function measureSize(
  engine: Engine,
  { synapses, batch, steps: wanted, repeats, seed }: ScaleRequest,
): Promise<ScaleMeasured> {
  const sizes = sizesFor(synapses);
  await warmUp(engine, batch);
  const before = await resident();
  const circuit = DYNAMICS.prototypical.build(sizes);
  const work = multiplyAdds(circuit, { samples: batch });
  const steps = wanted ?? Math.min(PHASE.most, Math.max(PHASE.fewest, Math.round(PHASE.work / work)));
  const chip = circuit.fabricate({ seed });
  const made = await resident();
  const stream = streamOf("bench inputs");
  const inputs = Float64Array.from({ length: batch * INPUTS }, (_, i) => uniform(seed, stream, 0, i));
  const simulator = new Simulator(chip, engine, { seed });
  await simulator.phase({ samples: batch, inputs, steps });
  const times = await timeEach(repeats, (phase) => simulator.phase({ samples: batch, inputs, steps, phase }));
  const after = await resident();
  simulator.dispose();
  return {
    sizes,
    steps,
    multiplyAdds: work,
    synapses: devices(circuit),
    step: spreadOf(times.map((us) => us / steps)),
    memory: { all: after - before, engine: after - made },
    needed: weightsAndStates(circuit, batch, engine.info.precision === "float64" ? 8 : 4),
  };
}

/**
 * Code that is loaded and compiled once is not the network's memory, nor is the room that the collector makes
 * for short-lived objects, which differs by megabytes from one process to the next: smallest networks, again
 * and again, bring both in.
 */
async function warmUp(engine: Engine, batch: number): Promise<void> {
  const circuit = DYNAMICS.prototypical.build([INPUTS, 1, 1, OUTPUTS]);
  for (let round = 0; round < WARM_UPS; round++) {
    const simulator = new Simulator(circuit.fabricate(), engine);
    await simulator.phase({ samples: batch, inputs: new Float64Array(batch * INPUTS), steps: PHASE.most });
    simulator.dispose();
  }
}

/** The figures as fields of a line. */
export function scaleFields({
  sizes,
  synapses,
  steps,
  multiplyAdds: work,
  step,
  memory,
  needed,
}: ScaleMeasured): Readonly<Record<string, unknown>> {
  const megabytes = (bytes: number): number => rounded(bytes / 1e6, 3);
  return {
    sizes,
    synapses,
    steps,
    us_per_step: rounded(step.median, 2),
    us_quartiles: step.quartiles.map((us) => rounded(us, 2)),
    macs_per_step: work,
    ps_per_mac: rounded((step.median / work) * 1e6, 1),
    gmac_per_s: rounded(work / step.median / 1e3, 3),
    weights_and_states_mb: megabytes(needed),
    memory_mb: megabytes(memory.all),
    memory_ratio: rounded(memory.all / needed, 2),
    engine_mb: megabytes(memory.engine),
    engine_ratio: rounded(memory.engine / needed, 2),
  };
}

/**
 * Bytes of the process that are in memory, after the collector has been through: arrays go in a second round,
 * in the background.
 */
async function resident(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage.rss();
}
