/** The picture of `bench scale`: time of a step and memory over the synapses, both in decades. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { lineChart, standaloneSvg } from "../src/plot";
import { figure, type Line } from "./processes";

export function drawScale(file: string, lines: readonly Line[]): void {
  const x = lines.map((line) => Math.log10(figure(line, "synapses")));
  const series = (name: string, field: string) => ({ name, x, y: lines.map((line) => figure(line, field)) });
  const chart = lineChart({
    title: `Cost and memory of a step, ${String(lines[0]?.engine)}`,
    caption: "Both grow with the number of synapses.",
    xLabel: "synapses, powers of ten",
    yLabel: "microseconds, megabytes",
    log: true,
    series: [
      series("µs a step", "us_per_step"),
      series("MB in all", "memory_mb"),
      series("MB of weights and states", "weights_and_states_mb"),
    ],
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, standaloneSvg(chart));
}
