/** Write and verify: what devices can reach they come to, whatever a pulse does to them. */
import { describe, expect, it } from "vitest";
import { layered } from "../../circuits";
import { crossbar, leakyIntegrator, softNeuron } from "../../devices";
import type { Chip, SynapseSpec } from "../../src/index";

const chipOf = (
  equations: string,
  parameters: SynapseSpec["parameters"] = {},
  initial: Readonly<Record<string, string>> = {},
): Chip =>
  layered([40, 5], {
    neuron: leakyIntegrator(),
    bias: false,
    initial: { distribution: "zero" },
    synapse: { kind: "synapse", name: "written", equations, parameters, initial },
  }).fabricate({ seed: 1 });
const write = (
  chip: Chip,
  within: number,
): { readonly wanted: Float64Array; readonly found: Float64Array } => {
  const wanted = Float64Array.from({ length: 200 }, (_, k) => (((k * 0.61803) % 1) * 2 - 1) * within);
  chip.setWeights("input-output", { weights: wanted, biases: null });
  return { wanted, found: chip.weights("input-output").weights };
};

describe("devices are written", () => {
  it.each([0.02, 0.5, 1, 1.9, 2, 2.1, 3, 20, 500])("with a gain of %d", (gain) => {
    const { wanted, found } = write(
      chipOf("I = k*w*rho_pre\nw <- clip(w + dw, -1e3, 1e3) : 1", { k: gain }),
      1,
    );
    found.forEach((w, k) => expect(Math.abs(w - wanted[k])).toBeLessThan(1e-9));
  });

  it.each<readonly [string, string]>([
    ["moves them no further than a limit", "w <- w + clip(dw, -0.1, 0.1) : 1"],
    ["does less the nearer they are to an end", "w <- w + dw*(1 - w^2/4) : 1"],
    ["does twice as much one way as the other", "w <- w + where(dw > 0, 2*dw, dw/2) : 1"],
    ["grows with its square", "w <- w + 4*dw*abs(dw) : 1"],
  ])("where a pulse %s", (_, program) => {
    const { wanted, found } = write(chipOf(`I = w*rho_pre\n${program}`), 1);
    found.forEach((w, k) => expect(Math.abs(w - wanted[k])).toBeLessThan(1e-6));
  });

  it("to all that a pair can reach, however unequal it is", () => {
    for (const mismatch of [0.3, 0.5, 1]) {
      const chip: Chip = layered([2000, 1], {
        neuron: softNeuron(),
        synapse: crossbar({ mismatch, distribution: "lognormal" }),
        bias: false,
        initial: { distribution: "zero" },
      }).fabricate({ seed: 1 });
      const { k_plus, k_minus } = chip.array("input-output").parameters as Record<string, Float64Array>;
      const unit = chip.unitDriveOf("output") / 0.1;
      const wanted = Float64Array.from({ length: 2000 }, (_, k) => ((k * 0.61803) % 1) * 4 - 2);
      chip.setWeights("input-output", { weights: wanted, biases: null });
      chip.weights("input-output").weights.forEach((w, k) => {
        const [lowest, highest] = [
          (k_plus[k] * 1e-9 - k_minus[k] * 200e-9) / unit,
          (k_plus[k] * 200e-9 - k_minus[k] * 1e-9) / unit,
        ];
        expect(Math.abs(w - Math.min(highest, Math.max(lowest, wanted[k])))).toBeLessThan(1e-6);
      });
    }
  });

  it("so that first weights are those that were asked for", () => {
    const chip = layered([100, 100], {
      neuron: softNeuron(),
      synapse: crossbar({ mismatch: 0.3, distribution: "lognormal" }),
      initial: { distribution: "glorot", scale: 0.3 },
    }).fabricate({ seed: 1 });
    for (const w of chip.weights("input-output").weights)
      expect(Math.abs(w)).toBeLessThan(0.3 * Math.sqrt(6 / 200) + 1e-9);
  });
});
