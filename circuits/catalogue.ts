/**
 * Circuits by name, for the command line: each topology at its usual size, with the devices that its source
 * uses.
 */
import { diodeNode, energyBased, ideal, leakyIntegrator, prototypical, shiftedSigmoid } from "../devices";
import type { Circuit } from "../src/index";
import { convolutional } from "./convolutional";
import { layered } from "./layered";
import { loop } from "./loop";
import { nonideal } from "./nonideal";
import { resistive } from "./resistive";
import { toy } from "./toy";

/** A topology of the catalogue: how the command line calls it, and how it is built. */
export interface CatalogueEntry {
  readonly name: string;
  readonly summary: string;
  /** Builds the circuit at its usual size; each call gives a new one. */
  build(): Circuit;
}

const state = { kind: "squared-error", argument: "state" } as const;
const readout = { kind: "cross-entropy", argument: "activity", classes: 10, ascend: true } as const;

/**
 * The topologies that `ohmlet circuits` lists, in that order: the default chip first, then those of the
 * papers, each with the devices of its source.
 */
export const catalogue: readonly CatalogueEntry[] = [
  {
    name: "nonideal",
    summary:
      "the default chip: soft neurons with thermal noise, leaky crossbars, 5 % mismatch, feedback at " +
      "20 degrees",
    build: () => nonideal(),
  },
  {
    name: "vector-field",
    summary: "Scellier 2018: leaky integrators with feedback weights of their own",
    build: () =>
      layered([784, 512, 512, 10], {
        name: "vector-field",
        neuron: leakyIntegrator(),
        input: leakyIntegrator(),
        synapse: ideal(),
        feedback: "untied",
        cost: state,
      }),
  },
  {
    name: "energy-based",
    summary: "Ernoult 2019, EB-1h: tied weights, a gradient field",
    build: () =>
      layered([784, 512, 10], {
        name: "energy-based",
        neuron: energyBased({ rho: "sigmoid", clip: [0, 1] }),
        input: energyBased({ rho: "sigmoid" }),
        synapse: ideal(),
        initial: { distribution: "fan-in" },
        cost: state,
      }),
  },
  {
    name: "prototypical",
    summary: "Ernoult 2019, P-2h: a discrete map with tied weights",
    build: () =>
      layered([784, 512, 512, 10], {
        name: "prototypical",
        neuron: prototypical(),
        synapse: ideal(),
        initial: { distribution: "fan-in" },
        cost: state,
      }),
  },
  {
    name: "convolutional",
    summary: "Ernoult 2019, P-conv: 5x5 kernels, 32 and 64 of them, the largest of 2x2; a discrete map",
    build: () =>
      convolutional({
        name: "convolutional",
        shape: [28, 28, 1],
        layers: [32, 64].map((channels) => ({ channels, kernel: 5, pool: { kind: "max", window: 2 } })),
        outputs: 10,
        neuron: prototypical({ rho: "hard-sigmoid" }),
        synapse: ideal(),
        initial: { distribution: "fan-in" },
        cost: state,
      }),
  },
  {
    name: "holomorphic",
    summary: "Laborieux and Zenke 2023: shifted sigmoids, independent feedback, linear readout",
    build: () =>
      layered([784, 256, 256, 10], {
        name: "holomorphic",
        neuron: shiftedSigmoid(),
        synapse: ideal(),
        feedback: "untied",
        initial: { distribution: "lecun" },
        cost: readout,
      }),
  },
  {
    name: "loop",
    summary: "Laborieux and Zenke 2023, Fig. 4e: the output feeds the first hidden layer only",
    build: () =>
      loop([784, 256, 256, 10], { name: "loop", neuron: shiftedSigmoid(), synapse: ideal(), cost: readout }),
  },
  {
    name: "resistive",
    summary: "Kendall 2020: conductances and diodes, in volts; each pixel at a node of either sign",
    build: () =>
      resistive([784, 100, 10], {
        name: "resistive",
        neuron: diodeNode({ rails: "down", V_down: "500 mV" }),
        volts: 100,
        initial: { distribution: "fan-in" },
      }),
  },
  {
    name: "toy",
    summary: "Ernoult 2019, Fig. 3: 10 inputs, 50 hidden and 5 output units",
    build: () =>
      toy({ neuron: energyBased({ rho: "tanh" }), input: energyBased({ rho: "tanh" }), synapse: ideal() }),
  },
];
