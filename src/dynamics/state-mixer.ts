/** Anderson mixing of the whole state of a program: all populations, both planes, each row on its own. */
import type { Executable } from "../engines/engine";
import { Anderson } from "./anderson";
import type { Layout, PlanShape } from "./layout";

interface Part {
  /** The state buffer, its width, and its place in a row of the whole state. */
  readonly name: string;
  readonly size: number;
  readonly offset: number;
  /** What is written back, kept. */
  readonly values: Float64Array;
}

export class StateMixer {
  private readonly parts: Part[] = [];
  private readonly width: number;
  private readonly mixer: Anderson;
  private readonly now: Float64Array;
  private readonly next: Float64Array;

  constructor(private readonly exe: Executable, layout: Layout, private readonly shape: PlanShape) {
    const { rows, complex } = shape;
    let offset = 0;
    for (const [name, size] of stateBuffers(layout, complex)) {
      this.parts.push({ name, size, offset, values: new Float64Array(rows * size) });
      offset += size;
    }
    this.width = offset;
    this.mixer = new Anderson(rows, this.width);
    this.now = new Float64Array(rows * this.width);
    this.next = new Float64Array(rows * this.width);
  }

  /** Takes the state that the first step starts from. */
  async begin(): Promise<void> {
    await this.gather(this.now);
  }

  /** Replaces the state that the last step reached by a mix of it and those before. */
  async mix(): Promise<void> {
    await this.gather(this.next);
    this.mixer.mix(this.now, this.next);
    for (const { name, size, offset, values } of this.parts) {
      for (let row = 0; row < this.shape.rows; row++) {
        const at = row * this.width + offset;
        values.set(this.now.subarray(at, at + size), row * size);
      }
      this.exe.write(name, values);
    }
  }

  private async gather(into: Float64Array): Promise<void> {
    for (const { name, size, offset } of this.parts) {
      const values = await this.exe.read(name);
      for (let row = 0; row < this.shape.rows; row++) into.set(values.subarray(row * size, (row + 1) * size), row * this.width + offset);
    }
  }
}

function stateBuffers(layout: Layout, complex: boolean): [name: string, size: number][] {
  return layout.populations.flatMap((p) => (complex ? ["", "i"] : [""]).map((plane): [string, number] => [`u${p.index}${plane}`, p.population.size]));
}

/** The program's state buffers by name. */
export async function readStates(exe: Executable, layout: Layout, complex: boolean): Promise<Map<string, Float64Array>> {
  const states = new Map<string, Float64Array>();
  for (const [name] of stateBuffers(layout, complex)) states.set(name, await exe.read(name));
  return states;
}
