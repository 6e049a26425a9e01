/**
 * A program on GPU.js. Values live in host arrays between calls; a call uploads what the plan reads, runs a
 * whole chunk of steps as one pipeline, and reads states back: one crossing a chunk. Plans are kept by their
 * number of steps.
 */
import { Input, type GPU, type IKernelRunShortcut } from "gpu.js";
import type { Expression } from "../../equations/expression";
import { partsOf } from "../../equations/share";
import { expectGoing, OhmletError, type Stop } from "../../errors";
import { writesOf } from "../../program/dataflow";
import type { RunReport, SettleReport, SettleRequest } from "../engine";
import type { Operation, Program } from "../../program/program";
import { HostExecutable, type Arrays } from "../host-executable";
import { HostMixing, HostRows } from "../host-rows";
import { residualOf, shiftOf } from "../residual";
import { noRoom, type Room } from "../room";
import { TRAITS, type Backend, type BackendTraits } from "./backends";
import { isNoisy, type KernelText } from "./kernels";
import { Plan, previousKey, type Found, type Wanted } from "./plan";
import { forShader } from "./shader-functions";
import type { KernelSource } from "./trace";
import { takeComplaint } from "./webgpu";
import { Wirings } from "./wiring";

/**
 * Longest chunk: by then the crossing, 0.05 ms, is nothing, and a plan of more steps only takes longer to
 * build.
 */
const LONGEST_CHUNK = 64;
/** Steps between two looks at rows that settle. */
const SETTLING_CHUNK = 20;
/** Most values drawn at once for one map, 16 MB. */
const MOST_DRAWS = 2 ** 22;
/**
 * Parts of all formulas of a program: GPU.js takes 0.1 ms for each before the first step, and it is deaf
 * meanwhile. A hyperbolic tangent is written out.
 */
const MOST_PARTS = 8000;
const PARTS_OF_TANH = 8;
/** Plans kept for each program; the one unused for longest goes first. */
const MOST_PLANS = 8;

/** What GPU.js calls a backend that ran. */
const MODE: Readonly<Record<Backend, string>> = {
  webgpu: "webgpu",
  webgl2: "gpu",
  webasm: "webasm",
  cpu: "cpu",
};

export class GpuExecutable extends HostExecutable<Float32Array> implements KernelSource {
  readonly traits: BackendTraits;
  readonly wirings: Wirings;
  private readonly longestChunk: number;
  private readonly plans = new Map<string, Plan>();
  private readonly kernels = new Map<string, IKernelRunShortcut>();
  private readonly previous: Arrays<Float32Array>;

  constructor(
    private readonly gpu: GPU,
    private readonly backend: Backend,
    program: Program,
    room: Room,
    private readonly report: (executor: string) => void,
    private readonly stop?: Stop,
  ) {
    super(program, room, (length) => new Float32Array(length));
    checkParts(program, backend);
    this.previous = this.copies(program.watched);
    this.traits = TRAITS[backend];
    this.wirings = new Wirings(program, this.traits.longestRun);
    const drawn = program.step.flatMap((operation) =>
      operation.op === "map" && isNoisy(operation) ? [program.rows * program.buffers[operation.out]] : [],
    );
    this.longestChunk = Math.max(1, Math.min(LONGEST_CHUNK, Math.floor(MOST_DRAWS / Math.max(1, ...drawn))));
  }

  async prepare(): Promise<void> {
    const { prelude } = this.program;
    if (prelude.length === 0) return;
    this.store(
      await this.call(
        "prelude",
        prelude,
        1,
        { results: [...new Set(prelude.flatMap(writesOf))], previous: [] },
        0,
      ),
    );
  }

  async run(steps: number, firstStep: number): Promise<RunReport> {
    this.checkRun(steps, firstStep);
    const { step, watched } = this.program;
    for (let done = 0; done < steps;) {
      expectGoing(this.stop);
      const chunk = Math.min(this.longestChunk, steps - done);
      this.store(
        await this.call(
          `${chunk} steps`,
          step,
          chunk,
          { results: this.results, previous: watched },
          firstStep + done,
        ),
      );
      done += chunk;
    }
    return { residual: residualOf(this.program.rows, this.watchedSince(this.previous)) };
  }

  /** Looks at rows at the ends of chunks; where steps are mixed, after each. */
  async settle(request: SettleRequest): Promise<SettleReport> {
    this.checkSettle(request);
    const { steps, mixing } = request;
    const { watched, buffers } = this.program;
    const judgedEvery = mixing ? 1 : SETTLING_CHUNK;
    const sinceStart =
      request.relative === undefined
        ? []
        : this.watchedSince(Object.fromEntries(watched.map((name) => [name, this.buffers[name].slice()])));
    const rows = new HostRows(this, request, sinceStart);
    const mixer = mixing
      ? new HostMixing(
          this.program.rows,
          watched.map((name) => ({
            now: this.buffers[name],
            before: this.previous[name],
            width: buffers[name],
          })),
        )
      : null;
    for (let done = 0; done < steps && rows.moving;) {
      const chunk = Math.min(judgedEvery, steps - done);
      const { residual } = await this.run(chunk, 0);
      done += chunk;
      // What is returned is what was judged: no mix after the last step.
      if (rows.look(residual, done)) rows.judge(await this.judgedChange());
      if (done < steps && mixer !== null) for (const row of rows.active) mixer.mix(row, done);
    }
    rows.putBack();
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

  /** How far a step of the judge would move each row; the state stays. */
  private async judgedChange(): Promise<Float64Array> {
    const { rows, watched, buffers, step, judge = step } = this.program;
    const found = await this.call("judge", judge, 1, { results: watched, previous: [] }, 0);
    const after = Object.fromEntries(watched.map((name) => [name, new Float32Array(rows * buffers[name])]));
    for (const name of watched) flatten(found[name], after[name]);
    return residualOf(rows, this.watchedSince(this.buffers, after));
  }

  override dispose(): void {
    super.dispose();
    for (const plan of this.plans.values()) plan.destroy();
    this.plans.clear();
    for (const kernel of this.kernels.values()) kernel.destroy();
    this.kernels.clear();
  }

  private async call(
    key: string,
    operations: readonly Operation[],
    steps: number,
    wanted: Wanted,
    firstStep: number,
  ): Promise<Found> {
    const plan = this.plans.get(key) ?? new Plan(this.gpu, this.program, operations, steps, wanted, this);
    this.plans.delete(key);
    this.plans.set(key, plan);
    if (this.plans.size > MOST_PLANS) this.forgetOldestPlan();
    const found = await this.attempt(() => plan.call(this, this.keys, firstStep));
    const { backend, fallbackReason, executorKind } = plan.pipeline;
    // Null: there was nothing but copies, and no kernel ran.
    if (backend === null) return found;
    if (backend !== MODE[this.backend])
      throw this.fault(`GPU.js ran this on ${backend}: ${fallbackReason ?? "it gives no reason"}`);
    this.report(executorKind ?? "unknown");
    return found;
  }

  /**
   * What a graphics card or its driver refuses is no fault of the program; and a card that was overtaxed may
   * answer with zeros.
   */
  private async attempt(call: () => Promise<Found>): Promise<Found> {
    if (!this.traits.shader) {
      return call().catch((error: unknown) =>
        Promise.reject(
          error instanceof RangeError
            ? noRoom(
                `gpu:${this.backend}`,
                `the machine gives this process no memory for it (${error.message})`,
              )
            : error,
        ),
      );
    }
    // What others were told is not of this run.
    takeComplaint();
    let found: Found;
    try {
      found = await call();
    } catch (error) {
      throw this.fault(`the backend refuses: ${takeComplaint() ?? (error as Error).message}`);
    }
    const complaint = takeComplaint();
    if (complaint !== null) throw this.fault(`the device complains: ${complaint}`);
    return found;
  }

  private fault(fact: string): OhmletError {
    const [first] = fact.split("\n");
    return new OhmletError({
      code: "ENGINE-BACKEND",
      fact: first,
      place: { where: `gpu:${this.backend}` },
      remedy: 'use "simd", "gpu:cpu" or "reference"',
      category: "run",
    });
  }

  private forgetOldestPlan(): void {
    const [[key, oldest]] = this.plans;
    oldest.destroy();
    this.plans.delete(key);
  }

  kernel({ source, output, wiring }: KernelText): IKernelRunShortcut {
    const key = `${output.join()} ${wiring?.number ?? ""} ${source}`;
    let kernel = this.kernels.get(key);
    if (kernel === undefined) {
      kernel = this.gpu.createKernel((this.traits.shader ? forShader(source) : source) as never, {
        output: [...output],
        precision: "single",
        ...(wiring !== undefined && {
          constants: {
            starts: new Input(wiring.starts as never, [wiring.starts.length] as never),
            table: new Input(wiring.table as never, [wiring.places, 3] as never),
          } as never,
          loopMaxIterations: wiring.most + 1,
        }),
      });
      this.kernels.set(key, kernel);
    }
    return kernel;
  }

  private store(found: Found): void {
    for (const name of this.program.watched)
      if (Object.hasOwn(found, previousKey(name))) flatten(found[previousKey(name)], this.previous[name]);
    for (const [name, rows] of Object.entries(found))
      if (Object.hasOwn(this.buffers, name)) flatten(rows, this.buffers[name]);
  }
}

/** @throws OhmletError EQ-SIZE */
function checkParts({ prelude, step, judge = [] }: Program, backend: Backend): void {
  const weight = (part: Expression): number =>
    part.kind === "call" && (part.fn === "tanh" || part.fn === "logistic") ? PARTS_OF_TANH : 1;
  const parts = [...prelude, ...step, ...judge].reduce(
    (sum, o) =>
      sum + (o.op === "map" ? partsOf(o.expression).reduce((own, part) => own + weight(part), 0) : 0),
    0,
  );
  if (parts <= MOST_PARTS) return;
  throw new OhmletError({
    code: "EQ-SIZE",
    fact:
      `the equations of a step have ${parts} parts in all, more than the ${MOST_PARTS} that GPU.js ` +
      "compiles in good time",
    place: { where: `gpu:${backend}` },
    remedy: 'use "simd" or "reference", a solver with fewer stages, or shorter equations',
  });
}

function flatten(rows: readonly Float32Array[], out: Float32Array): void {
  rows.forEach((row, r) => out.set(row, r * row.length));
}
