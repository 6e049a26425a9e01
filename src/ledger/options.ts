/** What the user names for the ledger: what no device says, such as the voltage of a pulse. */
import { OhmletError } from "../errors";
import { check, optionsOf } from "../options";
import { parseIn } from "../units/parse";
import type { Dimension } from "../units/quantity";

/** What energy and area are counted with. */
export interface LedgerOptions {
  /** Converters: so many bits, and the energy of a conversion over 2^bits (Walden's figure of merit), "20 fJ". */
  readonly converter?: { readonly bits: number; readonly perStep: number | string };
  /** The voltage of a write or a pulse, "3.2 V", and how long it is where programming does not say so. */
  readonly pulse?: { readonly voltage: number | string; readonly width?: number | string };
  /** The voltage from which devices that are no conductances draw the currents that they drive, "1 V". */
  readonly supply?: number | string;
  /**
   * Pelgrom's constant, "0.01 um" for 1 % at a square micrometre: the area that the mismatch of a parameter
   * takes where it does not say its own.
   */
  readonly matching?: number | string;
}

/** The same, in SI; null where nothing is named. */
export interface LedgerTerms {
  readonly converter: { readonly bits: number; readonly joules: number } | null;
  readonly pulse: { readonly volts: number; readonly seconds: number } | null;
  /** Volts. */
  readonly supply: number | null;
  /** Metres. */
  readonly matching: number | null;
}

const [JOULE, VOLT, SECOND, METRE]: Dimension[] = [
  [1, 2, -2, 0, 0],
  [1, 2, -3, -1, 0],
  [0, 0, 1, 0, 0],
  [0, 1, 0, 0, 0],
];

const readConverter = optionsOf<NonNullable<LedgerOptions["converter"]>>("ledger, converter", {
  needs: { bits: check.whole(1), perStep: check.quantity },
});
const readPulse = optionsOf<NonNullable<LedgerOptions["pulse"]>>("ledger, pulse", {
  needs: { voltage: check.quantity },
  takes: { width: check.quantity },
});
const readOptions = optionsOf<LedgerOptions>("ledger", {
  takes: {
    converter: check.part(readConverter),
    pulse: check.part(readPulse),
    supply: check.quantity,
    matching: check.quantity,
  },
});

const MOST_BITS = 24;
/** In SI: of what no chip has more. */
const MOST = 1e6;

/**
 * @param width how long a pulse is where its own terms do not say so: that of programming
 * @throws OhmletError LEDGER-TERM, UNIT-…, OPTION-…
 */
export function ledgerTermsOf(options: LedgerOptions = {}, width?: number | string): LedgerTerms {
  const { converter, pulse, supply, matching } = readOptions(options);
  const lasts = pulse?.width ?? width;
  if (pulse !== undefined && lasts === undefined)
    throw fault("a pulse of no length", "pulse", "say how long it is: width: 300 us");
  if (pulse?.width !== undefined && width !== undefined)
    throw fault(
      "a length that programming says, too",
      "pulse.width",
      "leave it out: the width of programming is counted with",
    );
  if (converter !== undefined && converter.bits > MOST_BITS)
    throw fault(`${converter.bits} bits`, "converter", `give 1 to ${MOST_BITS} bits`);
  return {
    converter:
      converter === undefined
        ? null
        : {
            bits: converter.bits,
            joules: amount(converter.perStep, JOULE, "converter.perStep", "20 fJ"),
          },
    pulse:
      pulse === undefined
        ? null
        : {
            volts: amount(pulse.voltage, VOLT, "pulse.voltage", "3.2 V"),
            seconds: amount(lasts ?? 0, SECOND, "pulse.width", "300 us"),
          },
    supply: supply === undefined ? null : amount(supply, VOLT, "supply", "1 V"),
    matching: matching === undefined ? null : amount(matching, METRE, "matching", "0.01 um"),
  };
}

function amount(text: number | string, dimension: Dimension, what: string, example: string): number {
  const value = parseIn(text, dimension, `ledger, ${what}`);
  if (value > 0 && value <= MOST) return value;
  throw fault(String(text), what, `give more than 0 and no more than a million, such as ${example}`);
}

const fault = (given: string, what: string, remedy: string): OhmletError =>
  new OhmletError({
    code: "LEDGER-TERM",
    fact: `${given} cannot be counted with`,
    place: { where: `ledger, ${what}` },
    remedy,
  });
