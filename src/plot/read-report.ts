/** Reports as they are given, key by key: a page of half a report would tell half of what was found. */
import { check, optionsOf } from "../options";
import type { Check } from "../options/checks";
import type { Command, Figure, Headline, Note, Report, Table } from "./report-types";

const { flag, list, oneOf, part, text, whole } = check;

const KINDS = [
  "curves",
  "heat map",
  "tornado",
  "ranking",
  "histogram",
  "images",
] as const satisfies readonly Figure["kind"][];

/** A picture of a known kind; what else it holds is for those who draw it. */
const figure: Check<Figure> = {
  wanted: `a picture whose kind is one of ${KINDS.join(", ")}`,
  example: '{ kind: "curves", … }',
  accepts: (value: unknown): value is Figure =>
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    KINDS.some((kind) => kind === value.kind),
};

/** @throws OhmletError OPTION-… */
export const readReport = optionsOf<Report>("report", {
  needs: {
    title: text,
    summary: text,
    headline: list(
      part(
        optionsOf<Headline>("report, headline", {
          needs: { label: text, value: text },
          takes: { detail: text },
        }),
      ),
    ),
    facts: list(pair()),
    commands: list(part(optionsOf<Command>("report, commands", { needs: { command: text, what: text } }))),
    figures: list(figure),
    notes: list(part(optionsOf<Note>("report, notes", { needs: { kind: oneOf("warning", "note"), text } }))),
  },
  takes: {
    question: text,
    tables: list(
      part(
        optionsOf<Table>("report, tables", {
          needs: { title: text, caption: text, columns: list(text), rows: list(list(text)) },
          takes: { last: flag, names: whole(), prose: flag },
        }),
      ),
    ),
  },
});

/** A label and its value. */
function pair(): Check<readonly [string, string]> {
  const { accepts } = list(text);
  return {
    wanted: "two texts, a label and its value",
    example: '["label", "value"]',
    accepts: (value: unknown): value is readonly [string, string] => accepts(value) && value.length === 2,
  };
}
