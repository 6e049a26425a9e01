/** Makes a chip hold what another holds exactly, beside what its devices store: its readout and what neurons have learned. */
import type { Chip } from "../circuit/chip-types";
import { trainablesOf } from "../circuit/trainable";

export function holdAlike(chip: Chip, as: Chip): void {
  for (const { name, population, parameter, unit } of trainablesOf(chip.circuit)) {
    const [wanted, has] = [as, chip].map((one) => one.parametersOf(population)[parameter] as Float64Array);
    chip.tune(
      name,
      wanted.map((value, k) => (value - has[k]) / unit),
    );
  }
  if (chip.readout === null || as.readout === null) return;
  const [wanted, has] = [as.readout, chip.readout];
  chip.programReadout({
    weights: wanted.weights.map((w, k) => w - has.weights[k]),
    biases: wanted.biases.map((b, k) => b - has.biases[k]),
  });
}
