/** Training runs that are killed: weights, curves without their times, mistakes and results are compared. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, type Subject } from "./target";

/** @param args of `ohmlet train`, without --out */
export function runSubject(args: readonly string[]): Subject {
  return {
    what: "run",
    victims: ["process"],
    begin: (root) => ["train", ...args, "--out", root],
    folderIn: runIn,
    goOn: (_, folder) => ["resume", folder],
    figuresOf: (folder) => {
      const { result, warnings, outcome } = JSON.parse(bytesOf(folder, "run.json")) as Record<
        string,
        unknown
      >;
      return {
        ...Object.fromEntries(
          ["weights.npz", "config.yaml", "mistakes.json"].map((file) => [file, bytesOf(folder, file)]),
        ),
        "curves.csv": untimed(bytesOf(folder, "curves.csv")),
        "run.json": JSON.stringify({ result, warnings, outcome }),
      };
    },
    faultsOf: (folder) =>
      readdirSync(folder)
        .filter((file) => /^(checkpoint|lock)/.test(file))
        .map((file) => `${file} was left behind`),
  };
}

/** The one run folder in a folder; folders that are being made are hidden. */
function runIn(root: string): string | null {
  const [name] = existsSync(root) ? readdirSync(root).filter((each) => !each.startsWith(".")) : [];
  return name === undefined ? null : join(root, name);
}

function untimed(text: string): string {
  const rows = text
    .trimEnd()
    .split("\r\n")
    .map((row) => row.split(","));
  return rows
    .map((row) => row.filter((_, column) => !rows[0][column].endsWith("_seconds")).join(","))
    .join("\n");
}
