/**
 * Functions that shading languages leave to the driver, written out with the few operations that all drivers
 * do alike, so that WebGPU and WebGL2 give what JavaScript gives: a shader's own sine and arcus tangent may
 * be off by 5e-4, its power of a negative base is anything, and its minimum of NaN and a number is often the
 * number, which would hide that a circuit diverged.
 *
 * A shader's compiler may still assume that there is no NaN. Not here: exp, log and sqrt, which drivers do to
 * a few units of the last place.
 */

/**
 * Sine by turns of pi/2, taken off in three parts (Cody and Waite), and the Taylor series of what remains,
 * |r| <= pi/4.
 */
const trigonometric = (name: string, own: "sin" | "cos"): string => `function ${name}(x){
  if(Math.abs(x)>8192.5){return Math.${own}(x);}
  const k=Math.floor(x*0.6366197723675814+0.5);
  const r=((x-k*1.5703125)-k*0.0004837512969970703)-k*7.549789948768648e-8;
  const s=r*r;
  const a=r+r*s*(s*(0.008333333333333333+s*(-0.0001984126984126984+s*0.0000027557319223985893))-0.16666666666666666);
  const b=1.0-s*(0.5-s*(0.041666666666666664-s*(0.001388888888888889-s*(0.0000248015873015873-s*2.755731922398589e-7))));
  const h=k${own === "cos" ? "+1.0" : ""};
  const q=h-4.0*Math.floor(h*0.25);
  let v=a;
  if(q>0.5){v=b;}
  if(q>1.5){v=-a;}
  if(q>2.5){v=-b;}
  return v;
}`;

/** The smaller or larger of two, and NaN where either is NaN. */
const extreme = (name: string, before: "<" | ">"): string => `function ${name}(x,y){
  if(x${before}y){return x;}
  if(y${before}=x){return y;}
  return x+y;
}`;

/** Arcus tangent: of 1/x beyond 1, of (x - 1)/(x + 1) beyond tan(pi/8), and the series of what remains. */
const ATAN = `function shaderAtan(x){
  const n=Math.abs(x);
  let t=n;
  if(n>1.0){t=1.0/n;}
  let o=0.7853981633974483;
  let r=(t-1.0)/(t+1.0);
  if(t<0.4142135623730951){r=t;o=o-o;}
  const s=r*r;
  const p=s*(0.3333333333333333-s*(0.2-s*(0.14285714285714285-s*(0.1111111111111111-s*(0.09090909090909091-s*(0.07692307692307693-s*(0.06666666666666667-s*0.058823529411764705)))))));
  let v=o+(r-r*p);
  if(n>1.0){v=1.5707963267948966-v;}
  if(x<0.0){return -v;}
  return v;
}`;

/**
 * Whole exponents up to 8 are products; else the power of the absolute value, with the sign that JavaScript
 * gives it.
 */
const POWER = `function shaderPow(x,y){
  const n=Math.abs(y);
  const isWhole=n-Math.floor(n);
  if(isWhole===0.0&&n<8.5){
    if(n<0.5){return 1.0;}
    let p=x;
    ${[1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5].map((bound) => `if(n>${bound}){p=p*x;}`).join("")}
    if(y<0.0){return 1.0/p;}
    return p;
  }
  const m=Math.pow(Math.abs(x),y);
  if(x>=0.0){return m;}
  if(isWhole>0.0){return Math.sqrt(x);}
  if(n-2.0*Math.floor(n*0.5)>0.5){return -m;}
  return m;
}`;

export interface ShaderFunction {
  readonly source: string;
  readonly arguments: readonly string[];
}

export const SHADER_FUNCTIONS: readonly ShaderFunction[] = [
  { source: trigonometric("shaderSin", "sin"), arguments: ["x"] },
  { source: trigonometric("shaderCos", "cos"), arguments: ["x"] },
  { source: extreme("shaderMin", "<"), arguments: ["x", "y"] },
  { source: extreme("shaderMax", ">"), arguments: ["x", "y"] },
  { source: ATAN, arguments: ["x"] },
  { source: POWER, arguments: ["x", "y"] },
];

/** The text of a kernel with these functions in the place of the driver's. */
export function forShader(source: string): string {
  return source.replaceAll(
    /Math\.(sin|cos|atan|min|max|pow)\(/g,
    (_, name: string) => `shader${name[0].toUpperCase()}${name.slice(1)}(`,
  );
}
