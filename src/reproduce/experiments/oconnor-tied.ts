/**
 * What a feedforward net that begins with the weights of its chip predicts better than one with weights of its own
 * (section 4 of O'Connor et al. 2019, on Bengio et al. 2016): how far it misses where the chip settles, and how many
 * steps the chip takes from there, before anything is learned and after. The chip itself does not learn.
 */
import { layered } from "../../../circuits";
import { energyBased, ideal } from "../../../devices";
import { Simulator } from "../../dynamics/simulator";
import { expectGoing } from "../../errors";
import { take } from "../../data/dataset";
import { labelledBatches } from "../../learning/batches";
import { forwardGradient, forwardNet, Initializer } from "../../learning/initialized";
import { shown } from "../../learning/initialized/initializer";
import { sgd } from "../../learning/optimizers";
import type { Batch } from "../../learning/types";
import type { Chip } from "../../circuit/chip-types";
import type { Bench, Finding, Part, Quantity } from "../experiment";
import { atMost, notJudged } from "../rules";

export interface TiedSettings {
  /** Units of each of two hidden layers. */
  readonly hidden: number;
  readonly batches: number;
}

const BATCH = 20;
/** As in the trainings: eps = 0.5. */
const STEPS = { solver: "euler", dt: 0.5 } as const;
const SETTLED = { steps: 400, tolerance: 1e-3 };
const STARTS = ["own", "tied"] as const;
const nameOf = (initial: (typeof STARTS)[number]): string => `${initial} first weights`;
const RATE = 0.1;

function chipOf({ hidden }: TiedSettings, { seed }: Bench): Chip {
  return layered([784, hidden, hidden, 10], {
    neuron: energyBased(),
    synapse: ideal(),
    initial: { distribution: "glorot" },
    cost: { kind: "squared-error", argument: "state" },
  }).fabricate({ seed });
}

async function learned(
  initial: (typeof STARTS)[number],
  settings: TiedSettings,
  bench: Bench,
): Promise<Finding> {
  const chip = chipOf(settings, bench);
  const net = forwardNet(chip, { optimizer: sgd({ rate: RATE }), initial, seed: bench.seed });
  const simulator = new Simulator(chip, bench.reference, STEPS);
  const initializer = new Initializer(net, chip.circuit, bench.reference);
  const data = take(bench.data.train, Math.min(bench.data.train.samples, settings.batches * BATCH));
  const batchesOf = (epoch: number): Batch[] => [
    ...labelledBatches(chip.circuit, data, { size: BATCH, shuffle: { seed: bench.seed, epoch } }),
  ];
  const settled = ({ samples, inputs, start: from }: Batch): ReturnType<Simulator["phase"]> =>
    simulator.phase({ samples, inputs, from, ...SETTLED });
  /** On the same samples before and after. */
  const looked = async (): Promise<{ readonly loss: number; readonly steps: number }> => {
    const begun = await initializer.begin(batchesOf(0)[0]);
    const free = await settled(begun);
    const { loss } = forwardGradient(net.chip, initializer.predictionOf(begun), shown(free), "local");
    return { loss, steps: free.outcome.rowSteps / BATCH };
  };
  const losses: number[] = [];
  try {
    const before = await looked();
    const zero = await settled(batchesOf(0)[0]);
    for (let epoch = 0; losses.length < settings.batches; epoch++)
      for (const batch of batchesOf(epoch).slice(0, settings.batches - losses.length)) {
        expectGoing(bench.stop);
        const begun = await initializer.begin(batch);
        initializer.end(begun, await settled(begun), 1);
        losses.push(initializer.loss);
        bench.tell(losses.length / settings.batches, `batch ${losses.length}`);
      }
    const after = await looked();
    return {
      values: {
        first_loss: before.loss,
        loss: after.loss,
        first_steps: before.steps,
        steps: after.steps,
        zero_steps: zero.outcome.rowSteps / BATCH,
      },
      curves: { loss: losses },
      engine: bench.reference.info.name,
    };
  } finally {
    initializer.dispose();
    simulator.dispose();
  }
}

export const tiedParts = (settings: TiedSettings): readonly Part[] =>
  STARTS.map((initial) => ({
    name: nameOf(initial),
    weight: 0.5,
    run: (bench) => learned(initial, settings, bench),
  }));

const SOURCE = "section 4 (effects unclear: not shown)";

export const TIED_QUANTITIES: readonly Quantity[] = [
  ...STARTS.flatMap((initial): Quantity[] => [
    {
      name: `${nameOf(initial)}: the net's loss at the end over that at the start`,
      paper: null,
      source: SOURCE,
      from: [nameOf(initial)],
      of: ({ values: { loss, first_loss } }) =>
        loss === null || first_loss === null ? null : loss / first_loss,
      rule: notJudged("the paper shows nothing of it"),
    },
    {
      name: `${nameOf(initial)}: steps of the chip from the trained net's prediction over those from zero`,
      paper: null,
      source: SOURCE,
      from: [nameOf(initial)],
      of: ({ values: { zero_steps, steps } }) =>
        zero_steps === null || steps === null ? null : steps / zero_steps,
      rule: atMost(1, "the net saves steps"),
    },
  ]),
  {
    name: "the net's first loss, tied over own first weights",
    paper: null,
    source: SOURCE,
    from: STARTS.map(nameOf),
    of: (own, tied) =>
      own.values.first_loss === null || tied.values.first_loss === null
        ? null
        : tied.values.first_loss / own.values.first_loss,
    rule: notJudged("the paper shows nothing of it"),
  },
  {
    name: "the net's last loss, tied over own first weights",
    paper: null,
    source: SOURCE,
    from: STARTS.map(nameOf),
    of: (own, tied) =>
      own.values.loss === null || tied.values.loss === null ? null : tied.values.loss / own.values.loss,
    rule: notJudged("the paper shows nothing of it"),
  },
];
