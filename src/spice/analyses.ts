/** Lines about the whole circuit: .tran, .ac, .ic, .nodeset, .options, .temp. */
import { nearest } from "../options/nearest";
import type { AcCard, Options, TransientCard } from "./circuit";
import { countOf } from "./ac";
import type { Netlist } from "./netlist";
import { mayBeValue, Scope, writtenOf } from "./scope";
import type { Card } from "./text";

export interface NodeValue {
  readonly node: string;
  readonly value: number;
  readonly card: Card;
  readonly at: number;
}

export interface Asked {
  readonly options: Options;
  readonly transient: TransientCard | null;
  readonly ac: AcCard | null;
  readonly initial: readonly NodeValue[];
  readonly guess: readonly NodeValue[];
  readonly notes: readonly string[];
}

/** Options that tell how another program is to find what is found here anyway. */
const IDLE =
  /^(?:vntol|abstol|chgtol|trtol|pivtol|pivrel|itl\d|maxord|method|numdgt|acct|noacct|noinit|list|nomod|nopage|node|opts|noopiter|gminsteps|srcsteps|warn|savecurrents|interp|limpts|ltereltol|lteabstol|ltetrtol|relref|post|probe|filetype|seed|seedinfo|klu|sparse|ingold|csdf|defl|defw|defad|defas|bypass|minbreak|ramptime|xmu|dotnode|keepopinfo|noopac|autostop)$/;
const READ = ["temp", "tnom", "gmin", "reltol"];
/** Farther from room temperature than anything of silicon. */
const TEMPERATURES = [-270, 1000] as const;
const MOST_POINTS = 1_000_000;

export function readAnalyses({ top, analyses }: Netlist): Asked {
  const options = { temp: 27, tnom: 27, gmin: 1e-12, reltol: 1e-3 };
  const notes = new Set<string>();
  const scope = new Scope(top, null, "", 0, options.temp);
  let transient: TransientCard | null = null;
  let ac: AcCard | null = null;
  const initial: NodeValue[] = [];
  const guess: NodeValue[] = [];
  for (const card of analyses) {
    const word = card.tokens[0].text;
    if (word === ".ic") initial.push(...nodeValues(card, scope));
    else if (word === ".nodeset") guess.push(...nodeValues(card, scope));
    else if (word === ".temp") options.temp = valueAt(card, 1, scope, "a temperature in Celsius");
    else if (word.startsWith(".opt")) readOptions(card, scope, options, notes);
  }
  for (const card of analyses) {
    const word = card.tokens[0].text;
    if (word === ".tran") transient = readTransient(card, new Scope(top, null, "", 0, options.temp));
    if (word === ".ac") ac = readAc(card, new Scope(top, null, "", 0, options.temp));
    if (word === ".temp" || word.startsWith(".opt")) checkOptions(card, options);
  }
  return { options, transient, ac, initial, guess, notes: [...notes] };
}

function valueAt(card: Card, i: number, scope: Scope, what: string): number {
  const token = card.tokens[i];
  if (!mayBeValue(token, scope))
    throw card.fault(
      "SPICE-SYNTAX",
      `${what} is missing`,
      token ?? card.tokens[i - 1],
      "write a number after it",
    );
  return scope.value(writtenOf(card, token));
}

/** v(node)=value … */
function nodeValues(card: Card, scope: Scope): NodeValue[] {
  const { tokens } = card;
  const found: NodeValue[] = [];
  for (let i = 1; i < tokens.length; i += 6) {
    const [v, open, node, close, sign, value] = tokens.slice(i, i + 6);
    const fits =
      v.text === "v" &&
      open?.text === "(" &&
      close?.text === ")" &&
      sign?.text === "=" &&
      value !== undefined;
    if (!fits || node.kind !== "word")
      throw card.fault(
        "SPICE-SYNTAX",
        "a node and its voltage are expected",
        v,
        `write  ${tokens[0].text} v(a)=1 v(b)=2`,
      );
    found.push({ node: node.text, value: valueAt(card, i + 5, scope, "a voltage"), card, at: node.start });
  }
  return found;
}

function readOptions(card: Card, scope: Scope, options: Record<string, number>, notes: Set<string>): void {
  const { tokens } = card;
  for (let i = 1; i < tokens.length;) {
    const name = tokens[i].text;
    const hasValue = tokens[i + 1]?.text === "=" && tokens[i + 1].kind === "sign";
    if (READ.includes(name) && hasValue) options[name] = valueAt(card, i + 2, scope, `the value of ${name}`);
    else if (!IDLE.test(name)) {
      const near = nearest(name, READ);
      notes.add(
        `option ${name} is not known, and passed over${near === null ? "" : ` (did you mean ${near}?)`}`,
      );
    }
    i += hasValue ? 3 : 1;
  }
}

function checkOptions(card: Card, { temp, tnom, gmin, reltol }: Options): void {
  const [coldest, hottest] = TEMPERATURES;
  for (const [name, value] of [
    ["temp", temp],
    ["tnom", tnom],
  ] as const)
    if (!(value >= coldest && value <= hottest))
      throw card.fault("SPICE-VALUE", `${name} is ${value} C`, 0, `choose from ${coldest} to ${hottest} C`);
  if (!(gmin >= 0 && gmin <= 1))
    throw card.fault("SPICE-VALUE", `gmin is ${gmin} S`, 0, "choose from 0 to 1 S");
  if (!(reltol > 0 && reltol < 1))
    throw card.fault("SPICE-VALUE", `reltol is ${reltol}`, 0, "choose between 0 and 1");
}

/** .tran step stop [start [largest]] [uic]. */
function readTransient(card: Card, scope: Scope): TransientCard {
  const tokens = card.tokens.slice(1);
  const uic = tokens.at(-1)?.text === "uic";
  const count = tokens.length - (uic ? 1 : 0);
  const usage = "write  .tran 1n 1u,  .tran step stop [start [largest step]] [uic]";
  if (count < 2 || count > 4) throw card.fault("SPICE-SYNTAX", ".tran takes two to four times", 0, usage);
  const [step, stop, start = 0, largest] = tokens
    .slice(0, count)
    .map((_, i) => valueAt(card, i + 1, scope, "a time"));
  if (!(step > 0 && stop > 0 && start >= 0 && start < stop && (largest ?? 1) > 0))
    throw card.fault("SPICE-VALUE", "the times of .tran are not those of a transient", 0, usage);
  if (stop / step > MOST_POINTS || stop / (largest ?? step) > MOST_POINTS)
    throw card.fault(
      "SPICE-SIZE",
      `the transient has more than ${MOST_POINTS} steps`,
      0,
      "write a longer step, or a shorter transient",
    );
  return { step, stop, start, largest: largest ?? Math.min(step, (stop - start) / 50), uic };
}

/** Most frequencies of an .ac. */
const MOST_FREQUENCIES = 100_000;

/** .ac dec|oct|lin points start stop. */
function readAc(card: Card, scope: Scope): AcCard {
  const usage = "write  .ac dec 10 1 1meg,  .ac dec|oct|lin points start stop";
  const by = (["dec", "oct", "lin"] as const).find((word) => word === card.tokens[1]?.text);
  if (by === undefined || card.tokens.length !== 5)
    throw card.fault("SPICE-SYNTAX", ".ac takes a spacing, a number of points and two frequencies", 0, usage);
  const [points, start, stop] = [2, 3, 4].map((i) => valueAt(card, i, scope, "a number"));
  const fits =
    Number.isInteger(points) && points >= 1 && start >= 0 && stop >= start && (by === "lin" || start > 0);
  if (!fits || !Number.isFinite(stop))
    throw card.fault("SPICE-VALUE", "these are no frequencies of .ac", 0, usage);
  if (countOf({ by, points, start, stop }) > MOST_FREQUENCIES)
    throw card.fault(
      "SPICE-SIZE",
      `.ac has more than ${MOST_FREQUENCIES} frequencies`,
      0,
      "write fewer points, or a shorter range",
    );
  return { by, points, start, stop };
}
