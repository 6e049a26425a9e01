/** Two devices in the place of one, whose currents are subtracted: what can only add becomes a weight of either sign. */
import type { ParameterSpec, SynapseSpec } from "../src/index";

/** Devices that can stand in pairs. */
export interface PairOptions {
  /**
   * Two devices a weight, whose currents are subtracted; each carries out half of a change, with draws of its own.
   * Default: one.
   */
  readonly pair?: boolean;
}

/** What a line defines: "G_now = …", "G <- …", "dG/dt = …", "share(x) = …". */
const LEFT = /^\s*(?:d([A-Za-z]\w*)\/dt|([A-Za-z]\w*))\s*(?:\([^)]*\))?\s*(?:=(?!=)|<-)/;
const CURRENT = /^\s*I\s*=\s*([^:#]*)(.*)$/;

/** Whether devices differ in it: then each of a pair has its own. */
const differs = (spec: ParameterSpec): boolean =>
  typeof spec === "object" && !("value" in spec && Object.keys(spec).length === 1);

/**
 * The pair of a device: what it holds, derives and draws is there twice, `NAME_plus` and `NAME_minus`; parameters
 * are shared but for those that differ from device to device.
 */
export function paired(spec: SynapseSpec): SynapseSpec {
  const lines = spec.equations.split("\n").map((line) => line.replace(/\s*#.*$/, ""));
  const defined = lines.flatMap((line) => {
    const [, rate, name] = LEFT.exec(line) ?? [];
    const found = rate ?? name;
    return found === undefined || found === "I" ? [] : [found];
  });
  const { parameters = {}, initial = {} } = spec;
  const own = new Set([...defined, ...Object.keys(parameters).filter((each) => differs(parameters[each]))]);
  const doubled = (text: string, side: "plus" | "minus"): string =>
    text.replace(/\bd(\w+)\/dt\b|\b[A-Za-z_]\w*\b/g, (word, rate?: string) => {
      if (rate !== undefined) return own.has(rate) ? `d${rate}_${side}/dt` : word;
      if (own.has(word) || /^(xi|eta)(_|$)/.test(word)) return `${word}_${side}`;
      if (word === "dw") return side === "plus" ? "(dw/2)" : "(-dw/2)";
      return word === "sign" && side === "minus" ? "(-sign)" : word;
    });
  const both = (text: string): string[] => [doubled(text, "plus"), doubled(text, "minus")];
  const equations = lines.flatMap((line) => {
    const [, current, unit] = CURRENT.exec(line) ?? [];
    if (current !== undefined) return [`I = (${both(current.trim()).join(") - (")}) ${unit.trim()}`.trim()];
    const [plus, minus] = both(line);
    return plus === minus ? [line] : [plus, minus];
  });
  const twice = <T>(values: Readonly<Record<string, T>>, of: (value: T, side: "plus" | "minus") => T) =>
    Object.fromEntries(
      Object.entries(values).flatMap(([name, value]): [string, T][] =>
        own.has(name)
          ? (["plus", "minus"] as const).map((side) => [`${name}_${side}`, of(value, side)])
          : [[name, value]],
      ),
    );
  return {
    ...spec,
    name: `pair of ${spec.name}`,
    equations: equations.join("\n"),
    parameters: twice(parameters, (value) => value),
    initial: twice(initial, doubled),
    ...(spec.preset && { preset: twice(spec.preset, (value) => value) }),
  };
}
