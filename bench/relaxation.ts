/** Times phases of a network through the simulator. */
import { streamOf, uniform } from "../src/random";
import { Simulator, type Circuit, type Engine, type PhaseRequest } from "../src/index";
import type { Dynamics } from "./networks";
import { spreadOf, timeEach, type Spread } from "./timing";
import { multiplyAdds } from "./workload";

export interface StepsRequest {
  readonly dynamics: Dynamics;
  readonly sizes: readonly number[];
  readonly batch: number;
  readonly steps: number;
  readonly repeats: number;
  readonly seed: number;
}

export interface StepsMeasured {
  /** Microseconds of a step: a phase over its steps. */
  readonly step: Spread;
  /** Microseconds of a phase of one step. */
  readonly shortest: Spread;
  /** Of one step of all rows. */
  readonly multiplyAdds: number;
}

/**
 * Fabricates the network and times its phases; the first of each length, which compiles and computes the
 * drive, does not count.
 */
export async function measureSteps(
  engine: Engine,
  { dynamics, sizes, batch, steps, repeats, seed }: StepsRequest,
): Promise<StepsMeasured> {
  const circuit = dynamics.build(sizes);
  const simulator = new Simulator(circuit.fabricate({ seed }), engine, { ...dynamics.options, seed });
  const request = phaseOf(circuit, dynamics, batch, seed);
  await simulator.phase({ ...request, steps });
  const whole = await timeEach(repeats, (phase) => simulator.phase({ ...request, steps, phase }));
  const one = await timeEach(Math.min(repeats, 5), (phase) =>
    simulator.phase({ ...request, steps: 1, phase }),
  );
  simulator.dispose();
  return {
    step: spreadOf(whole.map((us) => us / steps)),
    shortest: spreadOf(one),
    multiplyAdds: multiplyAdds(circuit, request),
  };
}

/** Inputs uniform in [0, 1], one right class a sample. */
function phaseOf(
  circuit: Circuit,
  { nudge }: Dynamics,
  samples: number,
  seed: number,
): Omit<PhaseRequest, "steps"> {
  const stream = streamOf("bench inputs");
  const inputs = Float64Array.from({ length: samples * circuit.inputSize }, (_, i) =>
    uniform(seed, stream, 0, i),
  );
  if (nudge === undefined) return { samples, inputs };
  const { cost } = circuit.spec;
  const width = cost.kind === "cross-entropy" ? cost.classes : circuit.output.size;
  const targets = new Float64Array(samples * width);
  for (let s = 0; s < samples; s++) targets[s * width + (s % width)] = 1;
  return { samples, inputs, targets, nudges: [nudge] };
}
