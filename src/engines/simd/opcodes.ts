/** Instructions that the engine writes, by their names in the WebAssembly specification. */

/** One byte each. */
const PLAIN = {
  "i32.eqz": 0x45,
  "i32.eq": 0x46,
  "i32.ne": 0x47,
  "i32.lt_u": 0x49,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.mul": 0x6c,
  "i32.div_u": 0x6e,
  "i32.and": 0x71,
} as const;

/** After the prefix 0xfd. */
const VECTOR = {
  "v128.not": 0x4d,
  "v128.and": 0x4e,
  "v128.andnot": 0x4f,
  "v128.or": 0x50,
  "v128.xor": 0x51,
  "v128.bitselect": 0x52,
  "f32x4.eq": 0x41,
  "f32x4.ne": 0x42,
  "f32x4.lt": 0x43,
  "f32x4.gt": 0x44,
  "f32x4.le": 0x45,
  "f32x4.ge": 0x46,
  "f32x4.floor": 0x68,
  "f32x4.nearest": 0x6a,
  "f32x4.abs": 0xe0,
  "f32x4.neg": 0xe1,
  "f32x4.sqrt": 0xe3,
  "f32x4.add": 0xe4,
  "f32x4.sub": 0xe5,
  "f32x4.mul": 0xe6,
  "f32x4.div": 0xe7,
  "f32x4.min": 0xe8,
  "f32x4.max": 0xe9,
  "f32x4.pmin": 0xea,
  "f32x4.pmax": 0xeb,
  "f64x2.nearest": 0x94,
  "f64x2.sqrt": 0xef,
  "f64x2.add": 0xf0,
  "f64x2.sub": 0xf1,
  "f64x2.mul": 0xf2,
  "f64x2.div": 0xf3,
  "f64x2.min": 0xf4,
  "f64x2.max": 0xf5,
  "i32x4.eq": 0x37,
  "i32x4.shl": 0xab,
  "i32x4.shr_s": 0xac,
  "i32x4.shr_u": 0xad,
  "i32x4.add": 0xae,
  "i32x4.sub": 0xb1,
  "i32x4.splat": 0x11,
  "i64x2.extend_low_i32x4_u": 0xc9,
  "i64x2.shl": 0xcb,
  "i64x2.shr_s": 0xcc,
  "i64x2.shr_u": 0xcd,
  "i64x2.extmul_low_i32x4_u": 0xde,
  "i64x2.extmul_high_i32x4_u": 0xdf,
  "f64x2.convert_low_i32x4_u": 0xff,
  "i32x4.trunc_sat_f32x4_s": 0xf8,
  "f32x4.convert_i32x4_s": 0xfa,
  "i32x4.trunc_sat_f64x2_s_zero": 0xfc,
  "f32x4.relaxed_madd": 0x105,
  "f32x4.demote_f64x2_zero": 0x5e,
  "f64x2.promote_low_f32x4": 0x5f,
} as const;

/** Vector loads and stores: they take an alignment and an offset. */
const ACCESS = { "v128.load": 0x00, "v128.load32_splat": 0x09, "v128.store": 0x0b } as const;

export type PlainName = keyof typeof PLAIN;
export type VectorName = keyof typeof VECTOR;
export type AccessName = keyof typeof ACCESS;

export const isPlain = (name: PlainName | VectorName): name is PlainName => Object.hasOwn(PLAIN, name);
export const plainCode = (name: PlainName): number => PLAIN[name];
export const vectorCode = (name: VectorName): number => VECTOR[name];
export const accessCode = (name: AccessName): number => ACCESS[name];
