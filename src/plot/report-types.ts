/** What a report holds: plain data, so that it can be kept as JSON and drawn again. */

export interface Report {
  readonly title: string;
  /** One sentence that answers what was asked. */
  readonly summary: string;
  /** The few figures that matter, shown big. */
  readonly headline: readonly Headline[];
  /** What ran: label and value. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The exact command that does it again. */
  readonly command: string;
  /** Tables of text, before the charts or after them. */
  readonly tables?: readonly Table[];
  readonly charts: readonly LineChart[];
  readonly heatMaps?: readonly HeatMap[];
  readonly tornados?: readonly Tornado[];
  readonly histograms: readonly Histogram[];
  readonly grids: readonly ImageGrid[];
  readonly notes: readonly Note[];
}

export interface Table {
  /** After the charts. */
  readonly last?: boolean;
  readonly title: string;
  readonly caption: string;
  /** Heads of the columns; the first is that of the rows' names. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Headline {
  readonly label: string;
  readonly value: string;
}

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
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  readonly x: readonly number[];
  /** As long as `x`; null and NaN are gaps. */
  readonly y: readonly (number | null)[];
  /** A band around the curve, as long as `x`: where the values of many chips lie. */
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
}

/** What comes of a base design where one knob at a time goes to either end. */
export interface Tornado {
  readonly title: string;
  readonly caption: string;
  readonly xLabel: string;
  /** Outcome of the base design. */
  readonly base: number;
  readonly bars: readonly { readonly name: string; readonly low: TornadoEnd; readonly high: TornadoEnd }[];
}

export interface TornadoEnd {
  /** What the knob was set to. */
  readonly setting: string;
  readonly outcome: number;
}

export interface Histogram {
  readonly title: string;
  readonly caption: string;
  readonly values: readonly number[];
  /** Unit of the values, or what they are. */
  readonly unit?: string;
}

export interface ImageGrid {
  readonly title: string;
  readonly caption: string;
  /** Height and width of every image, in pixels. */
  readonly size: readonly [height: number, width: number];
  readonly images: readonly GridImage[];
}

export interface GridImage {
  /** Row by row, 0 (paper) to 1 (ink); or three planes of red, green and blue, 0 to 1 (light). */
  readonly pixels: readonly number[];
  readonly caption: string;
  /** Marks the image: the chip answered wrongly. */
  readonly wrong?: boolean;
}

export interface Note {
  readonly kind: "warning" | "note";
  readonly text: string;
}
