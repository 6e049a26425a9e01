/**
 * Verifies reference cases: which kinds there are, what became of a case, and the line that says so. Adding a
 * kind is a file and a line here.
 */
import type { Engine } from "../engines/engine";
import { OhmletError } from "../errors";
import { CaseValue } from "./case";
import { Comparison } from "./compare";
import type { Verifier } from "./kind";
import { epTrainStepKind } from "./kinds/ep-train-step";
import { epVsBpttKind } from "./kinds/ep-vs-bptt";
import { homeostasisKind } from "./kinds/homeostasis";
import { holomorphicConvKind } from "./kinds/holomorphic-conv";
import { holomorphicMlpKind } from "./kinds/holomorphic-mlp";
import { initializedEpKind } from "./kinds/initialized-ep";
import { resistiveNetworkKind } from "./kinds/resistive-network";
import { vectorFieldKind } from "./kinds/vector-field";

const KINDS: ReadonlyMap<string, Verifier> = new Map([
  ["vector-field", vectorFieldKind],
  ["holomorphic-mlp", holomorphicMlpKind],
  ["homeostasis", homeostasisKind],
  ["holomorphic-conv", holomorphicConvKind],
  ["ep-train-step", epTrainStepKind],
  ["ep-vs-bptt", epVsBpttKind],
  ["resistive-network", resistiveNetworkKind],
  ["initialized-ep", initializedEpKind],
]);

export interface Verdict {
  readonly status: "PASS" | "FAIL" | "SKIP";
  /** Null where the case does not say. */
  readonly kind: string | null;
  readonly name: string;
  /** Of the quantity nearest to its tolerance, or farthest beyond; null where nothing was compared. */
  readonly worst: number | null;
  readonly tolerance: number | null;
  readonly quantity: string | null;
  /** How many quantities were compared, and which are beyond their tolerance. */
  readonly compared: number;
  readonly failed: readonly string[];
  /** Numbers of the case that no quantity of its kind accounts for. */
  readonly unknown: readonly string[];
  /** Why it failed other than by numbers, or why it was skipped. */
  readonly reason: string | null;
}

export interface VerifyOptions {
  /** Computes states, estimates and updates. */
  readonly engine: Engine;
  /** float64: for exact quantities. */
  readonly reference: Engine;
  /** A kind that is not supported fails. */
  readonly strict?: boolean;
}

/** Verifies one case. Never throws: whatever is wrong with a case is its verdict. */
export async function verifyCase(
  name: string,
  text: string,
  { engine, reference, strict = false }: VerifyOptions,
): Promise<Verdict> {
  const check = new Comparison(engine.info.precision);
  let kind: string | null = null;
  const verdict = (
    status: Verdict["status"],
    reason: string | null,
    unknown: readonly string[] = [],
  ): Verdict => {
    const worst = check.worst;
    return {
      status,
      kind,
      name,
      worst: worst?.error ?? null,
      tolerance: worst?.tolerance ?? null,
      quantity: worst?.quantity ?? null,
      compared: check.findings.length,
      failed: check.failed,
      unknown,
      reason,
    };
  };
  try {
    const given = CaseValue.parse(text);
    kind = given.at("kind").text();
    const verify = KINDS.get(kind);
    if (verify === undefined) return verdict(strict ? "FAIL" : "SKIP", "kind not supported yet");
    await verify(given, { engine, reference, check });
    return verdict(check.failed.length > 0 ? "FAIL" : "PASS", null, given.unread());
  } catch (thrown) {
    return verdict("FAIL", reasonFor(thrown));
  }
}

/** A case that could not be read at all. */
export function unreadable(name: string, reason: string): Verdict {
  return {
    status: "FAIL",
    kind: null,
    name,
    worst: null,
    tolerance: null,
    quantity: null,
    compared: 0,
    failed: [],
    unknown: [],
    reason,
  };
}

/** One line: `PASS|FAIL|SKIP kind name worst=… tolerance=… quantity=…`, and a reason where there is one. */
export function verdictLine({
  status,
  kind,
  name,
  worst,
  tolerance,
  quantity,
  unknown,
  reason,
}: Verdict): string {
  const figure = (x: number | null): string => (x === null ? "-" : x.toExponential(1));
  const notes = [
    ...(reason === null ? [] : [`reason=${oneLine(reason, 200)}`]),
    ...(unknown.length === 0
      ? []
      : [
          `not-compared=${oneLine(unknown.slice(0, 5).join(","), 200)}${unknown.length > 5 ? `,… (${unknown.length})` : ""}`,
        ]),
  ];
  return [
    status,
    oneWord(kind ?? "-"),
    oneWord(name),
    `worst=${figure(worst)}`,
    `tolerance=${figure(tolerance)}`,
    `quantity=${oneWord(quantity ?? "-")}`,
    ...notes,
  ].join(" ");
}

function reasonFor(thrown: unknown): string {
  if (thrown instanceof OhmletError) return `${thrown.fact} (${thrown.code})`;
  return `it could not be run: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
}

/** Texts of a case may hold anything: a line stays a line, and no control character reaches the terminal. */
const oneLine = (text: string, most: number): string => text.slice(0, most).replace(/[\p{C}\s]+/gu, " ");
const oneWord = (text: string): string => oneLine(text, 120).trim().replace(/ /g, "_") || "-";
