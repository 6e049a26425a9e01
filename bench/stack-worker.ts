/** A worker of `bench stack`: does its share of what it is told, and says when it is done. */
import { isDeepStrictEqual } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { Stacking, type Kind, type Side, type StackingRequest } from "./stacking";

export interface Order {
  readonly side: Side;
  readonly kind: Kind;
  /** Whether to compare both sides instead. */
  readonly compare?: boolean;
  readonly next?: boolean;
}

void Stacking.make(workerData as StackingRequest).then((stacking) => {
  const carryOut = async ({ side, kind, compare, next }: Order): Promise<boolean> => {
    if (next === true) stacking.next();
    // Clones have the same prototypes, whoever made the objects.
    if (compare === true) return isDeepStrictEqual(structuredClone(await stacking.round("stacked", kind)), structuredClone(await stacking.round("single", kind)));
    await stacking.round(side, kind);
    return true;
  };
  parentPort?.on("message", (order: Order) => void carryOut(order).then((done) => parentPort?.postMessage(done)));
  parentPort?.postMessage(true);
});
