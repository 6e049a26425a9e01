/** What a run is: a circuit, data, and how the one learns the other. */
import { circuit, temperature, wires } from "./circuit-schema";
import { object, optional, preset, required } from "./composites";
import { oneOf } from "./one-of";
import { device } from "./device-schema";
import { quantity } from "./equations-schema";
import { estimator } from "./estimator-schema";
import { ledger, programming, readout } from "./hardware-schema";
import { REMEDIES } from "./remedies";
import { ACCELERATIONS } from "../dynamics/types";
import { MOST_DRAWS } from "../learning/homeostasis/options";
import { ENGINE_NAMES, type AnyEngineName } from "../engines/select";
import {
  choice,
  flag,
  integer,
  list,
  named,
  number,
  record,
  text,
  type Schema,
  type Given,
  type Infer,
} from "./schema";

const seed = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const count = integer({ min: 1, max: 10_000_000 });
const share = number({ min: 0, max: 1 });
const below = number({ min: 0, max: 0.9999 });

const data = named(
  "data",
  oneOf([
    object(
      {
        kind: required("digits that Ohmlet draws itself", choice(["generated"])),
        size: preset("rows and columns of an image", integer({ min: 8, max: 28 }), 8),
        train: preset("training samples", count, 2000),
        test: preset("test samples", count, 1000),
        noise: preset("standard deviation of a pixel's noise, in units of full ink", share, 0.05),
        seed: optional("keys the drawing (that of the run unless said)", seed),
        targets: optional("what the output is to be: the inputs themselves", choice(["inputs"])),
        orFolder: optional(
          "of a study: whether --data may name files in the place of these digits, of which as many are taken",
          flag,
        ),
      },
      { key: "kind", value: "generated" },
    ),
    object(
      {
        kind: required("files in a folder", choice(["folder"])),
        folder: optional(
          "folder within that of this file; without it, --data names one",
          text("a folder", { longest: 1000 }),
        ),
        train: optional("training samples, of each class its share (all unless said)", count),
        test: optional("test samples, likewise (all unless said)", count),
        label: optional(
          "column of the label in a CSV: its name, or its number counted from 1 (what its name or its " +
            "shape tells unless said)",
          oneOf([integer({ min: 1, max: 1_000_000 }), text("the name of a column")]),
        ),
        targets: optional(
          "numbers that the output is to be, in the place of a class: columns of a CSV, by name or number; or the " +
            "inputs themselves",
          oneOf([
            choice(["inputs"]),
            list(oneOf([integer({ min: 1, max: 1_000_000 }), text("the name of a column")]), {
              least: 1,
              most: 1000,
            }),
          ]),
        ),
        scale: optional(
          "what means 1 in the files (1, 16 or 255, whichever holds the training values, unless said)",
          number({ above: 0, max: 1e9 }),
        ),
      },
      { key: "kind", value: "folder" },
    ),
  ]),
);

const rate = oneOf([number({ min: 0, max: 1000 }), record(number({ min: 0, max: 1000 }))]);
const learning = {
  rate: required(
    "learning rate: one for all, or one for each projection by name, for each parameter that is trainable " +
      '("hidden/u_slope") and for readout, where there is one',
    rate,
  ),
  feedbackRate: preset(
    "factor on the rate of projections with feedback of their own",
    number({ min: 0, max: 1000 }),
    1,
  ),
};
const weightDecay = preset("pull of the weights towards 0", share, 0);
const optimizer = named(
  "optimizer",
  oneOf([
    object(
      {
        kind: required("Adam", choice(["adam"])),
        ...learning,
        beta1: optional("0.9 unless said", below),
        beta2: optional("0.999 unless said", number({ min: 0, max: 0.999999 })),
        epsilon: optional("1e-8 unless said", number({ above: 0, max: 1 })),
        weightDecay,
      },
      { key: "kind", value: "adam" },
    ),
    object(
      {
        kind: required("stochastic gradient descent", choice(["sgd"])),
        ...learning,
        momentum: preset("share of the last change that goes on", below, 0),
        weightDecay,
      },
      { key: "kind", value: "sgd" },
    ),
  ]),
);

const floor = preset("factor on the rate at the end", share, 0.05);
const schedule = named(
  "schedule",
  oneOf([
    choice(["constant", "linear", "cosine"]),
    object({ kind: required("how the rate falls over the epochs", choice(["linear", "cosine"])), floor }),
  ]),
);

const homeostasis = named(
  "homeostasis",
  object({
    coefficient: required(
      "factor on the loss that is added to the cost; 0 tells the symmetry and does nothing for it",
      number({ min: 0, max: 1e6 }),
    ),
    of: preset("which Jacobian is to become symmetric", choice(["drive", "state", "activity"]), "drive"),
    form: preset(
      "from all units one after another, from random kicks, or from the velocities after them alone",
      choice(["exact", "hutchinson", "local"]),
      "hutchinson",
    ),
    draws: optional("random kicks of each sample (5 unless said)", integer({ min: 1, max: MOST_DRAWS })),
    perUnit: preset("divides the loss by the number of units, as the authors' code does", flag, false),
  }),
);

const remedy = named(
  "remedy",
  oneOf([
    choice(REMEDIES),
    object(
      {
        kind: required(
          "feedback takes the changes of the forward direction, and both decay",
          choice(["kolen-pollack"]),
        ),
        decay: optional("share of each weight that is lost a batch (0.003 unless said)", share),
      },
      { key: "kind", value: "kolen-pollack" },
    ),
    object(
      {
        kind: required(
          "feedback learns from kicks what the forward direction makes of them",
          choice(["weight-mirror"]),
        ),
        rate: optional("share of the way that feedback goes a batch (0.1 unless said)", share),
        draws: optional("kicks of a batch (20 unless said)", integer({ min: 1, max: 10_000 })),
      },
      { key: "kind", value: "weight-mirror" },
    ),
  ]),
);

const runSchema = named(
  "run",
  object({
    $schema: optional("for editors of JSON: where the JSON Schema is", text("an address", { longest: 1000 })),
    name: optional("names the run folder", text("a name", { longest: 60 })),
    summary: optional("what the run is for", text("a sentence or two", { longest: 2000 })),
    devices: optional("devices of your own, by the name that circuits call them", record(device)),
    circuit: required("what is fabricated", circuit),
    chip: optional(
      "the fabricated instance",
      object({
        seed: optional("keys the draws of fabrication (that of the run unless said)", seed),
        teacher: optional(
          "begins with what another chip of the design has learned",
          object({
            seed: required("keys the teacher's fabrication, noise and shuffling", seed),
            epochs: optional(
              "passes of the teacher (those of the run unless said)",
              integer({ min: 1, max: 100_000 }),
            ),
            programmed: preset(
              "stores the values of its devices as they are, or writes and verifies its weights",
              choice(["stored", "written"]),
              "stored",
            ),
          }),
        ),
      }),
    ),
    wires,
    temperature,
    data: required("what is learned", data),
    estimator: required("how the derivative at the fixed point is measured", estimator),
    rule: optional(
      "how states become updates (what suits the circuit unless said)",
      choice(["vector-field", "energy-based", "prototypical"]),
    ),
    optimizer: required("how updates become changes of the weights", optimizer),
    schedule: preset("how the learning rate falls over the epochs", schedule, "constant"),
    epochs: required(
      "passes over the training samples; 0 only where a study measures what a teacher left",
      integer({ min: 0, max: 100_000 }),
    ),
    batch: preset("samples that settle side by side", integer({ min: 1, max: 10_000 }), 20),
    probe: preset(
      "test samples on which the estimate is held against the true error vector; 0 for none",
      integer({ min: 0, max: 10_000 }),
      20,
    ),
    solver: optional(
      "map for discrete circuits, exponential-euler for continuous ones unless said",
      choice([
        "euler",
        "exponential-euler",
        "heun",
        "rk4",
        "dormand-prince",
        "balance",
        "newton",
        "sdirk3",
        "map",
      ]),
    ),
    dt: optional(
      'time step; continuous circuits need one: "10 us", or a number where time has no unit; "auto" ' +
        "chooses it from how stiff the circuit is",
      quantity,
    ),
    order: preset("who moves at once", choice(["synchronous", "alternate"]), "synchronous"),
    acceleration: preset("mixing of past steps on the way to the fixed point", choice(ACCELERATIONS), "none"),
    reads: optional(
      "how noisy reads of conductances are drawn: by-device, exact, unless said; by-current, for " +
        "circuits too large for it",
      choice(["by-device", "by-current"]),
    ),
    programming: optional("how changes are written (directly, once a batch, unless said)", programming),
    readout: optional(
      "what lies between the chip and its controller (nothing unless said): a device, or its numbers",
      readout,
    ),
    ledger: optional("what energy and area are counted with (nothing but the chip unless said)", ledger),
    homeostasis: optional("learns, beside the cost, a loss that makes the Jacobian symmetric", homeostasis),
    remedy: optional(
      "what is done for feedback that is not the transpose of the forward direction (homeostasis where that is given, " +
        "else none, unless said)",
      remedy,
    ),
    persistent: preset("starts each sample's free phase where its last one ended, an epoch ago", flag, false),
    initialized: optional(
      "a feedforward net that predicts where free phases end, starts them there, and learns from where they ended",
      named(
        "initialized",
        object({
          lambda: preset(
            "pulls units towards their predictions; 0: not at all",
            number({ min: 0, max: 1e6 }),
            0,
          ),
          factor: preset(
            "what lambda counts in the energy: lambda (s_f - s)^2, as the paper, or half of it, as its code",
            choice(["paper", "code"]),
            "paper",
          ),
          leak: preset("slope added to the outputs, so that saturated units learn", share, 0.01),
          loss: preset(
            "what each layer learns from: what it missed itself, or what later ones missed, too",
            choice(["local", "global"]),
            "local",
          ),
          target: preset(
            "what it learns to show: where the free phase ended, or where the one nudged phase did, s+",
            choice(["free", "nudged"]),
            "free",
          ),
          initial: preset("first weights: of its own, or those of the chip", choice(["own", "tied"]), "own"),
          rate: optional(
            "its learning rate, for all or for each projection by name (that of the optimizer unless said)",
            rate,
          ),
        }),
      ),
    ),
    stop: optional(
      "ends the training before its last epoch",
      named(
        "stop",
        object({
          patience: optional(
            "epochs without growth of the test accuracy, after which it ends",
            integer({ min: 1, max: 100_000 }),
          ),
          minDelta: optional(
            "growth that counts, as a share (any unless said)",
            number({ min: 0, max: 0.9999 }),
          ),
          target: optional("test accuracy at which it ends, as a share", number({ above: 0, max: 1 })),
        }),
      ),
    ),
    checkpointEvery: optional(
      "batches between two checkpoints within an epoch (one at its end unless said)",
      integer({ min: 1, max: 10_000_000 }),
    ),
    engine: preset<string, AnyEngineName>(
      "what computes",
      text("an engine", { longest: 40, known: ENGINE_NAMES }),
      "auto",
    ),
    fused: optional(
      "fuses products and sums in the simd engine: faster, and the last bits depend on the machine",
      flag,
    ),
    seed: preset("keys all random draws", seed, 1),
    outputs: optional(
      "what is written",
      object({
        folder: optional(
          "where run folders go, within the folder that the command runs in (runs unless said)",
          text("a folder", { longest: 1000 }),
        ),
        report: preset("report.html", flag, true),
        weights: preset("weights.npz after every epoch", flag, true),
      }),
    ),
  }),
);

/**
 * A run as it was read from a config: checked, with defaults filled in.
 */
export interface CompleteRunConfig extends Infer<typeof runSchema> {}
/**
 * A run as code gives it, and as a config writes it: what has a default may be left out.
 */
export interface RunConfig extends Given<typeof runSchema> {}
export const run: Schema<CompleteRunConfig, RunConfig> = runSchema;
/** The part of a run that says how derivatives are estimated; `kind` tells the others apart. */
export type EstimatorConfig = CompleteRunConfig["estimator"];
/** The part of a run that says how updates become changes of weights. */
export type OptimizerConfig = CompleteRunConfig["optimizer"];
