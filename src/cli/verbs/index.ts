/** The verbs, in the order of the help. Each is loaded when it is asked for. */
import type { Verb } from "../verb";

export const VERBS: ReadonlyMap<string, () => Promise<Verb>> = new Map([
  ["train", async () => (await import("./train")).train],
  ["resume", async () => (await import("./resume")).resume],
  ["report", async () => (await import("./report")).report],
  ["compare", async () => (await import("./compare")).compare],
  ["export", async () => (await import("./export")).exportVerb],
  ["study", async () => (await import("./study")).study],
  ["worker", async () => (await import("./worker")).worker],
  ["merge", async () => (await import("./merge")).merge],
  ["weakest", async () => (await import("./weakest")).weakest],
  ["reproduce", async () => (await import("./reproduce")).reproduce],
  ["estimators", async () => (await import("./estimators")).estimators],
  ["settle", async () => (await import("./settle")).settle],
  ["frequency", async () => (await import("./frequency")).frequency],
  ["data", async () => (await import("./data")).data],
  ["spice", async () => (await import("./spice")).spice],
  ["verify", async () => (await import("./verify")).verify],
  ["devices", async () => (await import("./devices")).devices],
  ["fit", async () => (await import("./fit")).fit],
  ["circuits", async () => (await import("./circuits")).circuits],
  ["schedule", async () => (await import("./schedule")).schedule],
  ["schema", async () => (await import("./schema")).schema],
  ["doctor", async () => (await import("./doctor")).doctor],
]);
