/** Reports in words, for those who only look at what they got. */
import { count, printsItself, some, type Describe } from "../display";
import { columns } from "../printable";
import type { Report } from "./report-types";

const describeReport: Describe<Report> = ({ title, question, summary, headline, figures, notes }) => [
  `report "${title}": ${count(figures.length, "picture")}; reportHtml makes a page of it`,
  ...(question === undefined ? [] : [`  ${question}`]),
  `  ${summary}`,
  ...columns(headline.map(({ label, value, detail = "" }) => [label, value, detail])),
  ...(figures.length === 0 ? [] : [`  pictures: ${some(figures.map((figure) => figure.title))}`]),
  ...notes.filter(({ kind }) => kind === "warning").map(({ text }) => `  warning: ${text}`),
];

/** For every report that is returned. */
export const asReport = printsItself(describeReport);
