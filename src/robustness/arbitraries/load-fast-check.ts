/** The one line that modules have otherwise (tools/bundle.ts): they have no `require`, but may wait. */
export const requireFastCheck = (): unknown => require("fast-check");
