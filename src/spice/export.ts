/**
 * A chip as a netlist that SPICE runs: the equations of its neurons as sources of current at a capacitor each, by the
 * expressions that everything else is made of, and what of them is a diode as one; conductances as resistors, what only drives as sources that voltages
 * control. Units that are no volts count as volts. What cannot be said so is refused by name.
 *
 * Nodes: the population's name, a number, with "_out" for what a unit shows where that is not its state: an amplifier,
 * a source of the voltage that it shows, of which what comes back is led through a source of 0 V.
 */
import { BACK, readsBack, showsState, terminalOf } from "../circuit/amplifiers";
import type { Chip, Circuit, Population, Projection } from "../circuit/chip-types";
import type { Neuron } from "../device/types";
import { isDoubled, targetsOf } from "../circuit/targets";
import { partsOfInputs } from "../circuit/inputs";
import { ownerOf } from "../circuit/owner";
import { differentiate } from "../equations/differentiate";
import { evaluate } from "../equations/evaluate";
import {
  add,
  multiply,
  number,
  substitute,
  subtract,
  symbol,
  symbolsOf,
  type Expression,
} from "../equations/expression";
import { simplify } from "../equations/simplify";
import { OhmletError } from "../errors";
import { check, optionsOf } from "../options";
import { eachUse } from "../program/connections";
import { CONSTANTS } from "../units/constants";
import { CONSTANTS as CODATA } from "./diode";
import { junctionOf, termsOf } from "./junctions";
import { expressionOf, refused } from "./neuron-text";

/** What a chip is given and what is asked. */
export interface ExportOptions {
  /** Clamped data of one sample, [input size]. */
  readonly inputs: ArrayLike<number>;
  /** Of a nudged output, [output size]. */
  readonly targets?: ArrayLike<number>;
  /** Teaching amplitude, in multiples of the unit drive, as phases take it. Default 0. */
  readonly nudge?: number;
  /** Hertz: the nudge then is its amplitude times a cosine. */
  readonly frequency?: number;
  /** Seconds (or units of time) of a transient from 0, and the step that it is told at. Default: the operating point. */
  readonly transient?: { readonly step: number; readonly stop: number };
  /** Further lines before .end. */
  readonly lines?: readonly string[];
}

const readOptions = optionsOf<ExportOptions>("netlistOf", {
  needs: { inputs: check.anything },
  takes: {
    targets: check.anything,
    nudge: check.numeric,
    frequency: check.positive,
    transient: check.anything,
    lines: check.list(check.text),
  },
});

/** Most lines: a million of them is refused by readers. */
const MOST_SYNAPSES = 900_000;

/**
 * The netlist of a chip for one sample.
 * @throws OhmletError SPICE-DEVICE for what SPICE has no element for, SPICE-SHAPE, SPICE-SIZE
 */
export function netlistOf(chip: Chip, options: ExportOptions): string {
  return new Netlist(chip, readOptions(options)).text();
}

class Netlist {
  private readonly circuit: Circuit;
  private readonly lines: string[] = [];

  constructor(
    private readonly chip: Chip,
    private readonly options: ExportOptions,
  ) {
    this.circuit = chip.circuit;
    const { circuit } = this;
    expectLength(circuit, "inputs", options.inputs, circuit.inputSize);
    if (this.nudge !== 0) expectLength(circuit, "targets", options.targets ?? [], targetsOf(circuit));
    const synapses = circuit.projections.reduce((sum, { array }) => sum + array.pre * array.post, 0);
    if (synapses > MOST_SYNAPSES)
      throw new OhmletError({
        code: "SPICE-SIZE",
        fact: `${synapses} synapses take a line each, at most ${MOST_SYNAPSES} are written`,
        place: { where: circuit.name },
        remedy: "export a smaller circuit",
      });
  }

  private get nudge(): number {
    return this.options.nudge ?? 0;
  }

  text(): string {
    const { circuit, options, lines } = this;
    this.clamped();
    for (const population of circuit.populations) if (!population.clamped) this.neurons(population);
    circuit.projections.forEach((projection, index) => this.synapses(projection, index));
    if (this.nudge !== 0) this.nudges();
    const { transient } = options;
    return [
      `* ${printable(circuit.name)}, seed ${this.chip.seed}, by ohmlet`,
      ...lines,
      ...(options.lines ?? []),
      transient === undefined ? ".op" : `.tran ${transient.step} ${transient.stop} uic`,
      ".end",
      "",
    ].join("\n");
  }

  private clamped(): void {
    const parts = partsOfInputs(this.circuit, this.options.inputs);
    for (const { name, neuron } of this.circuit.inputs)
      parts.get(name)?.forEach((data, i) => {
        const shown =
          neuron === null ? data : evaluate(this.own(neuron.rho, name, i, neuron.name), { u: data });
        this.lines.push(`v_${nodeOf(name, i)} ${nodeOf(name, i)} 0 dc ${shown}`);
      });
  }

  /** C du/dt = sum of currents: the capacitor is what a unit of current is to the rate. */
  private neurons({ name, size, neuron }: Population): void {
    if (neuron === null) return;
    const { dynamics } = neuron;
    if (dynamics.kind !== "continuous") throw refused(neuron.name, "is a map, which knows no time");
    if (Object.keys(neuron.internal).length > 0) throw refused(neuron.name, "has a state beside u");
    if (neuron.bounds !== null) throw refused(neuron.name, "has bounds");
    const perCurrent = simplify(differentiate(dynamics.drift, "I"));
    if (["u", "I", "I_nudge", BACK].some((port) => symbolsOf(perCurrent).has(port)))
      throw refused(neuron.name, "weighs its drive by its state");
    if (dynamics.diffusion !== null)
      this.lines.push(
        `* noise of ${printable(name)} is left out: an operating point and a transient have none`,
      );
    for (let i = 0; i < size; i++) {
      const node = nodeOf(name, i);
      const rate = evaluate(this.own(perCurrent, name, i, neuron.name), {});
      const alone = substitute(dynamics.drift, (port) =>
        port === "I" || port === "I_nudge" ? number(0) : undefined,
      );
      const own = simplify(this.own(alone, name, i, neuron.name));
      const ports = { u: `v(${node})`, [BACK]: `i(v_${node}_back)` };
      this.lines.push(`c_${node} ${node} 0 ${1 / rate} ic=0`);
      const rest = this.junctions(own, node, 1 / rate);
      if (!(rest.kind === "number" && rest.value === 0))
        this.lines.push(`b_${node} 0 ${node} i=(${expressionOf(rest, ports)})*${1 / rate}`);
      if (!this.isAmplifier(neuron)) continue;
      const shown = expressionOf(this.own(neuron.rho, name, i, neuron.name), ports);
      // What comes back to an output flows through a source of 0 V, which tells it.
      const held = readsBack(neuron) ? `${node}_held` : `${node}_out`;
      if (readsBack(neuron)) this.lines.push(`v_${node}_back ${node}_out ${held} dc 0`);
      this.lines.push(`b_${node}_out ${held} 0 v=${shown}`);
    }
  }

  /**
   * Writes the diodes of a neuron's own motion as such, and returns what else there is: less the conductance that SPICE
   * puts beside each.
   */
  private junctions(own: Expression, node: string, capacitance: number): Expression {
    // Of u alone, and of what comes back as well.
    let [alone, others] = [number(0), number(0)];
    let found = 0;
    for (const { term, factor } of termsOf(own)) {
      const junction = junctionOf(term, factor * capacitance);
      if (junction === null) {
        const part = multiply(number(factor), term);
        if (symbolsOf(term).has(BACK)) others = add(others, part);
        else alone = add(alone, part);
        continue;
      }
      const { rail, up, saturation, thermal } = junction;
      const [own, other] = [node, rail === 0 ? "0" : this.railOf(rail)];
      const [anode, cathode] = up ? [own, other] : [other, own];
      this.lines.push(`d_${node}_${found++} ${anode} ${cathode} ${this.modelOf(saturation, thermal)}`);
      alone = add(alone, multiply(number(GMIN / capacitance), subtract(symbol("u"), number(rail))));
    }
    // What rounding leaves of a conductance that is beside it here as there is none.
    return simplify(found > 0 && isNothing(alone, capacitance) ? others : add(alone, others));
  }

  private readonly rails = new Map<number, string>();
  private readonly models = new Map<string, string>();

  private railOf(volts: number): string {
    const known = this.rails.get(volts);
    if (known !== undefined) return known;
    const name = `rail_${this.rails.size}`;
    this.rails.set(volts, name);
    this.lines.push(`v_${name} ${name} 0 dc ${volts}`);
    return name;
  }

  private modelOf(saturation: number, thermal: number): string {
    const values = `is=${saturation} n=${thermal / THERMAL}`;
    const known = this.models.get(values);
    if (known !== undefined) return known;
    const name = `dm_${this.models.size}`;
    this.models.set(values, name);
    this.lines.push(`.model ${name} d(${values})`);
    return name;
  }

  /** Whether synapses see a terminal of its own. */
  private isAmplifier(neuron: Neuron): boolean {
    return !showsState(neuron) || readsBack(neuron);
  }

  private synapses(projection: Projection, index: number): void {
    const { name, from, to, synapse, array, wiring } = projection;
    if (wiring !== null && wiring.pool !== null) throw refused(name, "pools");
    // What ends at an amplifier's output is its forward projection, seen from there; where that passes nothing on, nothing.
    if (terminalOf(projection) === "none" || this.isOtherEnd(projection)) return;
    if (synapse.readNoise !== null) this.lines.push(`* read noise of ${printable(name)} is left out`);
    const { weights, biases } = this.chip.weights(name);
    const unit = this.chip.unitDriveOf(to.name);
    const one = this.isResistor(projection);
    const put = (pre: number, post: number, at: number): void => {
      // Between two nodes there is one wire.
      if (projection.couples !== null && pre >= post) return;
      const g = weights[at] * unit;
      if (g === 0) return;
      const [a, b] =
        projection.couples?.side === "rows"
          ? [this.shownOf(from, pre), this.shownOf(to, post)]
          : [
              projection.couples === null ? this.shownOf(from, pre) : nodeOf(from.name, pre),
              nodeOf(to.name, post),
            ];
      const key = `${index}_${pre}_${post}`;
      // A current out of 0 into the node.
      if (one && g > 0) this.lines.push(`r${key} ${a} ${b} ${1 / g}`);
      else this.lines.push(`g${key} 0 ${b} ${a} ${synapse.loads ? b : 0} ${g}`);
    };
    if (wiring === null)
      for (let i = 0; i < from.size; i++) for (let j = 0; j < to.size; j++) put(i, j, i * to.size + j);
    else
      eachUse(wiring.members[0], array.post, (pre, post, at) =>
        wiring.backwards ? put(post, pre, at) : put(pre, post, at),
      );
    if (biases === null) return;
    if (wiring !== null && wiring.biases !== null)
      eachUse(wiring.biases, array.post, (_, post, at) => this.bias(index, to, post, biases[at] * unit));
    else biases.forEach((b, post) => this.bias(index, to, post, b * unit));
  }

  private bias(index: number, to: Population, post: number, amperes: number): void {
    if (amperes !== 0) this.lines.push(`i${index}_${post} 0 ${nodeOf(to.name, post)} dc ${amperes}`);
  }

  /** Whether a conductance is one device between two nodes: from a source, or both ways alike between states. */
  private isResistor(projection: Projection): boolean {
    const { from, synapse } = projection;
    if (!synapse.loads) return false;
    return (
      projection.couples !== null ||
      from.clamped ||
      this.isStiff(from) ||
      this.otherEnd(projection) !== undefined
    );
  }

  /** Whether what comes back to a population's outputs changes nothing. */
  private isStiff({ neuron }: Population): boolean {
    return neuron !== null && !showsState(neuron) && !readsBack(neuron);
  }

  /** The same conductances seen from their other end. */
  private otherEnd({ name, from, to, spec }: Projection): Projection | undefined {
    return this.circuit.projections.find(
      (p) =>
        terminalOf(p) !== "none" &&
        (terminalOf(p) === "output" ||
          [from, to].every(({ neuron }) => neuron !== null && showsState(neuron))) &&
        p.name !== name &&
        ownerOf(p) === name &&
        p.from === to &&
        p.to === from &&
        !spec.asymmetry &&
        !p.spec.asymmetry &&
        this.chip.gains(p.name) === null &&
        this.chip.gains(name) === null &&
        this.chip.unitDriveOf(from.name) === this.chip.unitDriveOf(to.name),
    );
  }

  private isOtherEnd(projection: Projection): boolean {
    if (!projection.synapse.loads || ownerOf(projection) === projection.name) return false;
    return this.otherEnd(this.circuit.projection(ownerOf(projection))) === projection;
  }

  /** I_nudge = -beta dC/d(argument), in unit drives. */
  private nudges(): void {
    const { chip, circuit, options } = this;
    const { output } = circuit;
    const { cost } = circuit.spec;
    if (cost.kind !== "squared-error") throw refused(circuit.name, `has a cost of ${cost.kind}`);
    const { neuron } = output;
    if (neuron === null || neuron.dynamics.kind !== "continuous") return;
    const share = simplify(differentiate(neuron.dynamics.drift, "I_nudge"));
    const perCurrent = simplify(differentiate(neuron.dynamics.drift, "I"));
    const beta = this.nudge * (cost.ascend ? -1 : 1) * chip.unitDriveOf(output.name);
    for (let i = 0; i < output.size; i++) {
      const node = nodeOf(output.name, i);
      const [by, per] = [share, perCurrent].map((e) => {
        if (symbolsOf(e).has("u")) throw refused(neuron.name, "weighs its nudge by its state");
        return evaluate(this.own(e, output.name, i, neuron.name), {});
      });
      const wave = options.frequency === undefined ? "" : `*cos(${2 * Math.PI * options.frequency}*time)`;
      const width = targetsOf(circuit);
      const [pair, sign] = [i % width, i < width ? 1 : -1];
      const seen = (k: number): string =>
        cost.argument === "state" ? nodeOf(output.name, k) : this.shownOf(output, k);
      const compared = isDoubled(circuit) ? `v(${seen(pair)})+v(${seen(pair + width)})` : `v(${seen(i)})`;
      const error = `(${Number(options.targets?.[pair])}-${compared})`;
      this.lines.push(`b_nudge_${i} 0 ${node} i=${(sign * beta * by) / per}*${error}${wave}`);
    }
  }

  private shownOf({ name, neuron, clamped }: Population, i: number): string {
    return clamped || neuron === null || !this.isAmplifier(neuron)
      ? nodeOf(name, i)
      : `${nodeOf(name, i)}_out`;
  }

  /** An expression with a unit's own parameters put in: u is left. */
  private own(e: Expression, population: string, unit: number, device: string): Expression {
    const parameters = this.chip.parametersOf(population);
    return substitute(e, (name) => {
      if (name === "u" || name === BACK) return undefined;
      const value = parameters[name] ?? CONSTANTS[name]?.value;
      if (value === undefined) throw refused(device, `reads ${name}`);
      return number(typeof value === "number" ? value : value[unit]);
    });
  }
}

/** Letters, digits and lines below: a name of a node that no reader takes apart. */
const nodeOf = (population: string, unit: number): string =>
  `${population.toLowerCase().replace(/[^a-z0-9]/g, "_")}_${unit}`;

/** S: what SPICE has beside every junction. */
const GMIN = 1e-12;
/** V, at the 27 C that a netlist is at unless it says otherwise. */
const THERMAL = (CODATA.boltzmann * 300.15) / CODATA.charge;

/** Whether a current is below what rounding makes of the conductances beside junctions, over any voltage there is. */
const isNothing = (rest: Expression, capacitance: number): boolean =>
  [-1e3, -1, 0, 1, 1e3].every(
    (u) => Math.abs(capacitance * evaluate(rest, { u })) <= 1e-9 * GMIN * (1 + Math.abs(u)),
  );

const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, " ").slice(0, 200);

function expectLength({ name }: Circuit, what: string, values: ArrayLike<number>, size: number): void {
  if (values.length === size) return;
  throw new OhmletError({
    code: "SPICE-SHAPE",
    fact: `there are ${values.length} ${what}, and one sample has ${size}`,
    place: { where: name },
    remedy: `give ${size} numbers`,
  });
}
