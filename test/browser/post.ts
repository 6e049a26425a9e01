/** How a page of the tests hears and answers. The types of a browser are not among those of this project. */
const page = (globalThis as unknown as { readonly location: { readonly href: string } }).location;

/** A value of the address, "" where it has none. */
export const asked = (name: string): string => new URL(page.href).searchParams.get(name) ?? "";

const send = (path: string, body: unknown): Promise<Response> => fetch(path, { method: "POST", body: JSON.stringify(body) });

/** Posts what comes of the work, or the fault that ended it. */
export function post(work: Promise<unknown>): void {
  void work.then((found) => send("/report", found), (error: Error) => send("/failure", { message: error.stack ?? error.message }));
}
