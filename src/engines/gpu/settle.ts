/** Settling row by row: all rows step in chunks, and are looked at after each; where steps are mixed, after each step. */
import type { Program } from "../../program/program";
import type { SettleReport, SettleRequest } from "../engine";
import { HostMixing, HostRows } from "../host-rows";
import { shiftOf } from "../residual";
import { Value, type Cell } from "./graph";

/** Steps between two looks at rows that settle. */
const SETTLING_CHUNK = 20;

/** What settling asks of an executable. */
export interface Settling {
  cell(buffer: string): Cell;
  /** Has arrays computed. */
  host(values: readonly Value[]): Promise<unknown>;
  /** Says that so many steps are to run; returns what they lead to, and the watched buffers before the last. */
  run(steps: number): Promise<{ readonly results: readonly Value[]; readonly previous: readonly Value[] }>;
  /** By how much a step of the judge would move each row. */
  judge(): Value | null;
  change(previous: readonly Value[]): Value | null;
}

type Arrays = Readonly<Record<string, Float32Array>>;

export async function settle(program: Program, request: SettleRequest, on: Settling): Promise<SettleReport> {
  const { rows: count, watched, buffers, state } = program;
  const { steps, mixing } = request;
  const judgedEvery = mixing ? 1 : SETTLING_CHUNK;
  await on.host(state.map((name) => on.cell(name).value));
  // The states, where rows are put back and mixed.
  const held: Arrays = Object.fromEntries(
    state.map((name) => [name, (on.cell(name).value.host as Float32Array).slice()]),
  );
  const hand = (): void => {
    for (const name of state)
      on.cell(name).value = Value.given(held[name], on.cell(name).value.size, `settling ${name}`);
  };
  const copies = (): Arrays => Object.fromEntries(watched.map((name) => [name, held[name].slice()]));
  const since = (before: Arrays) =>
    watched.map((name) => ({
      now: held[name],
      before: before[name],
      width: buffers[name],
      stride: buffers[name],
      times: program.counts?.[name] ?? 1,
    }));
  const sinceStart = request.relative === undefined ? [] : since(copies());
  const before = copies();
  const rows = new HostRows({ program, buffers: held }, request, sinceStart);
  const mixer = mixing ? new HostMixing(count, mixing, since(before)) : null;
  const residualOf = (change: Value | null): Float64Array =>
    change === null ? new Float64Array(count) : Float64Array.from(change.host as Float32Array);
  for (let done = 0; done < steps && rows.moving;) {
    const chunk = Math.min(judgedEvery, steps - done);
    hand();
    const { results, previous } = await on.run(chunk);
    const change = on.change(previous);
    await on.host([...results, ...(change === null ? [] : [change]), ...(mixing ? previous : [])]);
    for (const name of state) held[name].set(on.cell(name).value.host as Float32Array);
    if (mixing) previous.forEach(({ host }, k) => before[watched[k]].set(host as Float32Array));
    done += chunk;
    // What is returned is what was judged: no mix after the last step.
    if (rows.look(residualOf(change), done)) {
      const judged = on.judge();
      if (judged !== null) await on.host([judged]);
      rows.judge(residualOf(judged));
    }
    if (done < steps && mixer !== null) for (const row of rows.active) mixer.mix(row, done);
  }
  rows.putBack();
  hand();
  return {
    residual: rows.residual,
    steps: rows.taken,
    contraction: rows.contraction,
    judgedEvery,
    ...(request.relative !== undefined && {
      shifts: rows.residual.map((_, row) => shiftOf(sinceStart, row)),
    }),
  };
}
