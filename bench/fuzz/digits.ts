/** Numbers of tens of thousands of digits, in every place where a number is read. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readNumber } from "../../src/cli/numbers";
import { readRun, readStudy } from "../../src/config";
import { readNeuron } from "../../src/device/neuron";
import { csvLine } from "../../src/io/csv";
import { loadDataset } from "../../src/io/datasets/load";
import { readComparison } from "../../src/study";
import { parseQuantity } from "../../src/units/parse";
import type { Dice } from "./random";
import type { Target } from "./target";

/** A number as text, or nearly one. */
function number(dice: Dice): string {
  const length = dice.pick([1, 3, 400, 40_000, 200_000]);
  const digit = dice.pick(["1", "0", "9"]);
  const many = digit.repeat(length);
  const whole = dice.pick([
    many,
    `0.${many}`,
    `${many}.${many}`,
    `.${many}`,
    `${many}.`,
    `1e${many}`,
    `1e-${many}`,
    `${many}e-${length}`,
    `-${many}`,
    `+${many}`,
    " ".repeat(length) + digit,
    digit + " ".repeat(length),
    "\t".repeat(length) + digit,
  ]);
  return dice.once(2)
    ? whole
    : whole + dice.pick(["x", " ", ".", "e", "e+", "-", "..", " x", "\u00a0", "%", " mV"]);
}

export const DIGITS: readonly Target[] = [
  {
    name: "digits",
    apart: true,
    attempt: (dice, folder) => {
      const text = number(dice);
      const file = join(folder, "digits.csv");
      const csv = (lines: string): unknown => (writeFileSync(file, lines), loadDataset(file));
      switch (dice.below(10)) {
        case 0:
          return csv(`a,label\n${text},1\n2,0\n1,1\n1,0\n2,1\n`);
        case 1:
          return csv(`1,${text}\n2,0\n1,1\n1,0\n2,1\n`);
        case 2:
          return parseQuantity(text);
        case 3:
          return parseQuantity(`5 ${text}`);
        case 4:
          return readNumber(text, {}, dice.once(2), "digits");
        case 5:
          return readNeuron({
            kind: "neuron",
            name: "digits",
            equations: `tau*du/dt = -u + I + I_nudge + ${text}\nrho = u`,
            parameters: { tau: 1 },
          });
        case 6:
          return readNeuron({
            kind: "neuron",
            name: "digits",
            equations: "tau*du/dt = -u + I + I_nudge\nrho = u",
            parameters: { tau: text },
          });
        case 7:
          return readRun({ where: "digits.yaml", text: `dt: ${text}\nepochs: ${text}\nbatch: "${text}"\n` });
        case 8:
          return readStudy({ where: "digits.json", text: `{"chips":${text}}` });
        default: {
          csvLine([text, text]);
          return readComparison("accuracy", `>= ${text}`);
        }
      }
    },
  },
];
