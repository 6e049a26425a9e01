/**
 * Short names of what is computed, by its content: what does the same has the same name, whoever asks for it,
 * so that a pipeline built for one executable serves all that are alike.
 */
export class Names {
  private readonly known = new Map<string, string>();

  of(content: string): string {
    let name = this.known.get(content);
    if (name === undefined) this.known.set(content, (name = `#${this.known.size}`));
    return name;
  }

  /**
   * Of plain data; numbers that JSON does not know included. Parts are named before what they are parts of, each once:
   * expressions share theirs, and written out they would have no end; and they are deeper than calls go.
   */
  ofData(data: unknown): string {
    const named = new Map<unknown, string>();
    const nameOf = (value: unknown): string => named.get(value) ?? plain(value);
    const open: unknown[] = [data];
    while (open.length > 0) {
      const value = open[open.length - 1];
      if (!isObject(value) || named.has(value)) {
        open.pop();
        continue;
      }
      const entries = Object.entries(value);
      const missing = entries.filter(([, part]) => isObject(part) && !named.has(part));
      if (missing.length > 0) {
        for (const [, part] of missing) open.push(part);
        continue;
      }
      const kind = Array.isArray(value) ? "list" : "";
      named.set(
        value,
        this.of(`${kind}{${entries.map(([key, part]) => `${JSON.stringify(key)}:${nameOf(part)}`).join()}}`),
      );
      open.pop();
    }
    return isObject(data) ? nameOf(data) : this.of(plain(data));
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Of what has no parts. */
const plain = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : String(value);
