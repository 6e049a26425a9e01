/** The keys of pictures, held to their types: one that is misspelt is refused, and so are lists of unlike lengths. */
import { OhmletError } from "../errors";
import { check, optionsOf } from "../options";
import type { Check } from "../options/checks";
import type { Markup } from "./markup";
import type {
  GridImage,
  HeatMap,
  Histogram,
  ImageGrid,
  LineChart,
  Ranking,
  Series,
  Tornado,
  TornadoEnd,
} from "./report-types";

const { finite, flag, list, numbers, numeric, oneOf, part, text } = check;
const words = { title: text, caption: text };

/** What one of the functions here has drawn. */
export const CHART: Check<Markup> = {
  wanted: "what lineChart or another of them has drawn",
  example: "lineChart({ … })",
  accepts: (value: unknown): value is Markup =>
    typeof value === "object" &&
    value !== null &&
    typeof (value as Readonly<Record<string, unknown>>).markup === "string",
};

/**
 * @param what has to be as long: "y of the series loss"
 * @throws OhmletError OPTION-VALUE
 */
function expectLength(where: string, what: string, of: ArrayLike<unknown>, length: number, as: string): void {
  if (of.length === length) return;
  throw new OhmletError({
    code: "OPTION-VALUE",
    fact: `${what} has ${of.length} values, where ${as} has ${length}`,
    place: { where },
    remedy: "give one for each: NaN or null for what was not measured",
  });
}

const band = optionsOf<NonNullable<Series["band"]>>("lineChart, band", {
  needs: { low: numbers, high: numbers },
});

const lineChartKeys = optionsOf<LineChart>("lineChart", {
  needs: {
    ...words,
    xLabel: text,
    yLabel: text,
    series: list(
      part(
        optionsOf<Series>("lineChart, series", {
          needs: { name: text, x: numbers, y: numbers },
          takes: { loose: flag, band: part(band) },
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

/** @throws OhmletError OPTION-… */
export function readLineChart(given: LineChart): LineChart {
  const asked = lineChartKeys(given);
  for (const { name, x, y, band: spread } of asked.series) {
    const of = `of the series "${name}"`;
    expectLength("lineChart", `y ${of}`, y, x.length, "its x");
    for (const end of ["low", "high"] as const)
      if (spread !== undefined)
        expectLength("lineChart", `band.${end} ${of}`, spread[end], x.length, "its x");
  }
  return asked;
}

const heatMapKeys = optionsOf<HeatMap>("heatMap", {
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

/** @throws OhmletError OPTION-… */
export function readHeatMap(given: HeatMap): HeatMap {
  const asked = heatMapKeys(given);
  const { x, y, values } = asked;
  expectLength("heatMap", "values", values, y.length, "y");
  values.forEach((row, j) => expectLength("heatMap", `values[${j}]`, row, x.length, "x"));
  return asked;
}

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

const rankingKeys = optionsOf<Ranking>("ranking", {
  needs: {
    ...words,
    xLabel: text,
    bars: list(text),
    rows: list(
      part(optionsOf<Ranking["rows"][number]>("ranking, rows", { needs: { name: text, values: numbers } })),
    ),
  },
});

/** @throws OhmletError OPTION-… */
export function readRanking(given: Ranking): Ranking {
  const asked = rankingKeys(given);
  for (const { name, values } of asked.rows)
    expectLength("ranking", `the row "${name}"`, values, asked.bars.length, "bars");
  return asked;
}

const end = part(optionsOf<TornadoEnd>("tornado, end", { needs: { setting: text, outcome: numeric } }));

export const readTornado = optionsOf<Tornado>("tornado", {
  needs: {
    ...words,
    xLabel: text,
    base: finite,
    bars: list(
      part(
        optionsOf<Tornado["bars"][number]>("tornado, bars", { needs: { name: text, low: end, high: end } }),
      ),
    ),
  },
  takes: { percent: flag },
});

export const readImageGrid = optionsOf<ImageGrid>("images", {
  needs: {
    ...words,
    size: numbers,
    images: list(
      part(
        optionsOf<GridImage>("images, image", {
          needs: { pixels: numbers, caption: text },
          takes: { wrong: flag },
        }),
      ),
    ),
  },
});
