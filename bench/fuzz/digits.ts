/** Numbers of tens of thousands of digits, in every place where a number is read. */
import { readNumber } from "../../src/cli/numbers";
import { readRun, readStudy } from "../../src/config";
import { fromCsv } from "../../src/data/csv";
import { readNeuron } from "../../src/device/neuron";
import { csvLine } from "../../src/io/csv";
import { readComparison } from "../../src/study";
import { parseQuantity } from "../../src/units/parse";
import type { Dice } from "./dice";
import type { Target } from "./target";

/** A number as text, or nearly one. */
function number(dice: Dice): string {
  const length = dice.pick([1, 3, 400, 40_000, 200_000]);
  const digit = dice.pick(["1", "0", "9"]);
  const many = digit.repeat(length);
  const whole = dice.pick([many, `0.${many}`, `${many}.${many}`, `.${many}`, `${many}.`, `1e${many}`, `1e-${many}`, `${many}e-${length}`, `-${many}`, `+${many}`, " ".repeat(length) + digit, digit + " ".repeat(length), "\t".repeat(length) + digit]);
  return dice.once(2) ? whole : whole + dice.pick(["x", " ", ".", "e", "e+", "-", "..", " x", "\u00a0", "%", " mV"]);
}

export const DIGITS: readonly Target[] = [
  { name: "digits", apart: true, attempt: (dice) => {
    const text = number(dice);
    switch (dice.below(10)) {
      case 0: return fromCsv("digits", { where: "digits.csv", bytes: Buffer.from(`a,label\n${text},1\n2,0\n`) }, undefined);
      case 1: return fromCsv("digits", { where: "digits.csv", bytes: Buffer.from(`1,${text}\n2,0\n`) }, undefined);
      case 2: return parseQuantity(text);
      case 3: return parseQuantity(`5 ${text}`);
      case 4: return readNumber(text, {}, dice.once(2), "digits");
      case 5: return readNeuron({ kind: "neuron", name: "digits", equations: `tau*du/dt = -u + I + I_nudge + ${text}\nrho = u`, parameters: { tau: 1 } });
      case 6: return readNeuron({ kind: "neuron", name: "digits", equations: "tau*du/dt = -u + I + I_nudge\nrho = u", parameters: { tau: text } });
      case 7: return readRun({ where: "digits.yaml", text: `dt: ${text}\nepochs: ${text}\nbatch: "${text}"\n` });
      case 8: return readStudy({ where: "digits.json", text: `{"chips":${text}}` });
      default: {
        csvLine([text, text]);
        return readComparison("accuracy", `>= ${text}`);
      }
    }
  } },
];
