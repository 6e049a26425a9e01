interface Tiny {
  readonly sizes?: readonly number[];
  readonly train?: number;
  readonly test?: number;
  readonly epochs?: number;
  /** In place of generated digits. */
  readonly data?: string;
}

/** The run of a study or a search that takes no time: chips of a few neurons that learn a little. */
export function tinyRun({
  sizes = [64, 6, 10],
  train = 40,
  test = 20,
  epochs = 1,
  data = `{ kind: generated, train: ${train}, test: ${test} }`,
}: Tiny = {}): string {
  return `run:
  circuit: { topology: nonideal, sizes: [${sizes.join(", ")}] }
  data: ${data}
  estimator: { kind: centred, amplitude: 0.3, freeSteps: 10, nudgedSteps: 8 }
  dt: 10 us
  optimizer: { kind: adam, rate: 0.01 }
  epochs: ${epochs}
`;
}
