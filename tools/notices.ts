/** The licences of packages whose code is in the bundles: they ask to go wherever it goes. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGE = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const LICENCE = /^(licen[cs]e|notice)(\.|$)/i;

/**
 * @param file to be written
 * @param modules files that the bundles were made of
 * @throws Error where a package has no licence to give
 */
export function writeNotices(file: string, modules: Iterable<string>): void {
  const folders = new Set([...modules].flatMap((id) => PACKAGE.exec(id)?.[1] ?? []));
  const notices = [...folders].filter((folder) => existsSync(join(folder, "package.json"))).map(noticeOf);
  writeFileSync(file, `The bundles hold code of these packages.\n\n${notices.sort().join("\n\n")}\n`);
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
  };
  const texts = readdirSync(folder)
    .filter((entry) => LICENCE.test(entry))
    .map((entry) => readFileSync(join(folder, entry), "utf8").trim());
  if (texts.length === 0 && license === undefined) throw new Error(`${name} has no licence`);
  return [`## ${name} ${version} (${license ?? "see below"})`, ...texts].join("\n\n");
}
