/**
 * `bench fuzz`: spoilt equations, devices, circuits, configs, checkpoints and data, by the hundred thousand.
 */
import { COMMON, defineVerb } from "../../src/cli/verb";

export const fuzz = defineVerb({
  name: "fuzz",
  summary: "spoil what strangers write, and see that every reader refuses it with a coded error",
  description:
    "Takes what is right (equations, devices, circuits, configs, checkpoints, data files), spoils it " +
    "at random, puts checksums right again where that brings faults further in, and reads it. A " +
    "failure is anything thrown that is no coded error with a place and a remedy, a case of more than " +
    "two seconds or of half a gigabyte, and anything that changed outside the folder that a reader was " +
    "given; each is printed with the command that repeats it. Readers that may hang or fill the " +
    "memory (folders with links, archives that unpack to much, equations that grow, texts that nest) " +
    "run in a process of their own, which is ended after ten seconds or at two gigabytes. Ends with " +
    "exit code 1 where there was a failure. Memory is told after a tenth of the cases, half of them, " +
    "and all: what is kept once garbage is collected, and the resident set.",
  options: {
    cases: {
      type: "integer",
      default: 10_000,
      min: 1,
      max: 1_000_000_000,
      value: "N",
      help: "spoilt inputs, shared among the targets",
    },
    from: {
      type: "integer",
      default: 0,
      min: 0,
      max: 1_000_000_000,
      value: "N",
      help: "number of the first case of each target, to repeat one",
    },
    seed: COMMON.seed,
    json: COMMON.json,
  },
  positionals: { name: "TARGET", help: "readers to aim at (default: all)", most: 100 },
  examples: [
    { command: "fuzz --cases 100000", what: "all readers" },
    { command: "fuzz npz --seed 1 --from 417 --cases 1", what: "one case again" },
  ],
  async run({ options, positionals }, io) {
    const { OhmletError } = await import("../../src/errors");
    const { TARGETS } = await import("../fuzz/targets");
    const { fuzz: run } = await import("../fuzz/run");
    const unknown = positionals.find((name) => !TARGETS.some((target) => target.name === name));
    if (unknown !== undefined)
      throw new OhmletError({
        code: "CLI-ARGUMENT",
        fact: `there is no target "${unknown.slice(0, 40)}"`,
        place: { where: "TARGET" },
        remedy: `targets: ${TARGETS.map(({ name }) => name).join(", ")}`,
      });
    const { cases, seed, from } = options;
    const targets =
      positionals.length === 0 ? TARGETS : TARGETS.filter(({ name }) => positionals.includes(name));
    const started = performance.now();
    const count = await run({
      targets,
      cases,
      seed,
      from,
      failed: ({ target, number, fact }) =>
        io.note(fact, `  again:  ${io.program} fuzz ${target} --seed ${seed} --from ${number} --cases 1`),
    });
    const seconds = Math.round((performance.now() - started) / 1000);
    const { slowest, memory, memoryApart, codes } = count;
    io.print(
      `${count.cases} cases of ${targets.length} targets in ${seconds} s: ${count.refused} refused ` +
        `with ${Object.keys(codes).length} codes, ${count.accepted} still right, ` +
        `${count.failures.length} failures`,
    );
    const told = (all: typeof memory): string =>
      `memory kept ${all.map(({ kept }) => kept).join(", ")} MB, resident ` +
      `${all.map(({ resident }) => resident).join(", ")} MB`;
    io.print(`slowest ${Math.round(slowest.ms)} ms (${slowest.target} ${slowest.number}); ${told(memory)}`);
    if (memoryApart.length > 0) io.print(`apart, ${told(memoryApart)}`);
    io.emit({ bench: "fuzz", seed, seconds, ...count });
    return count.failures.length === 0 ? 0 : 1;
  },
});
