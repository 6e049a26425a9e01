/**
 * A table as Apache Parquet: columns with a type, cells that may be missing. Equal tables give equal bytes.
 */
import { parquetWriteBuffer } from "hyparquet-writer";

/** Numbers are doubles; whole ones, of at most 53 bits, are 64-bit integers. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: "text" | "number" | "whole" | "flag";
  readonly values: readonly (string | number | boolean | null)[];
}

const TYPES = { text: "STRING", number: "DOUBLE", whole: "INT64", flag: "BOOLEAN" } as const;

export function parquetOf(columns: readonly ParquetColumn[]): Uint8Array {
  const columnData = columns.map(({ name, type, values }) => ({
    name,
    type: TYPES[type],
    nullable: true,
    data: type === "whole" ? values.map((value) => (value === null ? null : BigInt(value))) : [...values],
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
