/** What a run says of how its chip learns, as `train` takes it: the same wherever a run trains. */
import { scheduleOf } from "../../config";
import type { TrainOptions } from "../../learning/train";
import type { RunContext } from "./context";

/** Where a chip of the run is trained otherwise, such as a teacher, what differs is laid over it. */
export function trainOptionsOf({
  run,
  estimator,
  optimizer,
  rule,
  homeostasis,
  remedy,
  initialized,
  engine,
  dt,
  solver,
}: Omit<RunContext, "chip" | "data">): TrainOptions {
  const { epochs, batch, order, acceleration, reads, persistent, programming, seed, probe, stop } =
    run.config;
  return {
    estimator,
    optimizer,
    rule,
    engine,
    schedule: scheduleOf(run),
    epochs,
    batch,
    solver,
    dt,
    order,
    acceleration,
    reads,
    persistent,
    homeostasis,
    ...(remedy !== undefined && { remedy }),
    ...(programming !== undefined && { programming }),
    initialized,
    seed,
    probe,
    ...stop,
  };
}
