/**
 * The safetensors format (huggingface.co/docs/safetensors): 8 bytes of header length, little-endian; a JSON header
 * of names, types, shapes and offsets, padded with spaces; the tensors' bytes, little-endian, without gaps. Inert,
 * and readable from any language.
 *
 * Gaps being forbidden, tensors are sorted by the size of their elements, largest first, and the header is padded
 * to a multiple of 8: every tensor then lies at a multiple of its own element size, ready to be mapped.
 */
import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'

export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: TensorData
}

export type TensorData = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array

export type Metadata = Readonly<Record<string, string>>

/** A file as it is written: the header, its length before it, then the tensors in this order. */
export interface Layout {
  readonly header: Uint8Array
  readonly tensors: readonly Tensor[]
}

/** A file that is not safetensors, or breaks the format's rules; the message says what is wrong with it. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError'
}

const PREFIX_BYTES = 8
const ALIGNMENT = 8
/** The longest header that the format's own reader takes. */
const MAX_HEADER_BYTES = 100_000_000
/** Well below the 2 GiB that one system call can move. */
const SLICE_BYTES = 2 ** 26

const TYPES = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U32: Uint32Array, U8: Uint8Array }
type TypeName = keyof typeof TYPES
const TYPE_NAMES = Object.keys(TYPES) as TypeName[]

const headerSchema = z.looseObject({ __metadata__: z.record(z.string(), z.string()).default({}) })
const entrySchema = z.strictObject({
  dtype: z.enum(TYPE_NAMES),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
})

/** The name that the format gives to an array's element type. */
export function typeName(data: TensorData): TypeName {
  return TYPE_NAMES.find((name) => data instanceof TYPES[name])!
}

/** Decides order and header; the same input gives the same bytes. */
export function layOut(tensors: readonly Tensor[], metadata: Metadata): Layout {
  const sorted = tensors.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT)
  let end = 0
  const entries = sorted.map(({ name, shape, data }) => {
    const begin = end
    end += data.byteLength
    return [name, { dtype: typeName(data), shape, data_offsets: [begin, end] }]
  })
  const json = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }))
  const header = Buffer.alloc(PREFIX_BYTES + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT, ' ')
  header.writeBigUInt64LE(BigInt(header.length - PREFIX_BYTES))
  json.copy(header, PREFIX_BYTES)
  return { header, tensors: sorted }
}

/** A layout's bytes from first to last, in pieces small enough for any system call or hash. */
export function* bytesOf({ header, tensors }: Layout): Generator<Uint8Array> {
  yield header
  for (const { data } of tensors) yield* slices(data)
}

/**
 * Reads a whole file and checks that it is, to the byte, a header as `layOut` writes it and the tensors it names.
 * @param accept  is shown the metadata before the tensors are looked at; throws to decline the file
 * @throws {SafetensorsError}
 */
export async function readSafetensors(
  file: FileHandle,
  accept: (metadata: Metadata) => void,
): Promise<Layout & { readonly metadata: Metadata }> {
  const { size } = await file.stat()
  const header = await readHeader(file, size)
  const { __metadata__: metadata, ...entries } = check(headerSchema, parse(header), 'the header')
  accept(metadata)
  let end = header.length
  const tensors = Object.entries(entries).map(([name, value]) => {
    const { dtype, shape, data_offsets } = check(entrySchema, value, `the header of tensor ${name}`)
    const position = end
    end = header.length + data_offsets[1]
    const elements = shape.reduce((product, length) => product * length, 1)
    if (
      position + elements * TYPES[dtype].BYTES_PER_ELEMENT !== end ||
      data_offsets[0] !== position - header.length
    )
      throw new SafetensorsError(`tensor ${name} does not lie where its shape says`)
    return { name, shape, dtype, elements, position }
  })
  if (end !== size) throw new SafetensorsError(`it should be ${end} bytes long and is ${size}`)
  const filled: Tensor[] = []
  for (const { name, shape, dtype, elements, position } of tensors) {
    const data = new TYPES[dtype](elements)
    await fill(file, data, position)
    filled.push({ name, shape, data })
  }
  if (Buffer.compare(layOut(filled, metadata).header, header) !== 0)
    throw new SafetensorsError('its header is not as it was written')
  return { header, tensors: filled, metadata }
}

async function readHeader(file: FileHandle, size: number): Promise<Buffer> {
  if (size < PREFIX_BYTES) throw new SafetensorsError(`it holds ${size} bytes, fewer than any such file`)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  await fill(file, prefix, 0)
  const length = prefix.readBigUInt64LE()
  if (length > MAX_HEADER_BYTES || PREFIX_BYTES + Number(length) > size)
    throw new SafetensorsError(`its first bytes announce a header of ${length} bytes, and it holds ${size}`)
  const header = Buffer.alloc(PREFIX_BYTES + Number(length))
  await fill(file, header, 0)
  return header
}

function parse(header: Buffer): unknown {
  try {
    return JSON.parse(header.toString('utf8', PREFIX_BYTES))
  } catch {
    throw new SafetensorsError('its header is not JSON')
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new SafetensorsError(`${what} is not understood`)
}

/** Reads as many bytes as `data` takes from `position` on. */
async function fill(file: FileHandle, data: TensorData, position: number): Promise<void> {
  for (const slice of slices(data)) {
    for (let done = 0; done < slice.length; ) {
      const { bytesRead } = await file.read(slice, done, slice.length - done, position + done)
      if (bytesRead === 0) throw new SafetensorsError(`it ends at byte ${position + done}, while being read`)
      done += bytesRead
    }
    position += slice.length
  }
}

function* slices(data: TensorData): Generator<Uint8Array> {
  for (let at = 0; at < data.byteLength; at += SLICE_BYTES)
    yield new Uint8Array(data.buffer, data.byteOffset + at, Math.min(SLICE_BYTES, data.byteLength - at))
}
