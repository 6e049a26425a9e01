/**
 * 01. Settle a neuron: a physical neuron charges its capacitor, then trembles with thermal noise. Nothing is
 *     defined here; all of it comes from the catalogues. Run it with npm run --silent example 01
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices" and "ohmlet/circuits".
 */
import { layered } from "../circuits";
import { crossbar, softNeuron } from "../devices";
import { createEngine, formatQuantity, parseQuantity, Simulator, transient } from "../src/index";

async function main(): Promise<void> {
  const design = layered([1, 1], {
    neuron: softNeuron(),
    synapse: crossbar(),
    initial: { distribution: "zero" },
  });
  const chip = design.fabricate({ seed: 1 });
  chip.setWeights("input-output", { weights: Float64Array.of(0.5), biases: Float64Array.of(0) });
  const simulator = new Simulator(chip, await createEngine("reference"), { dt: 2e-6, seed: 1 });

  const settled = await simulator.phase({
    samples: 1,
    inputs: [1],
    steps: 4000,
    average: 500,
    tolerance: 1e-3,
  });
  const { times, traces } = await transient(simulator, { samples: 1, inputs: [1], steps: 60, every: 10 });
  const copies = 4000;
  const { states } = await simulator.phase({
    samples: copies,
    inputs: new Float64Array(copies).fill(1),
    steps: 200,
  });

  // Words and figures: the rest is print.
  const volts = (value: number): string =>
    formatQuantity({ value: Number(value.toPrecision(4)), dimension: parseQuantity("1 V").dimension });
  console.log(design.population("output").neuron?.toString());
  console.log(
    "\nIts synapse has the weight 0.5 and its input is held at 1, so the current that flows into it " +
      "is half of the unit",
  );
  console.log("drive g_leak*u_slope. The leak balances that current where u = 0.5*u_slope = 50 mV.");
  const { kind, steps, noiseFloor = 0 } = settled.outcome;
  console.log(
    `\n${kind} after ${steps} steps of 2 us: the mean voltage is ${volts(settled.states.output.re[0])}`,
  );
  console.log("Thermal noise never lets it rest; what must come to rest is the mean of its last steps.");
  console.log("\n   time     voltage   without noise: 50 mV*(1 - exp(-t/tau)), tau = C/g_leak = 20 us");
  times.forEach((t, i) =>
    console.log(
      `${(1e6 * t).toFixed(0).padStart(4)} us  ${volts(traces[0].re[i]).padStart(9)}   ` +
        `${volts(0.05 * (1 - Math.exp(-t / 20e-6)))}`,
    ),
  );
  const mean = states.output.re.reduce((sum, u) => sum + u, 0) / copies;
  const deviation = Math.sqrt(states.output.re.reduce((sum, u) => sum + (u - mean) ** 2, 0) / copies);
  console.log(
    `\nOver ${copies} such neurons, each with noise of its own, the voltage deviates by ${volts(deviation)}.`,
  );
  console.log(
    `Physics says sqrt(k_B*T/C) = ${volts(Math.sqrt((1.380649e-23 * 300) / 1e-12))}, and the outcome ` +
      `announced a noise floor of ${volts(noiseFloor)}.`,
  );
}
void main();
