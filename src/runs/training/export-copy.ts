/** The digital copy of a run's chip, in files: the feedforward net that it taught. */
import { join } from "node:path";
import { OhmletError } from "../../errors";
import { writeAtomically } from "../../io/atomic";
import { makeFolder } from "../../io/make-folder";
import { writing } from "../../io/place";
import { writeNpz } from "../../io/npz";
import { digitalCopy, type DigitalCopy } from "../../learning/initialized";
import { check, expectValue } from "../../options";
import { openRun } from "./open";

/** What was written, and how the copy stands beside the chip that taught it. */
export interface ExportedCopy {
  /** digital-copy.json, with the arrays in it. */
  readonly json: string;
  /** digital-copy.npz: the same arrays. */
  readonly npz: string;
  /** Fraction of the test set right after the last epoch, 0…1: the chip, and the copy alone. */
  readonly accuracy: { readonly chip: number; readonly copy: number };
}

/**
 * Writes the feedforward net that a run's chip has taught as files that need nothing of Ohmlet.
 * @param path folder of the run
 * @param out folder that the files go to; default: that of the run
 * @throws OhmletError INIT-COPY where the run has no such net, RUN-EMPTY, and those of openRun
 */
export async function exportDigitalCopy(path: string, out: string = path): Promise<ExportedCopy> {
  expectValue("exportDigitalCopy", "out", out, check.text);
  const { chip, forward, epochs } = await openRun(path);
  const last = epochs.at(-1);
  if (forward === null)
    throw new OhmletError({
      code: "INIT-COPY",
      fact: "this run has no feedforward net that its chip could have taught",
      place: { where: path },
      remedy: "train with  initialized: {}  in the config",
    });
  if (last?.forward === undefined)
    throw new OhmletError({
      code: "INIT-COPY",
      fact: "this run has not come to the end of an epoch",
      place: { where: path },
      remedy: `go on with it:  ohmlet resume ${path}`,
    });
  const copy = digitalCopy(forward, chip);
  const files = { json: join(out, "digital-copy.json"), npz: join(out, "digital-copy.npz") };
  writing(out, () => {
    makeFolder(out);
    writeAtomically(files.json, jsonOf(copy));
    writeAtomically(
      files.npz,
      writeNpz(
        Object.entries(copy.arrays).map(([name, { shape, values }]) => [name, { shape, data: values }]),
      ),
    );
  });
  return { ...files, accuracy: { chip: last.accuracy, copy: last.forward.accuracy } };
}

const jsonOf = ({ arrays, ...copy }: DigitalCopy): string =>
  `${JSON.stringify({
    ...copy,
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, values: [...values] }]),
    ),
  })}\n`;
