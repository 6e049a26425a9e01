/** What is right, for fuzzing to spoil: a few small ones of each kind. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { softNeuron } from "../../devices";
import type { CircuitSpec } from "../../src/circuit/types";
import { writeIdx } from "../../src/data/idx";
import { writeNpz } from "../../src/io/npz";
import { writeNpy } from "../../src/io/npy";
import { repairPng } from "./repair";

export const EQUATIONS: readonly string[] = [
  "C*du/dt = -g_leak*u + I + I_nudge + sqrt(2*k_B*T*g_leak)*xi : V   # charge balance\nrho = " +
    "tanh(u/u_slope) : 1",
  "tau*du/dt = -u + I + I_nudge\nf(x) = 1/(1 + exp(-x))\nrho = f(u)\n0 <= u <= 1",
  "u <- I + I_nudge\na = 2\nrho = where(u < a, clip(u, -1, 1), rho0'(u))\nrho0(x) = log(1 + x^2)",
];
export const PARAMETERS = {
  C: "1 pF",
  g_leak: "50 nS",
  T: "300 K",
  u_slope: "100 mV",
  tau: 1,
  k: { value: 1, mismatch: "5 %" },
};
export const SYNAPSES: readonly string[] = [
  "I = w*rho_pre\nw <- w + dw",
  "I = (G_plus - G_minus)*V*rho_pre : A\nG_plus <- clip(G_plus + dw/V, 0, g) : S\nG_minus <- G_minus " +
    ": S\nretention*dG_plus/dt = -G_plus",
];

const configs = resolve(__dirname, "../../configs");
/** Of circuits and devices of its own; and those that are shipped. */
export const CONFIGS: readonly string[] = [
  `name: tiny
devices:
  mine:
    equations: |
      tau*du/dt = -u + I + I_nudge
      rho = tanh(u)
    parameters:
      tau: 1
circuit:
  name: pair
  populations:
    - { name: input, size: 64 }
    - { name: output, size: 10, neuron: mine }
  projections:
    - { name: up, from: input, to: output, synapse: { device: ideal }, bias: true, initial: glorot }
  input: input
  output: output
  cost: { kind: squared-error, argument: activity }
data: { kind: generated, train: 60, test: 30 }
estimator: { kind: centred, amplitude: 0.2, freeSteps: 60, nudgedSteps: 40 }
optimizer: { kind: sgd, rate: { up: 0.1 } }
dt: 0.2
epochs: 2
`,
  ...textsIn(configs),
];
/** Studies and questions for the weakest point, as they are shipped. */
export const [STUDIES, WEAKEST] = ["studies", "weakest"].map((folder) => textsIn(join(configs, folder)));

const weights = (values: number) => ({
  shape: [values],
  data: Float64Array.from({ length: values }, (_, i) => i / 7),
});
export const NPY: readonly Uint8Array[] = [
  writeNpy(weights(5)),
  writeNpy({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }),
];
export const NPZ: readonly Uint8Array[] = [
  writeNpz([["w", weights(3)]]),
  writeNpz([
    ["a/b", weights(4)],
    ["c", weights(1)],
  ]),
];

const levels = (count: number, most: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (i * 37) % most);
export const IMAGES: readonly Uint8Array[] = [
  writeIdx([3, 4, 5], levels(60, 256)),
  writeIdx([2, 1, 1], levels(2, 17)),
];
export const LABELS: readonly Uint8Array[] = [writeIdx([3], levels(3, 3)), writeIdx([12], levels(12, 10))];
export const CIFAR: readonly Uint8Array[] = [
  Uint8Array.from({ length: 2 * 3073 }, (_, i) => (i % 3073 === 0 ? 3 : i % 256)),
];
export const CSV: readonly string[] = [
  "0.5,16,1\n4.5,8,0\n0.25,1,1\n2.5,2,0\n3.5,3,1\n", // the label tells itself by its shape
  "Label,a,b\r\n1,0.5,7\r\n0,1e1,-3\r\n1,2,3\r\n0,2,4\r\n1,1,1\r\n",
  '"";"px 1";"px ""2""";class\n"1";2,5;0;cat\n"2";3;4;"dog"\n"3";1;1;cat\n"4";2;2;dog\n"5";3;3;cat\n',
];

/** Grey of 8 bits, and two pixels with a palette. */
export const PNG: readonly Uint8Array[] = [
  png([3, 2, 8, 0], [["IDAT", deflateSync(Uint8Array.of(0, 1, 2, 3, 2, 4, 5, 6))]]),
  png(
    [2, 1, 1, 3],
    [
      ["PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6)],
      ["tRNS", Uint8Array.of(9)],
      ["IDAT", deflateSync(Uint8Array.of(0, 64))],
    ],
  ),
];
/** With the name of what was packed, as gzip itself writes it. */
const named = (file: Buffer): Buffer =>
  Buffer.concat([
    file.subarray(0, 3),
    Uint8Array.of(8),
    file.subarray(4, 10),
    Buffer.from("samples-that-were-packed-elsewhere.csv\0"),
    file.subarray(10),
  ]);
export const GZIP: readonly Uint8Array[] = [
  named(gzipSync("a,b,label\n0,16,1\n4,8,0\n1,1,1\n2,2,0\n3,3,1\n")),
  gzipSync(`a,label\n${"1,1\n2,0\n".repeat(12_500)}`),
];

function textsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /\.(yaml|json)$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
}

function png(
  [width, height, depth, type]: readonly number[],
  chunks: readonly (readonly [string, Uint8Array])[],
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  const all = [["IHDR", header] as const, ...chunks, ["IEND", new Uint8Array()] as const].map(
    ([name, body]) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length);
      return Buffer.concat([length, Buffer.from(name, "latin1"), body, Buffer.alloc(4)]);
    },
  );
  return repairPng(Buffer.concat([Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10), ...all]));
}

/** A circuit as plain data, with devices in it. */
export const CIRCUIT: CircuitSpec = {
  name: "good",
  populations: [
    { name: "input", size: 2 },
    { name: "hidden", size: 3, neuron: softNeuron() },
    { name: "output", size: 2, neuron: softNeuron() },
  ],
  projections: ["input hidden", "hidden output", "output hidden"].map((ends) => ({
    name: ends.replace(" ", "-"),
    from: ends.split(" ")[0],
    to: ends.split(" ")[1],
    bias: ends !== "output hidden",
    synapse: { kind: "synapse" as const, name: "current", equations: "I = w*rho_pre : A\nw <- w + dw : A" },
    initial: { distribution: "glorot" as const, scale: 1 },
    ...(ends === "output hidden" && { feedback: { kind: "tied" as const, to: "hidden-output" } }),
  })),
  input: "input",
  output: "output",
  cost: { kind: "squared-error", argument: "state", levels: [0, 1] },
};
