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

  /** Of plain data; numbers that JSON does not know included. */
  ofData(data: unknown): string {
    return this.of(JSON.stringify(data, exact));
  }
}

const exact = (_: string, value: unknown): unknown =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? { number: Object.is(value, -0) ? "-0" : String(value) }
    : value;
