/** What run.json says of a run, and how a changed config is told. */
import { createHash } from "node:crypto";
import type { Findings } from "../../data/refuse";
import type { EngineInfo } from "../../engines/engine";
import type { DataFingerprint } from "../../io/datasets/fingerprint";

/** What run.json says of a run from its beginning on. */
export interface RunAbout {
  readonly ohmlet: string;
  readonly node: string;
  readonly platform: string;
  readonly command: string;
  readonly started: string;
  readonly seed: number;
  readonly circuit: string;
  /** The chip in a few words. */
  readonly chip: string;
  readonly data: Readonly<Record<"train" | "test", { readonly name: string; readonly samples: number }>> &
    Partial<Findings>;
  /** Of data from files: who resumes must have the same. */
  readonly fingerprint?: DataFingerprint;
  /**
   * Where those files lay. Told to whoever goes on, and never followed: who gives the folder away may write
   * anything here.
   */
  readonly dataFolder?: string;
  readonly estimator: Readonly<Record<string, unknown>>;
  readonly rule: string;
  /** What is learned beside the cost, where anything is. */
  readonly homeostasis?: Readonly<Record<string, unknown>>;
  readonly engine: EngineInfo;
  /** Time step, given or chosen; SI or dimensionless. */
  readonly dt?: number;
  readonly outputs: { readonly report: boolean; readonly weights: boolean };
  /** SHA-256 of config.yaml. */
  readonly config: string;
}

/** SHA-256, in hexadecimal. */
export const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
