/** `ohmlet data fetch NAME`: a public set, into a folder. */
import { choose } from "../look-up";
import type { Io } from "../io";
import { homeOf, publicSets } from "./catalogue";

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

export async function fetch(
  name: string,
  { to, url }: { readonly to: string | undefined; readonly url: string | undefined },
  io: Io,
): Promise<number> {
  const set = choose(name, "set of data", publicSets);
  const folder = to ?? homeOf(name);
  const { fetchSet } = await import("../../io/fetch/fetch-set");
  const line = io.progress();
  io.note(`${set.name}: ${set.summary}`, `${set.cite}; licence: ${set.licence}`);
  const files = await fetchSet(set, folder, {
    base: url,
    signal: io.interruption(),
    starting: (file) => io.note(`fetching ${file} …`),
    progress: (file, bytes, total) =>
      line.update(
        total === undefined ? 0 : bytes / total,
        `${file}: ${megabytes(bytes)}${total === undefined ? "" : ` of ${megabytes(total)}`}`,
      ),
  });
  line.end();
  for (const { file, fetched } of files)
    io.note(`${file}: ${fetched ? "fetched" : "was here"}, its checksum is right`);
  io.print(folder);
  io.emit({ name, folder, files });
  return 0;
}
