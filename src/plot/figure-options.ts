/** The keys of pictures, held to their types: one that is misspelt is refused. */
import { check, optionsOf } from "../options";
import type { HeatMap, Histogram, LineChart, Ranking, Series, Tornado, TornadoEnd } from "./report-types";

const { anything, flag, list, numbers, numeric, oneOf, part, text } = check;
const words = { title: text, caption: text };

export const readLineChart = optionsOf<LineChart>("lineChart", {
  needs: {
    ...words,
    xLabel: text,
    yLabel: text,
    series: list(
      part(
        optionsOf<Series>("lineChart, series", {
          needs: { name: text, x: numbers, y: numbers },
          takes: { loose: flag, band: anything },
        }),
      ),
    ),
  },
  takes: {
    log: flag,
    logX: flag,
    equal: flag,
    yRange: numbers,
    yTicks: numbers,
    percent: flag,
    xNames: list(text),
    level: part(
      optionsOf<NonNullable<LineChart["level"]>>("lineChart, level", { needs: { y: numeric, name: text } }),
    ),
  },
});

export const readHeatMap = optionsOf<HeatMap>("heatMap", {
  needs: { ...words, xLabel: text, yLabel: text, x: list(text), y: list(text), values: list(numbers) },
  takes: {
    best: part(
      optionsOf<NonNullable<HeatMap["best"]>>("heatMap, best", {
        needs: { of: oneOf("row", "column"), is: oneOf("largest", "smallest") },
      }),
    ),
    range: numbers,
    percent: flag,
  },
});

export const readHistogram = optionsOf<Histogram>("histogram", {
  needs: { ...words, values: numbers },
  takes: {
    unit: text,
    of: text,
    mark: part(
      optionsOf<NonNullable<Histogram["mark"]>>("histogram, mark", { needs: { x: numeric, name: text } }),
    ),
  },
});

export const readRanking = optionsOf<Ranking>("ranking", {
  needs: {
    ...words,
    xLabel: text,
    bars: list(text),
    rows: list(
      part(optionsOf<Ranking["rows"][number]>("ranking, rows", { needs: { name: text, values: numbers } })),
    ),
  },
});

const end = part(optionsOf<TornadoEnd>("tornado, end", { needs: { setting: text, outcome: numeric } }));

export const readTornado = optionsOf<Tornado>("tornado", {
  needs: {
    ...words,
    xLabel: text,
    base: numeric,
    bars: list(
      part(
        optionsOf<Tornado["bars"][number]>("tornado, bars", { needs: { name: text, low: end, high: end } }),
      ),
    ),
  },
  takes: { percent: flag },
});
