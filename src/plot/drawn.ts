/**
 * As much of a document as Plot draws on: elements that take attributes, children and a text, and are our own
 * markup in the end, so that every name is escaped and every number fit for a renderer.
 */
import * as Plot from "@observablehq/plot";
import { element, type Markup } from "./markup";

/** Farther out than this, in pixels, is far enough; renderers fail on more. */
const FAR = 1e5;
const NUMBER = /-?(?:Infinity|(?:\d*\.)?\d+(?:e[-+]?\d+)?)/g;

const near = (value: number): number => Math.min(FAR, Math.max(-FAR, value));
const rounded = (value: number): number => Math.round(near(value) * 100) / 100 + 0;

class DrawnElement implements Markup {
  readonly namespaceURI = "http://www.w3.org/2000/svg";
  readonly children: Markup[] = [];
  #text = "";
  readonly #attributes: Record<string, string | number> = {};

  constructor(readonly name: string) {}

  get ownerDocument(): typeof DOCUMENT {
    return DOCUMENT;
  }

  get markup(): string {
    return element(this.name, this.#attributes, this.#text, this.children).markup;
  }

  set textContent(text: string) {
    this.#text = text;
  }

  /** What Plot says to screen readers of single marks would only repeat what the picture is. */
  setAttribute(name: string, value: string | number | object): void {
    if (name.startsWith("aria-")) return;
    if (typeof value === "number") this.#attributes[name] = near(value);
    else if (name === "d" || name === "transform")
      this.#attributes[name] = String(value).replace(NUMBER, (number) => String(rounded(Number(number))));
    else this.#attributes[name] = String(value);
  }

  removeAttribute(name: string): void {
    delete this.#attributes[name];
  }

  appendChild<Child extends Markup>(child: Child): Child {
    this.children.push(child);
    return child;
  }

  insertBefore<Child extends Markup>(child: Child): Child {
    return this.appendChild(child);
  }
}

const DOCUMENT = {
  createElementNS: (_space: string, name: string): DrawnElement => new DrawnElement(name),
  get documentElement(): DrawnElement {
    return new DrawnElement("svg");
  },
};

/** What Plot draws on a sheet, mark by mark. */
export function drawn(options: Plot.PlotOptions): readonly Markup[] {
  const svg: DrawnElement = Plot.plot({ document: DOCUMENT, axis: null, ...options });
  return svg.children.slice(1); // without Plot's own style
}

/** Plot's marks in a group: its texts stand about their middle. */
export const group = (marks: readonly Markup[]): Markup => element("g", { class: "middle" }, marks);
