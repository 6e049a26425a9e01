/**
 * One backend of GPU.js: its kernels and pipelines, what it complains of, and what crosses the border to it.
 */
import type { GPU, IKernelRunShortcut, IPipelineRunShortcut } from "gpu.js";
import { OhmletError } from "../../errors";
import type { Crossings } from "../engine";
import { noRoom } from "../room";
import { TRAITS, type Backend, type BackendTraits } from "./backends";
import type { Kernels, Value } from "./graph";
import { WELL, type Health } from "./health";
import { Names } from "./names";
import type { KernelText } from "./kernels";
import { kernelKey, makeKernel, Pipelines, type Taken } from "./pipelines";
import { NO_LIMITS, type Limits } from "./limits";
import { forShader } from "./shader-functions";

/** What GPU.js calls a backend that ran. */
const MODE: Readonly<Record<Backend, string>> = {
  webgpu: "webgpu",
  webgl2: "gpu",
  webasm: "webasm",
  cpu: "cpu",
};

/**
 * What one call may take: kernels, each of which is looked at while a pipeline is built; multiply-adds, since
 * nobody can stop a call (a minute on one core); bytes that go up and down.
 */
const MOST_PASSES = 2 ** 17;
const MOST_PRODUCTS = 2 ** 36;
const MOST_BYTES = 2 ** 28;
/**
 * Seconds a kernel of a pipeline takes to build, and to run; and a multiply-add. Not what they take here: what
 * is computed together must not depend on the clock. Where kernels are compiled for places, those of many batches are
 * compiled for five on average, however many there are (recording.ts), by two compilers one after the other: that is
 * most of it.
 */
const BUILDING = 4e-5;
const COMPILING = 2e-2;
/** Batches of the first longer call where compiling is most of it: fewer would cost as much. */
const FIRST = 16;
const PASS = 3e-6;
const PRODUCT = 1e-9;
/**
 * Part of the time that calls have run so far that all longer ones may take to build; or, if that is more, so many
 * times what the last one took to run.
 */
const PATIENCE = 0.35;
const SOON = 4;

const secondsOf = ({ passes, products }: Taken): number => passes * PASS + products * PRODUCT;

/** What is known of a device, and how patient to be. */
export interface Tuning {
  /** Part of the time that calls have run so far that all longer ones may take to build. */
  readonly patience?: number;
  readonly limits?: Limits;
  /** Who draws noise. Default: the host. */
  readonly draws?: "host" | "kernel";
  readonly health?: Health;
}

export class Device implements Kernels {
  readonly limits: Limits;
  private readonly patience: number;
  private readonly health: Health;
  readonly traits: BackendTraits;
  readonly draws: "host" | "kernel";
  readonly names = new Names();
  private readonly pipelines: Pipelines;
  private readonly kernels = new Map<string, IKernelRunShortcut>();
  /** By the object of the text, which those have in common that are written once. */
  private readonly known = new WeakMap<KernelText, IKernelRunShortcut>();
  private executor_: string | undefined;
  /** Seconds that calls have run so far, by what they did. */
  private ran = 0;
  /** Seconds that longer calls than the first took to build, by the same measure; and kernels of the longest. */
  private built = 0;
  private longest = 0;
  /** Executables that are there. */
  private users = 0;

  constructor(
    private readonly gpu: GPU,
    private readonly backend: Backend,
    { patience = PATIENCE, limits = NO_LIMITS, health = WELL, draws = "host" }: Tuning,
  ) {
    this.patience = patience;
    this.limits = limits;
    this.draws = draws;
    this.health = health;
    this.traits = TRAITS[backend];
    this.pipelines = new Pipelines(
      gpu,
      this,
      (call) => this.attempt(call),
      (pipeline) => this.check(pipeline),
    );
  }

  /** How the backend executed what ran last. */
  get executor(): string | undefined {
    return this.executor_;
  }

  get name(): string {
    return `gpu:${this.backend}`;
  }

  get crossings(): Crossings {
    return this.pipelines.crossings;
  }

  kernel(text: KernelText): IKernelRunShortcut {
    return this.kernelIn(this.kernels, text);
  }

  /** A kernel of a table of such, made where it is not there. */
  kernelIn(made: Map<string, IKernelRunShortcut>, text: KernelText): IKernelRunShortcut {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const key = kernelKey(text);
    const kernel =
      made.get(key) ??
      makeKernel(
        this.gpu,
        text,
        this.traits.shader ? forShader : (source: string): string => source,
        this.traits.lanes,
      );
    made.set(key, kernel);
    this.known.set(text, kernel);
    return kernel;
  }

  /** Has some arrays computed, in one call. */
  async bring(values: readonly Value[]): Promise<Taken> {
    const taken = await this.pipelines.bring(values);
    this.ran += secondsOf(taken);
    return taken;
  }

  /** How many times as much as a call took would still be one call. A longer one must be built, which has to be worth it. */
  fits(taken: Taken): number {
    const { passes, products, bytes, largest, kernels } = taken;
    const compiling = this.traits.placed ? kernels * COMPILING : 0;
    const building = Math.max(1, passes) * BUILDING;
    if (passes > this.longest) {
      if (this.longest > 0) this.built += compiling + building;
      this.longest = passes;
    }
    const time = Math.max(this.ran * this.patience - this.built, SOON * secondsOf(taken));
    const more = (time - compiling) / building;
    return Math.min(
      this.limits.array.most / Math.max(1, largest),
      MOST_PASSES / Math.max(1, passes),
      MOST_PRODUCTS / Math.max(1, products),
      MOST_BYTES / Math.max(1, bytes),
      more < (compiling > 0 && this.built === 0 ? FIRST : 1) ? 1 : more,
    );
  }

  /** Says that somebody will use it, until it is forgotten. */
  expect(): void {
    this.users++;
  }

  forget(owner: Kernels): void {
    this.pipelines.forget(owner);
    if (--this.users === 0) this.pipelines.rest();
  }

  private check({ backend, fallbackReason, executorKind }: IPipelineRunShortcut): void {
    // Null: there was nothing but copies, and no kernel ran.
    if (backend === null) return;
    if (backend !== MODE[this.backend])
      throw this.fault(`GPU.js ran this on ${backend}: ${fallbackReason ?? "it gives no reason"}`);
    this.executor_ = executorKind ?? "unknown";
  }

  /**
   * What a graphics card or its driver refuses is no fault of the program; and a card that was overtaxed may
   * answer with zeros.
   */
  private async attempt<T>(call: () => Promise<T>): Promise<T> {
    if (this.health === WELL) {
      return call().catch((error: unknown) =>
        Promise.reject(
          error instanceof RangeError
            ? noRoom(this.name, `the machine gives this process no memory for it (${error.message})`)
            : error,
        ),
      );
    }
    const { health } = this;
    this.expectThere();
    // What others were told is not of this run.
    health.complaint();
    let found: T;
    try {
      found = await call();
    } catch (error) {
      this.expectThere();
      throw this.fault(`the backend refuses: ${health.complaint() ?? (error as Error).message}`);
    }
    // What a lost device computed is zeros.
    this.expectThere();
    const complaint = health.complaint();
    if (complaint !== null) throw this.fault(`the device complains: ${complaint}`);
    return found;
  }

  /** @throws OhmletError ENGINE-LOST for good: GPU.js would go on with another device, which knows nothing */
  private expectThere(): void {
    const lost = this.health.lost();
    if (lost === null) return;
    throw new OhmletError({
      code: "ENGINE-LOST",
      fact: `the device was lost: ${lost.split("\n")[0]}`,
      place: { where: this.name },
      remedy:
        '"ohmlet resume FOLDER" goes on from the last checkpoint of a run; or use "simd" or "gpu:webasm"',
      category: "run",
    });
  }

  private fault(fact: string): OhmletError {
    const [first] = fact.split("\n");
    return new OhmletError({
      code: "ENGINE-BACKEND",
      fact: first,
      place: { where: this.name },
      remedy: 'use "simd", "gpu:cpu" or "reference"',
      category: "run",
    });
  }
}
