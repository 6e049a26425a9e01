/**
 * 03. Train a chip: the default imperfect chip learns digits by settling, free and nudged, and nothing else.
 *     Run it with npm run --silent example 03
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices" and "ohmlet/circuits".
 */
import { nonideal } from "../circuits";
import { adam, centred, strokeDigits, train } from "../src/index";

async function main(): Promise<void> {
  const chip = nonideal({ sizes: [64, 32, 10], mismatch: "5 %", angle: 20 }).fabricate({ seed: 1 });
  const data = {
    train: strokeDigits({ samples: 1000, seed: 1, split: "train" }),
    test: strokeDigits({ samples: 500, seed: 1, split: "test" }),
  };
  const estimator = centred({ amplitude: 0.3, freeSteps: 40, nudgedSteps: 25 });

  console.log(chip.circuit.toString());
  console.log(
    "\nFabricated with seed 1 and trained on 1,000 generated digits: every neuron and synapse is 5 % " +
      "off, the voltages are",
  );
  console.log(
    "noisy, the conductances leak, and feedback starts 20 degrees away from the transposed forward " +
      "weights.\n",
  );
  for await (const epoch of train(chip, data, {
    estimator,
    optimizer: adam({ rate: 0.005 }),
    epochs: 4,
    dt: 1e-5,
    seed: 1,
  })) {
    const cosines = Object.entries(epoch.gradientCosine)
      .map(([layer, cosine]) => `${layer} ${(cosine ?? NaN).toFixed(3)}`)
      .join(", ");
    console.log(
      `epoch ${epoch.epoch}: test accuracy ${(100 * epoch.accuracy).toFixed(1)} %, cost ` +
        `${epoch.trainCost.toFixed(3)}, cosine to the true error: ${cosines}`,
    );
    for (const warning of epoch.warnings) console.log(`  ${warning.code}  ${warning.text}`);
  }
  console.log(
    "\nThe cosine says how well what the chip measures points along the true error vector, which only " +
      "a simulator knows.",
  );
}
void main();
