/** Whether a test is about an engine: one of its suites is "simd" or "simd conforms to the reference". */
export const isAbout = (test: string, engine: string): boolean =>
  test.split(" > ").some((part) => part.split(" ")[0] === engine);
