/**
 * Softmax of rows, real or complex, as a function of a module; parameters as of maps. Exponentials wait in
 * scratch, so that it may work in place.
 */
import type { NormaliseOperation, Program } from "../../program/program";
import { sinAndCos } from "./angles";
import { Code, type Local } from "./assembler";
import { exp } from "./exponential";
import { type Layout } from "./layout";
import { FLOAT, LANES, strideOf, VECTOR } from "./panels";
import {
  acrossLanes,
  add,
  both,
  choose,
  divide,
  keep,
  lanes,
  local,
  maximum,
  multiply,
  negative,
  real,
  subtract,
  type Value,
} from "./values";

export function normaliseCode({ buffers }: Program, layout: Layout, { from, out }: NormaliseOperation): Code {
  const width = buffers[out.re];
  const stride = strideOf(width) * FLOAT;
  const whole = Math.floor(width / LANES) * VECTOR;
  const tail = width % LANES;
  /** Lanes of the last vector that are units and not padding. */
  const units = lanes(Array.from({ length: LANES }, (_, lane) => (lane < tail ? -1 : 0)));
  // Each row has scratch of its own: threads work on different rows.
  const scratch = { re: layout.scratch, im: layout.scratch + stride };
  const code = new Code(3);
  const [first, to] = [code.parameter(1), code.parameter(2)];
  const [row, begin, at] = [code.local("i32"), code.local("i32"), code.local("i32")];
  code.get(first).tee(row).i32(stride).do("i32.mul").set(begin);
  const [largest, sumRe, sumIm] = [code.local("v128"), code.local("v128"), code.local("v128")];

  const assign = (variable: Local, value: Value): void => {
    value(code);
    code.set(variable);
  };
  const inRow =
    (address: number): Value =>
    (c) =>
      void c.get(at).get(begin).do("i32.add").at("v128.load", address);
  const inScratch =
    (address: number): Value =>
    (c) =>
      void c.get(at).get(begin).get(begin).do("i32.add").do("i32.add").at("v128.load", address);
  const toScratch = (address: number, value: Value): void => {
    code.get(at).get(begin).get(begin).do("i32.add").do("i32.add");
    value(code);
    code.at("v128.store", address);
  };
  const toRow = (address: number, value: Value): void => {
    code.get(at).get(begin).do("i32.add");
    value(code);
    code.at("v128.store", address);
  };
  /** Writes `body` for all vectors of the row; `fill` puts a value in the place of padding. */
  const sweep = (body: (fill: (value: Value, padding: number) => Value) => void): void => {
    code.i32(0).set(at);
    if (whole > 0) {
      code.repeat(() => {
        body((value) => value);
        code.advance(at, VECTOR).get(at).i32(whole).do("i32.lt_u");
      });
    }
    if (tail > 0)
      body((value, padding) => (padding === 0 ? both(value, units) : choose(units, value, real(padding))));
  };

  code.repeat(() => {
    assign(largest, real(-Infinity));
    sweep((fill) =>
      assign(largest, maximum(local(largest), fill(inRow(layout.buffers[from.re]), -Infinity))),
    );
    assign(largest, acrossLanes(code, largest, maximum));
    assign(sumRe, real(0));
    assign(sumIm, real(0));
    sweep((fill) => {
      const size = keep(
        code,
        fill(keep(code, exp(code, subtract(inRow(layout.buffers[from.re]), local(largest)))), 0),
      );
      if (from.im === undefined) {
        toScratch(scratch.re, size);
        assign(sumRe, add(local(sumRe), size));
        return;
      }
      const angle = keep(code, fill(inRow(layout.buffers[from.im]), 0));
      const turned = sinAndCos(code, angle);
      const [re, im] = [keep(code, multiply(size, turned.cos)), keep(code, multiply(size, turned.sin))];
      toScratch(scratch.re, re);
      toScratch(scratch.im, im);
      assign(sumRe, add(local(sumRe), re));
      assign(sumIm, add(local(sumIm), im));
    });
    assign(sumRe, acrossLanes(code, sumRe, add));
    assign(sumIm, acrossLanes(code, sumIm, add));
    // 1 / (a + i b) = (a - i b) / (a^2 + b^2).
    const [a, b] = [local(sumRe), local(sumIm)];
    const norm = keep(code, from.im === undefined ? a : add(multiply(a, a), multiply(b, b)));
    sweep(() => {
      const [re, im] = [inScratch(scratch.re), inScratch(scratch.im)];
      if (out.im === undefined) {
        toRow(layout.buffers[out.re], divide(re, norm));
        return;
      }
      toRow(layout.buffers[out.re], divide(add(multiply(re, a), multiply(im, b)), norm));
      toRow(layout.buffers[out.im], divide(add(multiply(im, a), multiply(re, negative(b))), norm));
    });
    code.advance(begin, stride).advance(row, 1).get(row).get(to).do("i32.lt_u");
  });
  return code;
}
