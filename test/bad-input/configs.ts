/** Configs that must be refused, as texts and as files. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { folderHere, placeBeside, readTextFile } from "../../src/io/config-files";
import { runOf } from "../../src/config";
import { readAll, TINY } from "../config/read";
import { given, within, write, type Kind } from "./kind";

function edit(from: string, to: string): string {
  if (!TINY.includes(from)) throw new Error(`the tiny config has no ${JSON.stringify(from)}`);
  return TINY.replace(from, to);
}
const config = (what: string, code: string, at: RegExp, text: string): Kind =>
  given(what, code, at, () => readAll(text));
/** Each alias ten of the one before: 10^9 entries, were they followed. */
const BOMB =
  "a0: &a0 [x]\n" +
  `${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`).join("\n")}\n`;

export const CONFIGS: readonly Kind[] = [
  config("an unknown key", "CONFIG-KEY", /run\.yaml.*28.*epoch/, edit("epochs: 2", "epoch: 2")),
  config("a key that occurs twice", "CONFIG-DUPLICATE", /run\.yaml.*28/, edit("dt: 0.2", "dt: 0.2\ndt: 0.3")),
  config("a key that is missing", "CONFIG-MISSING", /estimator/, edit("  amplitude: 0.2\n", "")),
  config("a YAML bomb of aliases", "CONFIG-ALIAS", /run\.yaml.*1/, BOMB),
  config(
    "a tag that wants code to run",
    "CONFIG-TAG",
    /run\.yaml.*29/,
    edit("engine: reference", "engine: !!js/function 'f'"),
  ),
  config(
    "__proto__ as a key",
    "CONFIG-KEY",
    /run\.yaml/,
    edit("      tau: 1", "      tau: 1\n      __proto__: 1"),
  ),
  config("a merge key", "CONFIG-KEY", /run\.yaml/, edit("mine:\n", "mine:\n    <<: { a: 1 }\n")),
  config("10,000 open brackets", "CONFIG-DEPTH", /run\.yaml/, `a: ${"[".repeat(10_000)}`),
  config(
    "a config with wires of negative resistance",
    "CIRCUIT-WIRES",
    /run\.yaml.*wires/,
    edit("epochs: 2", "epochs: 2\nwires: { row: -1 ohm }"),
  ),
  config(
    "a config of a chip at absolute zero",
    "CIRCUIT-TEMPERATURE",
    /run\.yaml.*temperature/,
    edit("epochs: 2", "epochs: 2\ntemperature: 0 K"),
  ),
  config(
    "a converter of negative energy",
    "LEDGER-TERM",
    /run\.yaml.*ledger/,
    edit("epochs: 2", "epochs: 2\nledger: { converter: { bits: 8, perStep: -1 fJ } }"),
  ),
  config(
    "a ledger of no known term",
    "CONFIG-KEY",
    /run\.yaml/,
    edit("epochs: 2", "epochs: 2\nledger: { money: 3 }"),
  ),
  config("a time step in volts", "UNIT-DIMENSION", /run\.yaml.*dt/, edit("dt: 0.2", "dt: 10 V")),
  config("a number that is none", "CONFIG-NUMBER", /run\.yaml.*dt/, edit("dt: 0.2", "dt: .nan")),
  config(
    "a kind that is not there",
    "CONFIG-CHOICE",
    /estimator\.kind/,
    edit("kind: centred", "kind: centered"),
  ),
  config(
    "a phase with both steps and a time",
    "LEARN-LENGTH",
    /run\.yaml.*estimator/,
    edit("  nudgedSteps: 40", "  nudgedSteps: 40\n  nudgedTime: 8"),
  ),
  config(
    "homeostasis that takes the loss away",
    "CONFIG-RANGE",
    /run\.yaml.*homeostasis\.coefficient/,
    edit("epochs: 2", "epochs: 2\nhomeostasis: { coefficient: -1 }"),
  ),
  config(
    "a ledger of what has no seconds",
    "CONFIG-UNHEARD",
    /run\.yaml.*ledger/,
    edit("epochs: 2", "epochs: 2\nledger: { matching: 0.01 um }"),
  ),
  config(
    "synapses that leak where time has no unit",
    "CONFIG-UNHEARD",
    /run\.yaml.*circuit/,
    edit("synapse: ideal", "synapse: fading").replace(
      "devices:",
      'devices:\n  fading: { kind: synapse, equations: "I = w*rho_pre\\nw <- w + dw\\ndw/dt = -w/10" }',
    ),
  ),
  config(
    "acceleration of phases that have no end of their own",
    "CONFIG-UNHEARD",
    /run\.yaml.*acceleration/,
    edit("epochs: 2", "epochs: 2\nacceleration: anderson"),
  ),
  config(
    "times of reads where time has no unit",
    "CONFIG-UNHEARD",
    /run\.yaml.*readout\.times/,
    edit("epochs: 2", "epochs: 2\nreadout: { times: { read: 1 us } }"),
  ),
  config("no epochs, and no teacher", "CONFIG-UNHEARD", /run\.yaml.*epochs/, edit("epochs: 2", "epochs: 0")),
  config(
    "a drive that multiplies",
    "LEARN-READOUT",
    /run\.yaml.*readout/,
    edit("epochs: 2", "epochs: 2\nreadout: { drive: { multiplier: { b: 1 } } }"),
  ),
  config(
    "a length of pulses, twice",
    "LEDGER-TERM",
    /run\.yaml.*ledger/,
    edit(
      "epochs: 2",
      "epochs: 2\nprogramming: { kind: direct, width: 1 us }\nledger: { pulse: { voltage: 1 V, width: 1 s } }",
    ),
  ),
  config(
    "a gain of a readout that learns",
    "DEVICE-TRAINABLE",
    /run\.yaml.*readout/,
    edit("epochs: 2", "epochs: 2\nreadout: { gain: { value: 1, trainable: true } }"),
  ),
  config(
    "a readout of no bits",
    "CONFIG-RANGE",
    /run\.yaml.*readout\.bits/,
    edit("epochs: 2", "epochs: 2\nreadout: { bits: 0 }"),
  ),
  config(
    "a readout whose clip is negative",
    "CONFIG-RANGE",
    /run\.yaml.*readout\.clip/,
    edit("epochs: 2", "epochs: 2\nreadout: { bits: 8, clip: -1 }"),
  ),
  config(
    "a readout by name and by numbers",
    "CONFIG-READOUT",
    /run\.yaml.*readout/,
    edit("epochs: 2", "epochs: 2\nreadout: { device: adc, bits: 8 }"),
  ),
  config(
    "a synapse for a readout",
    "CONFIG-NAME",
    /run\.yaml.*readout/,
    edit("epochs: 2", "epochs: 2\nreadout: ideal"),
  ),
  config(
    "homeostasis of no known Jacobian",
    "CONFIG-CHOICE",
    /run\.yaml.*homeostasis\.of/,
    edit("epochs: 2", "epochs: 2\nhomeostasis: { coefficient: 1, of: weights }"),
  ),
  config(
    "draws of what draws nothing",
    "HOMEO-DRAWS",
    /run\.yaml.*homeostasis/,
    edit("epochs: 2", "epochs: 2\nhomeostasis: { coefficient: 1, form: exact, draws: 5 }"),
  ),
  config(
    "homeostasis of a circuit without feedback",
    "HOMEO-NOTHING",
    /run\.yaml.*homeostasis/,
    edit("epochs: 2", "epochs: 2\nhomeostasis: { coefficient: 1 }"),
  ),
  config("a device that is not there", "CONFIG-NAME", /neuron/, edit("neuron: mine", "neuron: mein")),
  config("a text cut in a bracket", "CONFIG-SYNTAX", /run\.yaml/, TINY.slice(0, TINY.indexOf("glorot"))),
  within(
    "a config that is not text",
    "CONFIG-TEXT",
    /a\.yaml/,
    { "a.yaml": Uint8Array.of(0xff, 0xfe, 0x00) },
    (here) => readTextFile(join(here, "a.yaml")),
  ),
  within("a config of two megabytes", "CONFIG-SIZE", /a\.yaml/, { "a.yaml": "#".repeat(2 ** 21) }, (here) =>
    readTextFile(join(here, "a.yaml")),
  ),
  within(
    "a config that names a file above it",
    "CONFIG-PATH",
    /c\/a\.yaml/,
    { "c/a.yaml": "", "secret.yaml": "" },
    (here) => placeBeside("../secret.yaml", join(here, "c/a.yaml")),
  ),
  {
    what: "a config that names a link that leads out",
    code: "CONFIG-PATH",
    at: /c\/a\.yaml/,
    make: (here) => {
      write(here, { "c/a.yaml": "", "secret.yaml": "" });
      symlinkSync(join(here, "secret.yaml"), join(here, "c/inside.yaml"));
      return () => placeBeside("inside.yaml", join(here, "c/a.yaml"));
    },
  },
  given("a config that holds itself", "CONFIG-DEPTH", /config/, () => {
    const config: Record<string, unknown> = {};
    config.circuit = [config];
    return runOf(config);
  }),
  given("a config that wants to write elsewhere", "CONFIG-PATH", /a\.yaml/, () =>
    folderHere("/etc/ohmlet", "a.yaml"),
  ),
];
