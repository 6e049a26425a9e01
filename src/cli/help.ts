/** Help as text: of the program and of a verb. */
import { UNIVERSAL, type OptionSpec, type OptionSpecs } from "./args";
import { padTo, widthOf } from "../printable";
import { rangeText } from "./numbers";
import type { Verb } from "./verb";

const WIDTH = 100;

export function programHelp(verbs: readonly Verb[], program: string): string {
  return [
    "Ohmlet simulates analog chips that learn by settling.",
    "",
    "usage",
    `  ${program} VERB [OPTIONS]`,
    "",
    "verbs",
    ...table(verbs.map((verb) => [verb.name, verb.summary])),
    "",
    "options",
    ...table([
      ["--help", "show this help, or after a verb, that verb's"],
      ["--version", "show the version"],
    ]),
    "",
    "first steps",
    ...table(
      [
        [`${program} doctor`, "what this machine can do"],
        [`${program} train`, "train the default chip on generated digits"],
        [`${program} train --help`, "what can be changed about it"],
      ],
      48,
    ),
    "",
    "exit codes: 0 done, 1 ran and failed, 2 wrong input",
  ].join("\n");
}

export function verbHelp(verb: Verb, program: string): string {
  const { name, summary, description, positionals, options, examples } = verb;
  const least = positionals?.least ?? 0;
  const argument =
    positionals === undefined
      ? ""
      : " " +
        `${least > 0 ? positionals.name : `[${positionals.name}]`}${(positionals.most ?? 1) > 1 ? " …" : ""}`;
  const own = table(
    [...Object.entries(options), ...Object.entries(UNIVERSAL)].map(([option, spec]) => [
      usage(option, spec),
      about(spec),
    ]),
  );
  return [
    `${name}: ${summary}`,
    "",
    "usage",
    `  ${program} ${name}${argument} [OPTIONS]`,
    ...(description === undefined
      ? []
      : [
          "",
          ...description
            .trim()
            .split("\n\n")
            .flatMap((paragraph, i) => [
              ...(i > 0 ? [""] : []),
              ...wrap(paragraph.replace(/\s+/g, " "), WIDTH),
            ]),
        ]),
    ...(positionals === undefined ? [] : ["", "argument", ...table([[positionals.name, positionals.help]])]),
    "",
    "options",
    ...own,
    ...(examples.length === 0
      ? []
      : [
          "",
          "examples",
          ...examples.flatMap(({ command, what }) => [`  ${program} ${command}`, `      ${what}`]),
        ]),
  ].join("\n");
}

function usage(name: string, spec: OptionSpec): string {
  const value = spec.type === "flag" ? "" : ` ${spec.value ?? (spec.type === "string" ? "TEXT" : "N")}`;
  return `--${name}${value}${spec.type === "numbers" && !/[ …]/.test(spec.value ?? "") ? " …" : ""}`;
}

function about(spec: OptionSpecs[string]): string {
  if (spec.type === "flag" || spec.type === "texts") return spec.help;
  const facts = [
    spec.type === "string"
      ? spec.choices === undefined
        ? ""
        : `one of ${spec.choices.join(", ")}`
      : rangeText(spec).trim(),
    spec.default === undefined
      ? ""
      : `default ${Array.isArray(spec.default) ? spec.default.join(" ") : spec.default}`,
  ].filter(Boolean);
  return facts.length === 0 ? spec.help : `${spec.help} (${facts.join("; ")})`;
}

/** Two columns, the second wrapped beside the first; where the first is long, below it. */
export function table(rows: readonly (readonly [string, string])[], widest = 32): string[] {
  const width = Math.min(widest, Math.max(...rows.map(([left]) => widthOf(left))));
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, WIDTH - width - 4).map((line) => `${" ".repeat(width + 4)}${line}`);
    if (widthOf(left) > width) return [`  ${left}`, ...lines];
    return [`  ${padTo(left, width)}  ${lines[0].trimStart()}`, ...lines.slice(1)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.length - 1;
    if (lines[last] === "") lines[last] = word;
    else if (lines[last].length + 1 + word.length <= width) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
