/** Who learns in the engine, or why learning has to be done on the host. */
import { BlockLearner } from "./block-learner";
import { EngineHomeostasis } from "./homeostasis";
import type { EngineLearner, LearnerRequest } from "./learner";
import { NudgeLearner } from "./nudge-learner";
import { learningPartsOf } from "./synapses";
import { TapeLearner } from "./tape-learner";

export function createLearner(request: LearnerRequest): EngineLearner | string {
  const { simulator, estimator, optimizer } = request;
  const Learner =
    estimator.walked !== undefined
      ? TapeLearner
      : estimator.blocks !== undefined
        ? BlockLearner
        : NudgeLearner;
  const reason =
    Learner.reason(request) ??
    (request.homeostasis === undefined ? null : EngineHomeostasis.reason(simulator, estimator));
  if (reason !== null) return reason;
  const { arrays } = simulator;
  if (typeof arrays === "string") return arrays;
  const parts = learningPartsOf(simulator.chip, arrays.parts, optimizer);
  return typeof parts === "string" ? parts : new Learner(request, arrays, parts);
}
