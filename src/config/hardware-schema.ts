/** How a controller writes and reads a chip, and what that is counted to cost. */
import { object, optional, preset, required } from "./composites";
import { readoutNumbers } from "./catalogue-schema";
import { CATALOGUE, device } from "./device-schema";
import { quantity } from "./equations-schema";
import { oneOf } from "./one-of";
import { choice, number, integer, named, text } from "./schema";

export const programming = named(
  "programming",
  object({
    kind: required(
      "direct: each device is told its change; pulses: whole pulses, each of which does what the device's equation says",
      choice(["direct", "pulses"]),
    ),
    per: preset(
      "writes the mean change of a batch, or that of each sample",
      choice(["sample", "batch"]),
      "batch",
    ),
    most: preset("most pulses that a device gets for one change", integer({ min: 1, max: 10_000 }), 31),
    verify: preset(
      "how often what was written is read and what is missing pulsed again",
      integer({ min: 0, max: 100 }),
      0,
    ),
    reference: preset(
      "what is subtracted from each device: nothing, or what it shows at its symmetric point",
      choice(["none", "symmetric-point"]),
      "none",
    ),
    least: optional(
      "of direct writes: changes are rounded to whole multiples of this, in units of the weight, up or down with the chance that keeps the mean",
      number({ above: 0, max: 1e6 }),
    ),
    width: optional(
      'how long a write or a pulse takes, for the chip\'s clock: "1 us"; no time unless said',
      quantity,
    ),
    refresh: optional(
      'how often arrays that leak are rewritten to what was last written, by the chip\'s clock: "10 ms"; never unless said',
      quantity,
    ),
  }),
);

export const readout = named(
  "readout",
  oneOf([
    text("a readout: a name, a file, or a map", { known: Object.keys(CATALOGUE.readout) }),
    object({
      device: optional("what reads and multiplies: in the place of numbers here", device),
      ...readoutNumbers,
      drive: optional(
        "what the inputs of a sample pass through before they are set: a converter, by name or by its numbers",
        oneOf([device, object(readoutNumbers)]),
      ),
      chop: preset(
        "turns the sign of products and of one factor in every other batch or sample; twins change places",
        choice(["none", "sample", "batch"]),
        "none",
      ),
      zero: preset(
        "reads of 0 before each batch, whose mean is subtracted",
        integer({ min: 0, max: 1000 }),
        0,
      ),
      twin: optional(
        "a second chip on which nudged phases run",
        object({ mismatch: preset('of its weights from those of the chip, relative: "1 %"', quantity, 0) }),
      ),
      times: optional(
        "how long what a phase needs beside itself takes, for the schedule and the chip's clock; 0 unless said",
        object({
          load: preset("to set the inputs of a sample", quantity, 0),
          sample: preset("to take in what is held, after each phase", quantity, 0),
          read: preset("to read a phase", quantity, 0),
        }),
      ),
    }),
  ]),
);

export const ledger = named(
  "ledger",
  object({
    converter: optional(
      "what states are read by",
      object({
        bits: required("of a conversion", integer({ min: 1, max: 24 })),
        perStep: required('energy of a conversion over 2^bits: "20 fJ"', quantity),
      }),
    ),
    pulse: optional(
      "what devices are written by",
      object({
        voltage: required('"3.2 V"', quantity),
        width: optional('"300 us", where programming gives none', quantity),
      }),
    ),
    supply: optional('from which devices that are no conductances draw their currents: "1 V"', quantity),
    matching: optional(
      'the area that mismatch takes, by this constant: "0.01 um" is 1 % at a square micrometre',
      quantity,
    ),
  }),
);
