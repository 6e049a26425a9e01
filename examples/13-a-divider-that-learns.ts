/**
 * 13. A divider that learns: two sources, two conductances, one node. Small enough to check by hand what the nudge
 *     moves, what that says of the gradient, and what SPICE makes of the same circuit.
 *     Run it with npm run --silent example 13
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices" and "ohmlet/circuits".
 */
import { resistive } from "../circuits";
import { centred, Controller, createEngine, energyBasedRule, netlistOf, sgd, Simulator } from "../src/index";

const INPUTS = Float64Array.of(1, 0);
const TARGET = Float64Array.of(0.5);

async function main(): Promise<void> {
  const engine = await createEngine("reference");
  const chip = resistive([2, 1]).fabricate();
  const weights = (): Float64Array => chip.weights("input-output").weights;
  chip.setWeights("input-output", { weights: Float64Array.of(1, 3), biases: null });

  const simulator = new Simulator(chip, engine, { solver: "balance" });
  const rest = async (nudge: number): Promise<number> => {
    const nudges = [{ re: nudge, im: 0 }];
    const request = { samples: 1, inputs: INPUTS, targets: TARGET, nudges, steps: 50, tolerance: 1e-13 };
    return (await simulator.phase(request)).states.output.re[0];
  };

  console.log("1 V over 1 mS and 0 V over 3 mS meet in a node, which is to be at 0.5 V.\n");
  const [free, up, down] = [await rest(0), await rest(0.1), await rest(-0.1)];
  console.log(`free           ${free.toFixed(6)} V   by hand (1*1 + 0*3)/4 = 0.25`);
  console.log(`beta 0.1 mS    ${up.toFixed(6)} V   by hand (1 + 0.1*0.5)/(4 + 0.1) = 0.256098`);
  console.log(`beta -0.1 mS   ${down.toFixed(6)} V   by hand (1 - 0.1*0.5)/(4 - 0.1) = 0.243590\n`);

  const contrast = (volts: number): number => -((volts - up) ** 2 - (volts - down) ** 2) / (4 * 0.1);
  console.log(
    "What the nudge changes of half the square of the voltage across each, over beta, less its sign:",
  );
  for (const [i, volts] of [1, 0].entries())
    console.log(
      `  g${i + 1}   ${contrast(volts).toFixed(6)} V^2   the gradient by hand, -(u - 0.5)(V - u)/4, is ` +
        `${((0.25 * (volts - 0.25)) / 4).toFixed(6)}`,
    );

  const estimator = centred({ amplitude: 0.1, freeSteps: 50, nudgedSteps: 50, tolerance: 1e-12 });
  const controller = new Controller(simulator, {
    estimator,
    rule: energyBasedRule,
    optimizer: sgd({ rate: 20 }),
    seed: 1,
  });
  console.log("\nLearning:");
  for (let k = 0; k <= 20; k++) {
    if (k % 5 === 0) {
      const [first, second] = weights();
      console.log(
        `  after ${String(k).padStart(2)}   g1 ${first.toFixed(4)} mS, g2 ${second.toFixed(4)} mS, ` +
          `${(await rest(0)).toFixed(6)} V`,
      );
    }
    await controller.learn({ samples: 1, inputs: INPUTS, targets: TARGET });
  }
  simulator.dispose();

  console.log("\nThe chip that has learned, for SPICE:\n");
  console.log(netlistOf(chip, { inputs: INPUTS }));
}
void main();
