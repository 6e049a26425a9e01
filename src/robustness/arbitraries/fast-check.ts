/**
 * fast-check, which users bring: loaded when an arbitrary or a property is made, and not before, so that the
 * laws and the search for the weakest point do without. By `require`, since what makes an arbitrary returns
 * it at once; the copy is that of a user's tests.
 */
import type fastCheck from "fast-check";
import { OhmletError } from "../../errors";
import { requireFastCheck } from "./load-fast-check";

export type FastCheck = typeof fastCheck;

let loaded: FastCheck | undefined;

/** @throws OhmletError PROPERTY-PACKAGE where it is not installed */
function load(): FastCheck {
  try {
    return (loaded ??= (requireFastCheck() as { readonly default: FastCheck }).default);
  } catch (error) {
    if (
      !(
        error instanceof Error &&
        "code" in error &&
        (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND")
      )
    )
      throw error;
    throw new OhmletError({
      code: "PROPERTY-PACKAGE",
      fact: 'the optional package "fast-check" is not installed here',
      place: { where: "ohmlet/robustness" },
      remedy: "npm install --save-dev fast-check;  laws and weakestPoint need none",
    });
  }
}

/** As `import fc from "fast-check"`, from the first use on. */
export const fc: FastCheck = new Proxy({} as FastCheck, {
  get: (_, key) => Reflect.get(load(), key) as unknown,
});

/** An arbitrary that is made when it is first asked for something. */
export function lazily<T>(make: () => fastCheck.Arbitrary<T>): fastCheck.Arbitrary<T> {
  let made: fastCheck.Arbitrary<T> | undefined;
  const own = (): fastCheck.Arbitrary<T> => (made ??= make());
  return new Proxy({} as fastCheck.Arbitrary<T>, {
    get(_, key) {
      const value = Reflect.get(own(), key) as unknown;
      return typeof value === "function" ? (value.bind(own()) as unknown) : value;
    },
    has: (_, key) => key in own(),
    getPrototypeOf: () => Object.getPrototypeOf(own()) as object,
  });
}
