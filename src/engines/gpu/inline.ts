/**
 * Expressions as kernel text, with tanh and the logistic function written out as rational functions. On
 * webasm a transcendental function is a call back into JavaScript for each element, about twenty times dearer
 * than the few products and one quotient here, and on the other backends its accuracy is the driver's affair.
 *
 * tanh(2y) = 2 t / (1 + t^2) with t = tanh(y) = p/q the seventh convergent of Lambert's continued fraction
 * y/(1 + y^2/(3 + y^2/(5 + …))). Off by at most 1.1e-8, that is 2e-7 once it is rounded at every operation in
 * float32; logistic(x) = (1 + tanh(x/2))/2. Both absolute: the far left tail of the logistic function is 0.
 */
import { emitJavaScript, JAVASCRIPT, type Dialect, type Source } from "../../equations/emit";
import { add, call, multiply, number, rewrite, type Expression } from "../../equations/expression";

/** Beyond this tanh is 1 to the last bit of a float32. */
const SATURATION = 9.5;

/** 1/1!, 1/2!, … 1/8!: what is left out for |x| < 0.5 is 1e-8. */
const EXPREL_SERIES = [1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320];

const KERNEL: Dialect = {
  // GPU.js takes twice as long for every choice within a choice.
  apart: (part) => part.kind === "where",
  functions: {
    ...JAVASCRIPT.functions,
    tanh: (x, constant) => {
      const y = constant(`Math.min(Math.max(${x},-${SATURATION}),${SATURATION})*0.5`);
      const s = constant(`${y}*${y}`);
      const p = constant(`${y}*(135135+${s}*(17325+${s}*(378+${s})))`);
      const q = constant(`135135+${s}*(62370+${s}*(3150+${s}*28))`);
      // Rounding must not carry it past 1: a device may take the root of 1 - rho^2.
      return constant(`Math.min(Math.max(2*${p}*${q}/(${p}*${p}+${q}*${q}),-1),1)`);
    },
    exprel: (x, constant) => {
      const z = constant(x);
      const near = constant(
        EXPREL_SERIES.reduceRight((sum, c) => (sum === "" ? `${c}` : `(${c}+${z}*${sum})`), ""),
      );
      const bounded = constant(`Math.min(${z},1)`);
      const far = constant(`((Math.abs(${z})<1e+37)?((Math.exp(${bounded})-1)/${bounded}):1)`);
      return `((Math.abs(${z})<0.5)?${near}:${far})`;
    },
  },
};

/** @param identifier what to write for a symbol, as in `emitJavaScript` */
export function inlineBody(e: Expression, identifier: (name: string) => string): Source {
  return emitJavaScript(
    rewrite(e, (part) => (part.kind === "call" && part.fn === "logistic" ? byTanh(part.of) : part)),
    identifier,
    KERNEL,
  );
}

const byTanh = (x: Expression): Expression =>
  add(number(0.5), multiply(number(0.5), call("tanh", multiply(number(0.5), x))));
