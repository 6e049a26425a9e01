/**
 * 02. Define a device: a neuron written as its equations, with units that are checked. Its leak grows with
 *     the voltage, so that a hard drive cannot push it far. Run it with npm run --silent example 02
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices" and "ohmlet/circuits".
 */
import { layered } from "../circuits";
import { crossbar } from "../devices";
import { createEngine, defineNeuron, OhmletError, Simulator, spread, type NeuronSpec } from "../src/index";

const limited: NeuronSpec = {
  kind: "neuron",
  name: "self-limiting neuron",
  summary: "A capacitor whose leak conductance grows with the square of the voltage.",
  source: "Kirchhoff's current law; the first two terms of a symmetric nonlinear conductance",
  equations: `
    g = g_leak*(1 + (u/u_limit)^2) : S   # the leak grows away from rest
    C*du/dt = -g*u + I + I_nudge : V     # charge balance
    rho = tanh(u/u_slope) : 1            # what the synapses see
  `,
  parameters: {
    C: "1 pF",
    g_leak: spread("50 nS", { mismatch: "5 %" }),
    u_limit: "200 mV",
    u_slope: "100 mV",
  },
  unitDrive: "g_leak*u_slope",
};

async function main(): Promise<void> {
  console.log("A device from its equations, as it prints itself:\n");
  console.log(defineNeuron(limited).toString());

  console.log(
    "\nUnits are checked. With the slope forgotten, rho = tanh(u), it is refused with the place and " +
      "the remedy:\n",
  );
  try {
    defineNeuron({ ...limited, equations: limited.equations.replace("tanh(u/u_slope)", "tanh(u)") });
  } catch (error) {
    if (!(error instanceof OhmletError)) throw error;
    console.log(error.message);
  }

  const design = layered([4, 8, 3], {
    neuron: limited,
    synapse: crossbar({ mismatch: "5 %" }),
    feedback: { asymmetry: 0.1 },
  });
  console.log("\nIn a circuit, next to crossbars of the catalogue:\n");
  console.log(design.toString());

  const simulator = new Simulator(design.fabricate({ seed: 7 }), await createEngine("reference"), {
    solver: "rk4",
    dt: 2e-6,
  });
  const millivolts = (values: Float64Array): string =>
    [...values].map((u) => (1e3 * u).toFixed(1)).join("  ");
  for (const drive of [1, 10]) {
    const { outcome, states } = await simulator.phase({
      samples: 1,
      inputs: [drive, -drive, drive / 2, 0],
      steps: 2000,
      tolerance: 1e-6,
    });
    console.log(
      `\nOne chip of it (seed 7), its inputs at ${drive}: ${outcome.kind} after ${outcome.steps} steps`,
    );
    console.log(`l1      ${millivolts(states.l1.re)} mV`);
    console.log(`output  ${millivolts(states.output.re)} mV`);
  }
  console.log("\nTen times the drive, and far less than ten times the voltage.");
}
void main();
