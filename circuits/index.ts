/** The catalogue of topologies. Adding one is a file and a line here. */
export { convolutional, type ConvolutionalLayer, type ConvolutionalOptions } from "./convolutional";
export { layered, layerNames, type LayeredOptions } from "./layered";
export type { LayeredProjection, LayerName, LoopProjection } from "./layer-names";
export { loop } from "./loop";
export { nonideal, type NonidealOptions } from "./nonideal";
export { resistive, type ResistiveOptions } from "./resistive";
export { toy, type ToyOptions } from "./toy";
export { catalogue, type CatalogueEntry } from "./catalogue";
