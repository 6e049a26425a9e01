/** What stands after the nodes of an independent source: [DC] value, AC …, and a waveform. */
import { COUNTS, type Drive, type Waveform } from "./waveform";
import type { Rest } from "./rest";

const KINDS = ["sin", "pulse", "exp", "pwl"] as const;

export function readDrive(rest: Rest): Drive {
  let dc: number | null = null;
  let wave: Waveform | null = null;
  let ac: Drive["ac"] = null;
  while (rest.token !== undefined) {
    if (rest.takesKey("dc") !== null || rest.takes("dc")) dc = rest.value("its constant value");
    else if (rest.takesKey("ac") !== null || rest.takes("ac")) {
      const magnitude = rest.atValue ? rest.value("its magnitude") : 1;
      ac = { magnitude, degrees: rest.atValue ? rest.value("its phase, degrees") : 0 };
    } else if (dc === null && rest.atValue) dc = rest.value("its value");
    else if (wave === null) wave = readWave(rest);
    else rest.end();
  }
  return { dc, wave, ac };
}

function readWave(rest: Rest): Waveform {
  const { token, card } = rest;
  const kind = KINDS.find((name) => name === token?.text);
  if (kind === undefined) throw rest.missing("a value, SIN, PULSE, EXP or PWL");
  rest.takes(kind);
  const open = rest.takes("(");
  const values: number[] = [];
  const [least, most] = COUNTS[kind];
  while (rest.atValue) {
    const at = rest.token;
    values.push(rest.value("a number"));
    if (values.length > most)
      throw card.fault("SPICE-SYNTAX", `${kind} takes at most ${most} numbers`, at, "take some out");
    if (kind === "pwl" && values.length % 2 === 1 && values.length > 2 && !(values.at(-1)! > values.at(-3)!))
      throw card.fault("SPICE-VALUE", "the times of pwl must rise", at, "write  PWL(0 0 1u 1 2u 0)");
  }
  if (open && !rest.takes(")")) throw rest.missing("a closing bracket");
  if (values.length < least || (kind === "pwl" && values.length % 2 === 1))
    throw card.fault(
      "SPICE-SYNTAX",
      `${kind} ${kind === "pwl" ? "takes pairs of a time and a value" : `takes at least ${least} numbers`}`,
      token,
      "write  SIN(0 1 1k),  PULSE(0 1 0 1n 1n 1u 2u)  or  PWL(0 0 1u 1)",
    );
  const late = kind === "sin" || kind === "exp" ? 2 : 3;
  // Durations of nothing are defaults; negative ones are none.
  if (kind !== "pwl" && values.some((value, i) => value < 0 && i >= late && !(kind === "sin" && i > 3)))
    throw card.fault("SPICE-VALUE", `a duration of ${kind} is below 0`, token, "write times of 0 or above");
  return { kind, values };
}
