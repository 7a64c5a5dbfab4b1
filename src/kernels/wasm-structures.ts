import type { KernelExports } from './wasm.ts'

/** The structures of the core that JavaScript writes (assembly/structures.ts). */
export type Structure = 'Search' | 'PartnerSearch' | 'System' | 'Rows' | 'Ease'

/** A number for each field of a structure, or group of its fields: byte offsets of what lies elsewhere, and counts. */
export type FieldsOf<Name extends string> = {
  readonly [Key in keyof KernelExports as Key extends `${Name}_${infer Field}`
    ? Exclude<Field, 'SIZE'>
    : never]: number
}

/** How many bytes a structure takes. */
export function sizeOf(exports: KernelExports, structure: Structure): number {
  return exports[`${structure}_SIZE`].value
}

/**
 * Writes a structure's fields of whole numbers, each by its name to where the core says that it lies.
 * @param at  byte offset of the structure
 */
export function writeFields<Name extends Structure>(
  exports: KernelExports,
  buffer: ArrayBufferLike,
  at: number,
  structure: Name,
  fields: FieldsOf<Name>,
): void {
  write(exports, new Uint32Array(buffer), at, structure, fields)
}

/** Writes the equation of a System, in single precision. @param at  byte offset of the System */
export function writeEquation(
  exports: KernelExports,
  buffer: ArrayBufferLike,
  at: number,
  { weightSlope, weightIntercept, targetSlope, targetIntercept }: FieldsOf<'Equation'>,
): void {
  const fields = { weightSlope, weightIntercept, targetSlope, targetIntercept }
  write(exports, new Float32Array(buffer), at, 'Equation', fields)
}

function write(
  exports: KernelExports,
  memory: Uint32Array | Float32Array,
  at: number,
  name: string,
  fields: Readonly<Record<string, number>>,
): void {
  for (const field in fields) {
    const { value: offset } = exports[`${name}_${field}` as 'Search_k']
    // Unsigned: a memory reaches up to 4 GiB.
    memory[(at + offset) >>> 2] = fields[field]
  }
}
