/** What is used of Vite, whose own types need a module resolution that this project does not have. */
declare module "vite" {
  export interface Chunk {
    readonly type: "chunk";
    readonly fileName: string;
    readonly code: string;
    /** Files that are in it. */
    readonly moduleIds: readonly string[];
    readonly isEntry: boolean;
    readonly imports: readonly string[];
    readonly dynamicImports: readonly string[];
  }
  export interface Asset {
    readonly type: "asset";
    readonly fileName: string;
    readonly source: string;
  }
  export function build(
    config: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly output: readonly (Chunk | Asset)[] }>;
}
