/**
 * Where a drive holds a neuron, by its field alone. How fast a linear leak is shows anywhere; that of a diode
 * only where it conducts, and what drives a neuron leads it there.
 */

/** States that are looked at: 2^-60 to 2^60 units; and halvings of what lies between two of them. */
const [FIRST_STATE, LAST_STATE, HALVINGS] = [-60, 60, 40];

/**
 * A leak that is this much flatter there than on the way holds nothing: it saturates, and only rounding
 * balances the drive.
 */
const FLAT = 1e-6;

/**
 * The first state on its way from rest at which a unit stands still; NaN where there is none. @param field
 * du/dt at a state @param slope its derivative
 */
export function heldAt(field: (u: number) => number, slope: (u: number) => number): number {
  const way = Math.sign(field(0));
  const goesOn = (u: number): boolean => way * field(u) > 0;
  let [low, high] = [0, 0];
  for (let power = FIRST_STATE; power <= LAST_STATE; power++) {
    [low, high] = [high, way * 2 ** power];
    if (goesOn(high)) continue;
    // Beyond what can be computed nothing is known.
    if (Number.isNaN(field(high))) return Number.NaN;
    for (let k = 0; k < HALVINGS; k++) {
      const middle = (low + high) / 2;
      if (goesOn(middle)) low = middle;
      else high = middle;
    }
    const held = (low + high) / 2;
    return Math.abs(slope(held) * held) > FLAT * Math.abs(field(0)) ? held : Number.NaN;
  }
  return Number.NaN;
}
