/** Writes the cases of test/golden/cases anew: `node -r ts-node/register test/golden/plain/write.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { initializedEpCase } from "./initialized-ep";
import { trainStepCase } from "./ep-train-step";
import { homeostasisCase } from "./homeostasis";
import { holomorphicCase } from "./holomorphic-mlp";
import { vectorFieldCase } from "./vector-field";

const CASES: Readonly<Record<string, object>> = {
  "vector-field-tiny": vectorFieldCase({
    seed: 1,
    sizes: [4, 3, 2],
    rho: "sigmoid",
    samples: 2,
    betas: [0.01, 0.5],
  }),
  "holomorphic-mlp-tiny": holomorphicCase({
    seed: 2,
    sizes: [3, 3, 2],
    classes: 2,
    samples: 2,
    betas: [0.3],
    points: [1, 2, 4],
  }),
  "homeostasis-tiny": homeostasisCase({ seed: 4, sizes: [3, 3, 2], classes: 2, samples: 2, draws: 2 }),
  "initialized-ep-tiny": initializedEpCase({
    seed: 4,
    sizes: [3, 4, 2],
    samples: 2,
    leak: 0.01,
    factors: [[0.1, -0.5]],
  }),
  "ep-train-step-tiny": trainStepCase(3, {
    "EB-1h_code": [2, 3, 4],
    "EB-1h_paper": [2, 3, 4],
    "P-2h": [2, 3, 3, 4],
  }),
};

for (const [name, value] of Object.entries(CASES))
  writeFileSync(join(__dirname, "../cases", `${name}.json`), `${JSON.stringify(value)}\n`);
