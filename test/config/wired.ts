/** Runs of wired circuits, as texts: one with a graph of every wiring, one of kernels in a row. */

const REST = `data: { kind: generated, train: 60, test: 30 }
estimator: { kind: centred, amplitude: 0.2, freeSteps: 30, nudgedSteps: 15 }
optimizer: { kind: sgd, rate: 0.1 }
epochs: 2
engine: reference
probe: 4
`;

/** The line of each wiring is named by tests. */
export const WIRED = `name: wired
circuit:
  name: every-wiring
  populations:
    - { name: input, shape: [8, 8, 1] }
    - { name: l1, shape: [3, 3, 2], neuron: prototypical }
    - { name: l2, size: 18, shape: [3, 3, 2], neuron: prototypical }
    - { name: output, size: 10, neuron: prototypical }
  projections:
    - name: up
      from: input
      to: l1
      synapse: ideal
      bias: true
      initial: glorot
      through: { kind: convolution, kernel: [3, 3], pool: { kind: max, window: 2 } }
    - { name: each, from: l1, to: l2, synapse: ideal, initial: glorot, through: { kind: one-to-one } }
    - { name: back, from: l2, to: l1, synapse: ideal, initial: glorot, feedback: { kind: tied, to: each } }
    - name: own
      from: l1
      to: l2
      synapse: ideal
      initial: glorot
      through: { kind: convolution, kernel: 3, stride: 1, padding: [1, 1], pool: { kind: mean, window: [1, 1] }, replicated: false }
    - name: some
      from: l2
      to: output
      synapse: ideal
      initial: glorot
      through: { kind: sparse, density: 0.4, seed: 3 }
    - { name: few, from: input, to: output, synapse: ideal, initial: glorot, through: { kind: sparse, pairs: [[63, 9], [0, 0]] } }
    - { name: down, from: output, to: l2, synapse: ideal, initial: glorot, feedback: { kind: angled, to: some, angle: 30 } }
  input: input
  output: output
  cost: { kind: squared-error, argument: state }
${REST}`;

export const CONVOLUTIONAL = `name: kernels
circuit:
  topology: convolutional
  shape: [8, 8, 1]
  layers:
    - { channels: 2, kernel: 3, pool: { kind: max, window: 2 } }
    - { channels: 3, kernel: [2, 2], stride: [1, 1], padding: 1 }
  outputs: 10
  neuron: prototypical
  synapse: ideal
  feedback: { angle: 20 }
  cost: { kind: squared-error, argument: state }
${REST}`;

/** The text with one part changed. */
export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the config has no ${JSON.stringify(from)}`);
  return text.replace(from, to);
}
