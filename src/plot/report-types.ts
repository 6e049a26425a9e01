/** What a report holds: plain data, so that it can be kept as JSON and drawn again. */

/** A report: what stands in it, from its head to its notes. */
export interface Report {
  /** What kind of report this is, and of what: "study precision". */
  readonly title: string;
  /** What was asked, in the words of whoever asked. */
  readonly question?: string;
  /** One or two sentences that answer it. */
  readonly summary: string;
  /** The few figures that matter, shown big. */
  readonly headline: readonly Headline[];
  /** What ran: label and value. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The exact commands that do it again, each with what it does. */
  readonly commands: readonly Command[];
  /** In the order in which they are shown; neighbours of one group stand under its name. */
  readonly figures: readonly Figure[];
  /** Tables of text, before the figures or after them. */
  readonly tables?: readonly Table[];
  readonly notes: readonly Note[];
}

/** A command that leads to what is reported, to be typed again. */
export interface Command {
  readonly command: string;
  readonly what: string;
}

/** A picture, by what it shows. */
export type Figure = (
  | ({ readonly kind: "curves" } & LineChart)
  | ({ readonly kind: "heat map" } & HeatMap)
  | ({ readonly kind: "tornado" } & Tornado)
  | ({ readonly kind: "ranking" } & Ranking)
  | ({ readonly kind: "histogram" } & Histogram)
  | ({ readonly kind: "images" } & ImageGrid)
) & { readonly group?: string };

/** A table: a head, and rows of texts. */
export interface Table {
  /** After the figures. */
  readonly last?: boolean;
  readonly title: string;
  readonly caption: string;
  /** Heads of the columns. */
  readonly columns: readonly string[];
  /** How many columns name the row; 1 unless said. */
  readonly names?: number;
  /** Cells are sentences, and break into lines. */
  readonly prose?: boolean;
  readonly rows: readonly (readonly string[])[];
}

/** A figure of the report, in large letters, with what it is. */
export interface Headline {
  readonly label: string;
  readonly value: string;
  /** What it means or how sure it is, in small letters. */
  readonly detail?: string;
}

/** Curves over x, with axes and words. */
export interface LineChart {
  readonly title: string;
  readonly caption: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Logarithmic y; values that are not positive are gaps. */
  readonly log?: boolean;
  /** Logarithmic x. */
  readonly logX?: boolean;
  /** A unit is as long on x as on y: for orbits in a plane. */
  readonly equal?: boolean;
  /** Keeps y to this range; otherwise it covers the data. */
  readonly yRange?: readonly [number, number];
  /** Ticks of y, two or more that ascend; they are the range, too. */
  readonly yTicks?: readonly number[];
  /** Tells y, a share of one, in percent. */
  readonly percent?: boolean;
  /** Names of x = 0, 1, 2, …, where x is a choice and no number. */
  readonly xNames?: readonly string[];
  /** A level that matters, such as a bound to be kept. */
  readonly level?: { readonly y: number; readonly name: string };
  readonly series: readonly Series[];
}

/** One curve of a chart. */
export interface Series {
  readonly name: string;
  readonly x: readonly number[];
  /** As long as `x`; null and NaN are gaps. */
  readonly y: readonly (number | null)[];
  /** Points that nothing joins. */
  readonly loose?: boolean;
  /**
   * Where the values of many chips lie, as long as `x`: a band around the curve, or bars where many bands
   * would cover each other.
   */
  readonly band?: { readonly low: readonly (number | null)[]; readonly high: readonly (number | null)[] };
}

/** A value over two parameters. */
export interface HeatMap {
  readonly title: string;
  readonly caption: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Labels of the columns, and of the rows from below. */
  readonly x: readonly string[];
  readonly y: readonly string[];
  /** [y][x]; null and NaN are left empty. */
  readonly values: readonly (readonly (number | null)[])[];
  /** Frames the best cell of each row or column. */
  readonly best?: { readonly of: "row" | "column"; readonly is: "largest" | "smallest" };
  /**
   * What is drawn faintest and darkest, so that several maps can be compared; otherwise their own least and
   * most.
   */
  readonly range?: readonly [number, number];
  /** Tells values, shares of one, in percent. */
  readonly percent?: boolean;
}

/** Shares of things, longest first: which knob matters. */
export interface Ranking {
  readonly title: string;
  readonly caption: string;
  readonly xLabel: string;
  /** What each bar of a row is. */
  readonly bars: readonly string[];
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** What comes of a base design where one knob at a time goes to either end. */
export interface Tornado {
  readonly title: string;
  readonly caption: string;
  readonly xLabel: string;
  /** Tells outcomes, shares of one, in percent. */
  readonly percent?: boolean;
  /** Outcome of the base design. */
  readonly base: number;
  readonly bars: readonly { readonly name: string; readonly low: TornadoEnd; readonly high: TornadoEnd }[];
}

/** One end of a bar: what the knob is set to there, and what comes of it. */
export interface TornadoEnd {
  /** What the knob was set to. */
  readonly setting: string;
  readonly outcome: number;
}

/** How values are spread: bars at round widths. */
export interface Histogram {
  readonly title: string;
  readonly caption: string;
  readonly values: readonly number[];
  /** Unit of the values, or what they are. */
  readonly unit?: string;
  /** What is counted. */
  readonly of?: string;
  /** A value that matters, such as a bound to be kept. */
  readonly mark?: { readonly x: number; readonly name: string };
}

/** Pictures beside each other, a word under each. */
export interface ImageGrid {
  readonly title: string;
  readonly caption: string;
  /** Height and width of every image, in pixels. */
  readonly size: readonly [height: number, width: number];
  readonly images: readonly GridImage[];
}

/** One picture of a grid. */
export interface GridImage {
  /** Row by row, 0 (paper) to 1 (ink); or three planes of red, green and blue, 0 to 1 (light). */
  readonly pixels: readonly number[];
  readonly caption: string;
  /** Marks the image: the chip answered wrongly. */
  readonly wrong?: boolean;
}

/** A remark at the end of a report. */
export interface Note {
  readonly kind: "warning" | "note";
  readonly text: string;
}
