/**
 * Values as they come: bytes as long as all are whole numbers of 0…255, float32 from the first other one on.
 */
import type { Stored } from "../range";

export class ValueStore {
  #values: Stored;
  #length = 0;
  #bytes = true;

  /** @param most how many there can be: no memory is touched before they come */
  constructor(most: number) {
    this.#values = new Uint8Array(most);
  }

  push(value: number): void {
    if (this.#bytes && (value & 255) !== value) {
      const floats = new Float32Array(this.#values.length);
      floats.set(this.#values.subarray(0, this.#length));
      this.#values = floats;
      this.#bytes = false;
    }
    this.#values[this.#length++] = value;
  }

  /** The values in their final length; of rows of `width`, only these columns. */
  end(width: number, kept: readonly number[]): Stored {
    const values = this.#values;
    if (kept.length < width) {
      const rows = this.#length / width;
      for (let row = 0, to = 0; row < rows; row++)
        for (const column of kept) values[to++] = values[row * width + column];
      this.#length = rows * kept.length;
    }
    return values.slice(0, this.#length);
  }
}
