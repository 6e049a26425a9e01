/** What is taken of a training so that another can go on from it. */
export { restore, takeCheckpoint } from "./checkpoint";
export { identityOf } from "./identity";
