/**
 * 14. Digits on a resistive chip: conductances and diodes, and nothing else, learn to read (Kendall et al. 2020).
 *     A free phase and two nudged ones are three operating points; a conductance moves by what the nudge changes of
 *     the square of the voltage across it. Run it with npm run --silent example 14 [SAMPLES] [EPOCHS]
 *
 * An installed package is imported as "ohmlet", "ohmlet/devices" and "ohmlet/circuits".
 */
import { resistive } from "../circuits";
import { diodeNode, resistor } from "../devices";
import { centred, sgd, strokeDigits, train, type Dataset } from "../src/index";

/** A node is a mean of its inputs' voltages, so each pixel is there with either sign, and large; so is a bias. */
const VOLTS = 15;

function doubled(digits: Dataset): Dataset {
  const half = digits.features + 1;
  const one = new Float64Array(digits.features);
  return {
    ...digits,
    features: 2 * half,
    shape: [2, half],
    pixels(i, out, offset) {
      digits.pixels(i, one, 0);
      for (let k = 0; k < half; k++) {
        const volts = VOLTS * (k < one.length ? one[k] : 1);
        out[offset + k] = volts;
        out[offset + half + k] = -volts;
      }
    },
  };
}

async function main(): Promise<void> {
  const [samples, epochs] = [process.argv[2] ?? "2000", process.argv[3] ?? "6"].map(Number);
  const digits = (split: "train" | "test", count: number): Dataset =>
    doubled(strokeDigits({ samples: count, seed: 1, split }));
  const data = { train: digits("train", samples), test: digits("test", 500) };

  const chip = resistive([data.train.features, 40, 10], {
    neuron: diodeNode({ V_up: "0 V", V_down: "0 V" }),
    synapse: resistor({ range: ["0 S", "0.2 mS"] }),
    initial: { distribution: "fan-in" },
  }).fabricate({ seed: 1 });
  console.log(chip.circuit.toString());
  console.log(
    `\n64 pixels and a bias at +-${VOLTS} V, 40 nodes between two diodes each, 10 outputs; conductances from 0 to ` +
      "0.2 mS.\nThe nudge is a current of 100 uS times the error of an output's voltage, of either sign.\n",
  );
  const options = {
    estimator: centred({ amplitude: 0.1, freeSteps: 6, nudgedSteps: 6 }),
    optimizer: sgd({ rate: { "input-l1": 0.01, "l1-output": 0.02 } }),
    solver: "balance",
    order: "alternate",
    batch: 8,
    epochs,
    seed: 1,
  } as const;
  for await (const epoch of train(chip, data, options)) {
    const cosines = Object.entries(epoch.gradientCosine)
      .map(([layer, cosine]) => `${layer} ${(cosine ?? NaN).toFixed(3)}`)
      .join(", ");
    console.log(
      `epoch ${epoch.epoch}: test accuracy ${(100 * epoch.accuracy).toFixed(1)} %, cost ` +
        `${epoch.trainCost.toFixed(3)}, cosine to the true error: ${cosines}`,
    );
    for (const warning of epoch.warnings) console.log(`  ${warning.code}  ${warning.text}`);
  }
}
void main();
