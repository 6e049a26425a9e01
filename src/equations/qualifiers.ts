/**
 * The words that may stand around an equation: when it happens, whether what it moves outlives a phase, and
 * what a parameter is drawn for.
 *
 *     w <- expression at pulse : unit        at which event
 *     trap <- expression at step keeps : 1   lives on the chip's clock; also behind the unit
 *     V_os per column : V                    one draw for each column of an array
 */
import { nearest } from "../options/nearest";
import { refuse, type Line } from "./token";

/** What happens to a device: it is written, pulsed, erased, read into a hold, or time passes. */
export type DeviceEvent = "write" | "pulse" | "erase" | "sample" | "step";
/** All of them, in the order in which their numbers are kept. */
export const EVENTS: readonly DeviceEvent[] = ["write", "pulse", "erase", "sample", "step"];

/** For what a parameter is drawn: for each device, or for those of a column, a row, an array, a chip together. */
export type Extent = "device" | "column" | "row" | "array" | "chip";
const EXTENTS: readonly Extent[] = ["device", "column", "row", "array", "chip"];

/** What stands around an equation, and what is left of its text. */
export interface Qualified {
  readonly equation: string;
  readonly event: DeviceEvent | null;
  readonly keeps: boolean;
}

type Place = Pick<Line, "where" | "number" | "text">;

/** A word behind a value: behind an operator it would be a name. */
const KEEPS = /(?<=[\w)'.])\s+keeps$/;
const AT = /(?<=[\w)'.])\s+at\s+([A-Za-z_]\w*)$/;
const PER = /^\s*([A-Za-z]\w*)\s+per\s+([A-Za-z_]\w*)\s*$/;

/** Cuts `at EVENT` and `keeps` off, in either order. @throws EQ-SYNTAX for an event that there is not */
export function cutQualifiers(text: string, place: Place): Qualified {
  let [equation, event, keeps]: [string, DeviceEvent | null, boolean] = [text.trimEnd(), null, false];
  for (;;) {
    const [kept, at] = [KEEPS.exec(equation), AT.exec(equation)];
    if (kept !== null && !keeps) [equation, keeps] = [equation.slice(0, kept.index), true];
    else if (at !== null && event === null) {
      event = eventOf(at[1], place, at.index + at[0].lastIndexOf(at[1]));
      equation = equation.slice(0, at.index);
    } else return { equation, event, keeps };
  }
}

function eventOf(name: string, place: Place, start: number): DeviceEvent {
  const event = EVENTS.find((each) => each === name);
  if (event !== undefined) return event;
  const near = nearest(name, EVENTS);
  throw refuse(
    "EQ-SYNTAX",
    `"${name.slice(0, 40)}" is not an event`,
    place,
    { start },
    `${near === null ? "" : `did you mean  at ${near}? `}events are ${EVENTS.join(", ")}`,
  );
}

/** `NAME per EXTENT`, where the text says that. @throws EQ-SYNTAX for an extent that there is not */
export function readExtent(
  text: string,
  place: Place,
): { readonly name: string; readonly extent: Extent } | null {
  const found = PER.exec(text);
  if (found === null) return null;
  const [, name, word] = found;
  const extent = EXTENTS.find((each) => each === word);
  if (extent !== undefined) return { name, extent };
  throw refuse(
    "EQ-SYNTAX",
    `a parameter is not drawn per "${word.slice(0, 40)}"`,
    place,
    { start: text.lastIndexOf(word) },
    `write one of  ${EXTENTS.map((each) => `per ${each}`).join(", ")}`,
  );
}
