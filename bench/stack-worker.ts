/** A worker of `bench stack`: does its share of what it is told, and says when it is done. */
import { isDeepStrictEqual } from "node:util";
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { Stacking, type Kind, type Side, type StackingRequest } from "./stacking";

export interface Order {
  readonly side: Side;
  readonly kind: Kind;
  /** Whether to hold the other side's numbers against it. */
  readonly compare?: boolean;
  readonly next?: boolean;
}

async function serve(): Promise<void> {
  const port = parentPort as MessagePort;
  const stacking = await Stacking.make(workerData as StackingRequest);
  const carryOut = async ({ side, kind, compare, next }: Order): Promise<void> => {
    if (next === true) stacking.next();
    const results = await stacking.round(side, kind);
    // Clones have the same prototypes, whoever made the objects.
    const alike =
      compare !== true ||
      isDeepStrictEqual(
        structuredClone(results),
        structuredClone(await stacking.round(side === "stacked" ? "single" : "stacked", kind)),
      );
    port.postMessage(alike);
  };
  port.on("message", (order: Order) => void carryOut(order));
  port.postMessage(true);
}

void serve();
