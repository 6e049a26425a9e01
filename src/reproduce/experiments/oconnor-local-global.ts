/**
 * Fig. 1 of O'Connor et al. 2019: a feedforward net learns what every layer of another, random one shows, from local
 * losses alone or from the global one. The local losses are no worse, and their gradient comes to point along the
 * part of the global one that later layers add.
 */
import { layered } from "../../../circuits";
import { ideal, shiftedSigmoid } from "../../../devices";
import type { Figure } from "../../plot/report-types";
import { expectGoing } from "../../errors";
import { sgd } from "../../learning/optimizers";
import { alignment, forwardGradient, forwardNet, type ForwardLoss } from "../../learning/initialized";
import { normal, streamOf } from "../../random";
import {
  defineExperiment,
  type Bench,
  type Finding,
  type Found,
  type Part,
  type Quantity,
} from "../experiment";
import { atLeast, atMost } from "../rules";
import {
  APPENDIX_QUANTITIES,
  appendixFigure,
  appendixParts,
  type AppendixSettings,
} from "./oconnor-appendices";
import { TIED_QUANTITIES, tiedParts, type TiedSettings } from "./oconnor-tied";
import { foundIn } from "./trainings";

interface ToySettings extends AppendixSettings, TiedSettings {
  readonly width: number;
  /** Matrices. */
  readonly depth: number;
  readonly toySamples: number;
  readonly batch: number;
  readonly iterations: number;
  /** Readings of the loss and the alignment, evenly. */
  readonly readings: number;
}

const LOSSES = ["local", "global"] as const satisfies readonly ForwardLoss[];
const nameOf = (loss: ForwardLoss): string => `${loss} losses`;
/** Their loss has no half, so that our rate is twice theirs. */
const RATE = 0.02;
const MOMENTUM = 0.9;

function partOf(loss: ForwardLoss, settings: ToySettings): Part {
  return {
    name: nameOf(loss),
    weight: loss === "global" ? 2 : 1,
    run: (bench) => learned(loss, settings, bench),
  };
}

async function learned(loss: ForwardLoss, settings: ToySettings, bench: Bench): Promise<Finding> {
  const { width, depth, toySamples: samples, batch, iterations, readings } = settings;
  const { seed, reference } = bench;
  const design = layered(
    Array.from({ length: depth + 1 }, () => width),
    {
      neuron: shiftedSigmoid({ rho: { text: "clip(u, -0.5, 0.5)" } }),
      synapse: ideal(),
      bias: false,
      initial: { distribution: "lecun", scale: 1.6 },
    },
  );
  const chip = design.fabricate({ seed });
  const optimizer = (): ReturnType<typeof sgd> => sgd({ rate: RATE, momentum: MOMENTUM });
  const teacher = forwardNet(chip, { optimizer: optimizer(), seed: 2 * seed }).on(reference);
  const net = forwardNet(chip, { optimizer: optimizer(), seed: 2 * seed + 1, loss });
  const student = net.on(reference);
  const inputs = Float64Array.from({ length: samples * width }, (_, i) =>
    normal(seed, streamOf("toy inputs"), 0, i),
  );
  const curves: Record<string, (number | null)[]> = { loss: [], alignment: [], at: [] };
  try {
    const every = Math.max(1, Math.floor(iterations / readings));
    for (let k = 0; k <= iterations; k++) {
      expectGoing(bench.stop);
      const first = (k * batch) % samples;
      const part = inputs.subarray(first * width, (first + batch) * width);
      const { activities } = await teacher.predict(batch, part);
      const prediction = await student.predict(batch, part);
      if (k % every === 0 || k === iterations) {
        const cosines = Object.values(alignment(net.chip, prediction, activities)).filter((c) => c !== null);
        curves.at.push(k);
        curves.loss.push(forwardGradient(net.chip, prediction, activities, "local").loss);
        curves.alignment.push(cosines.reduce((sum, c) => sum + c, 0) / cosines.length);
        bench.tell(k / iterations, `iteration ${k}`);
      }
      if (k < iterations) net.learn(prediction, activities);
    }
  } finally {
    teacher.dispose();
    student.dispose();
  }
  const [last, start] = [curves.loss.length - 1, 0];
  return {
    values: {
      loss: curves.loss[last],
      first_loss: curves.loss[start],
      alignment: curves.alignment[last],
      first_alignment: curves.alignment[start],
    },
    curves,
    engine: reference.info.name,
  };
}

const quantities: readonly Quantity[] = [
  ...LOSSES.map((loss): Quantity => ({
    name: `${nameOf(loss)}: global loss at the end over that at the start`,
    paper: null,
    source: "figure image (Fig. 1, left)",
    from: [nameOf(loss)],
    of: ({ values: { loss: end, first_loss: start } }) =>
      end === null || start === null ? null : end / start,
    rule: atMost(0.9, "both learn"),
  })),
  {
    name: "global loss, locally trained over globally trained",
    paper: null,
    source: "figure image (Fig. 1, left)",
    from: LOSSES.map(nameOf),
    of: (local, global) =>
      local.values.loss === null || global.values.loss === null
        ? null
        : local.values.loss / global.values.loss,
    rule: atMost(1, "the locally trained net is at least as good"),
  },
  {
    name: "alignment of the local with the distant gradient, at the end less at the start",
    paper: null,
    source: "figure image (Fig. 1, right)",
    from: [nameOf("local")],
    of: ({ values: { alignment: end, first_alignment: start } }) =>
      end === null || start === null ? null : end - start,
    rule: atLeast(0, "the alignment rises"),
  },
  {
    name: "alignment of the local with the distant gradient, at the start",
    paper: null,
    source: "appendix C: gradient alignment even at random initialization (no number is printed)",
    from: [nameOf("local")],
    of: ({ values }) => values.first_alignment,
    rule: atLeast(0, "even then"),
  },
  ...APPENDIX_QUANTITIES,
  ...TIED_QUANTITIES,
];

function figuresOf(found: Found): Figure[] {
  const panel = (title: string, curve: string, yLabel: string, log: boolean): Figure => ({
    kind: "curves",
    title,
    caption: "Trained by local losses alone, and by backpropagation of the global loss, from the same start.",
    xLabel: "iteration",
    yLabel,
    log,
    series: LOSSES.map((loss) => {
      const { at = [], [curve]: y = [] } = foundIn(found, nameOf(loss))?.curves ?? {};
      return { name: nameOf(loss), x: at.map(Number), y };
    }),
  });
  return [
    panel("Global loss (Fig. 1, left)", "loss", "loss", true),
    panel("Alignment (Fig. 1, right)", "alignment", "cosine, mean over layers", false),
    appendixFigure(found),
  ];
}

const INSTEAD = "layers' cosines are of whole matrices (theirs: means over rows)";

export const oconnorLocalGlobal = defineExperiment<ToySettings>({
  name: "oconnor-local-global",
  title: "Are local losses as good as the global one?",
  paper: "O'Connor et al. 2019",
  figure: "Fig. 1, appendices B and C",
  data: { set: "mnist", generated: true, shape: [28, 28, 1] },
  engine: "reference",
  budgets: {
    quick: {
      settings: {
        width: 30,
        depth: 7,
        toySamples: 400,
        batch: 20,
        iterations: 150,
        readings: 10,
        nets: 40,
        samples: 100,
        hidden: 50,
        batches: 60,
      },
      seeds: 1,
      differs: [
        "30 units a layer for 150 iterations of 20 samples of 400 (the paper: 200, 10,000 of 100 of 1,000)",
        INSTEAD,
      ],
    },
    paper: {
      settings: {
        width: 200,
        depth: 7,
        toySamples: 1000,
        batch: 100,
        iterations: 10_000,
        readings: 100,
        nets: 200,
        samples: 100,
        hidden: 200,
        batches: 500,
      },
      seeds: 3,
      differs: [INSTEAD],
    },
  },
  parts: (settings) => [
    ...LOSSES.map((loss) => partOf(loss, settings)),
    ...appendixParts(settings),
    ...tiedParts(settings),
  ],
  quantities: () => quantities,
  figures: figuresOf,
});
