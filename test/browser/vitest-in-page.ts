/**
 * What the conformance suite uses of vitest, for a page: the same test files run there, with vitest's own
 * `expect`. Tests are gathered when their files load and run one by one; nothing is printed.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";

/** How a test went, with the names of its suites and its own, joined by " > ". */
export interface TestResult {
  readonly name: string;
  readonly milliseconds: number;
  /** Why it failed; absent where it passed. */
  readonly error?: string;
}

type Body = (...values: never[]) => unknown;
interface Suite {
  readonly name: string;
  readonly tests: { readonly name: string; readonly body: () => unknown }[];
  readonly suites: Suite[];
  readonly before: (() => unknown)[];
  readonly after: (() => unknown)[];
}

const suiteNamed = (name: string): Suite => ({ name, tests: [], suites: [], before: [], after: [] });
const root = suiteNamed("");
let current = root;
/** Settles when all outermost suites so far are gathered. */
let gathered: Promise<unknown> = Promise.resolve();

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
export const expect: Record<string, unknown> & ((value: unknown, message?: string) => unknown) =
  Object.assign(
    (value: unknown, message?: string) => chai.expect(value, message),
    chai.expect,
    (globalThis as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
  ) as never;
(globalThis as Record<symbol, unknown>)[GLOBAL_EXPECT] = expect;
setState(
  { assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null },
  expect as never,
);

function gather(name: string, body: () => unknown): void {
  const suite = suiteNamed(name);
  const parent = current;
  parent.suites.push(suite);
  // Only an outermost suite may wait for something before it knows its tests; those within it are read at
  // once.
  const enter = (): unknown => {
    current = suite;
    return body();
  };
  const leave = (): unknown => (current = parent);
  if (parent === root) gathered = gathered.then(enter).then(leave);
  else {
    enter();
    leave();
  }
}

/** `%s`, `%j` and `$key` in a title. */
function titled(title: string, values: readonly unknown[]): string {
  const rest = [...values];
  const named = title.replaceAll(/\$(\w+)/g, (whole, key: string) =>
    String((values[0] as Record<string, unknown> | null)?.[key] ?? whole),
  );
  return named.replaceAll(/%[sj]/g, () => String(rest.shift()));
}

const each =
  (add: (name: string, body: () => unknown) => void) =>
  (table: readonly unknown[]) =>
  (title: string, body: Body): void => {
    for (const row of table) {
      const values = Array.isArray(row) ? row : [row];
      add(titled(title, values), () => body(...(values as never[])));
    }
  };

const add = (name: string, body: () => unknown): unknown => current.tests.push({ name, body });
export const describe = Object.assign(gather, { each: each(gather) });
export const it = Object.assign(add, { each: each(add) });
export const beforeAll = (body: () => unknown): unknown => current.before.push(body);
export const afterAll = (body: () => unknown): unknown => current.after.push(body);

/** Loads a file of tests and waits until its suites are known: two files must not be gathered at once. */
export async function loadTests(load: () => Promise<unknown>): Promise<void> {
  await load();
  await gathered;
}

/** Runs every test whose full name `wanted` accepts. */
export async function runTests(wanted: (name: string) => boolean): Promise<TestResult[]> {
  const results: TestResult[] = [];
  await runSuite(root, "", wanted, results);
  return results;
}

async function runSuite(
  suite: Suite,
  path: string,
  wanted: (name: string) => boolean,
  results: TestResult[],
): Promise<void> {
  const own = suite.tests
    .map((test) => ({ ...test, full: path + test.name }))
    .filter(({ full }) => wanted(full));
  if (own.length > 0) for (const body of suite.before) await body();
  for (const { full, body } of own) {
    const start = performance.now();
    let error: string | undefined;
    try {
      await body();
    } catch (thrown) {
      error = thrown instanceof Error ? `${thrown.message}\n${String(thrown.cause ?? "")}` : String(thrown);
    }
    results.push({
      name: full,
      milliseconds: performance.now() - start,
      ...(error === undefined ? {} : { error }),
    });
  }
  for (const inner of suite.suites) await runSuite(inner, `${path}${inner.name} > `, wanted, results);
  if (own.length > 0) for (const body of suite.after) await body();
}
