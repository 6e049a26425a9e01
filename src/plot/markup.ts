/**
 * Elements of SVG and HTML as values. A plain string given as a child is text and is escaped; only a `Markup`
 * goes in as it is. So forgetting to escape is not possible by accident. What comes out is well-formed XML
 * that HTML reads alike.
 */
import { escapeText } from "./escape";

/** A piece of finished markup. */
export interface Markup {
  readonly markup: string;
}

/**
 * A child of an element; `false`, `null` and `undefined` leave nothing, so that `condition && element(…)`
 * works.
 */
export type Child = Markup | string | false | null | undefined | readonly Child[];

/** Attributes; an `undefined` one is left out. Numbers are rounded to hundredths, enough for a pixel. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Elements that HTML closes by itself. */
const VOID = new Set(["meta", "br", "hr"]);

/** One element. Names are ours, never a user's. */
export function element(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Markup {
  const start = `<${name}${Object.entries(attributes).map(attribute).join("")}`;
  return { markup: VOID.has(name) ? `${start} />` : `${start}>${children.map(render).join("")}</${name}>` };
}

/** Markup that is known to be safe as it stands, such as our own style sheet. */
export function trusted(markup: string): Markup {
  return { markup };
}

function attribute([name, value]: readonly [string, string | number | undefined]): string {
  return value === undefined
    ? ""
    : ` ${name}="${typeof value === "number" ? hundredths(value) : escapeText(value)}"`;
}

function hundredths(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`${value} is no coordinate`);
  return String(Math.round(value * 100) / 100 + 0); // + 0: no "-0"
}

function render(child: Child): string {
  if (child === false || child === null || child === undefined) return "";
  if (typeof child === "string") return escapeText(child);
  return isList(child) ? child.map(render).join("") : child.markup;
}

function isList(child: Markup | readonly Child[]): child is readonly Child[] {
  return Array.isArray(child);
}
