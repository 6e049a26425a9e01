/**
 * How a page of the tests, or its worker, hears and answers. The types of a browser are not among those of
 * this project.
 */
interface Page {
  /**
   * Of a worker: the query that it was given. A worker with a query in its address would load the page's
   * script a second time.
   */
  readonly name: string;
  readonly location: { readonly search: string };
  readonly Worker: new (
    url: string,
    options: { readonly type: "module"; readonly name: string },
  ) => { addEventListener(event: "error", listener: (error: { readonly message: string }) => void): void };
}

const page = globalThis as unknown as Page;

/** A value of the query, "" where it has none. */
export const asked = (name: string): string =>
  new URLSearchParams(page.name || page.location.search).get(name) ?? "";

const send = (path: string, body: unknown): Promise<Response> =>
  fetch(path, { method: "POST", body: JSON.stringify(body) });

/** Posts what comes of the work, or the fault that ended it. */
export function post(work: Promise<unknown>): void {
  void work.then(
    (found) => send("/report", found),
    (error: Error) => send("/failure", { message: error.stack ?? error.message }),
  );
}

/** Runs the page's script once more, in a worker, which then posts. */
export function moveToWorker(query: string): void {
  const worker = new page.Worker("/page.js", { type: "module", name: query });
  worker.addEventListener("error", ({ message }) => post(Promise.reject(new Error(message))));
}
