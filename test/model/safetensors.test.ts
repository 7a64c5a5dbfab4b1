import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Layout, Metadata } from '../../src/model/safetensors.ts'
import { bytesOf, layOut, readSafetensors, SafetensorsError } from '../../src/model/safetensors.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rationale-'))
})
afterAll(() => rm(folder, { recursive: true }))

const fileBytes = (layout: Layout) => Buffer.concat([...bytesOf(layout)])

async function read(bytes: Uint8Array, accept: (metadata: Metadata) => void = () => {}) {
  const path = join(folder, 'file')
  await writeFile(path, bytes)
  const file = await open(path)
  try {
    return await readSafetensors(file, accept)
  } finally {
    await file.close()
  }
}

/** A file of any header, followed by so many zero bytes. */
function fileOf(header: string, data = 0): Buffer {
  const bytes = Buffer.alloc(8 + header.length + data)
  bytes.writeBigUInt64LE(BigInt(header.length))
  bytes.write(header, 8)
  return bytes
}

const tensors = [
  { name: 'bytes', shape: [3], data: Uint8Array.of(1, 2, 255) },
  { name: 'matrix', shape: [2, 2], data: Float32Array.of(1.5, -0, Infinity, 1e-40) },
  { name: 'codes', shape: [1], data: Int32Array.of(-1) },
  { name: 'times', shape: [2], data: Float64Array.of(NaN, Math.PI) },
  { name: 'nothing', shape: [0, 7], data: new Uint32Array(0) },
]

describe('layOut', () => {
  const layout = layOut(tensors, { maker: 'test' })

  test('gives the bytes that the format prescribes', () => {
    const json =
      '{"__metadata__":{"maker":"test"},"pi":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},' +
      '"one":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}'
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8)
    const expected = Buffer.concat([
      Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from(padded),
      Buffer.from('182d4454fb210940', 'hex'),
      Buffer.from([1]),
    ])
    const pi = { name: 'pi', shape: [1], data: Float64Array.of(Math.PI) }
    const one = { name: 'one', shape: [1], data: Uint8Array.of(1) }
    expect(fileBytes(layOut([one, pi], { maker: 'test' }))).toEqual(expected)
  })

  test('puts every tensor at a multiple of its element size', () => {
    let at = layout.header.length
    for (const { data } of layout.tensors) {
      expect(at % data.BYTES_PER_ELEMENT).toBe(0)
      at += data.byteLength
    }
    expect(layout.header.length % 8).toBe(0)
  })

  test('is read back to the bit', async () => {
    const { tensors: found, metadata } = await read(fileBytes(layout))
    expect(metadata).toEqual({ maker: 'test' })
    expect(found.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
      tensors.toSorted((a, b) => a.name.localeCompare(b.name)),
    )
  })

  test('reads parts of larger buffers as what they are', async () => {
    const part = new Float32Array([9, 1, 2, 9]).subarray(1, 3)
    const { tensors: found } = await read(fileBytes(layOut([{ name: 'part', shape: [2], data: part }], {})))
    expect(found[0].data).toEqual(Float32Array.of(1, 2))
  })
})

/** A header of one tensor. */
function entry(dtype: string, shape: string, from: number, to: number): string {
  return `{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}}`
}

function declineAll({ format }: Metadata): void {
  throw new SafetensorsError(`a file from ${format}`)
}

describe('readSafetensors refuses', () => {
  test.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /holds 0 bytes/],
    ['a text', Buffer.from('order_id,customer_id\n1,2\n'), /announce a header of \d+ bytes, and it holds 25/],
    ['a header beyond the end', fileOf('{}').subarray(0, 9), /announce a header of 2 bytes, and it holds 9/],
    ['a header that is no JSON', fileOf('{"a":'), /header is not JSON/],
    ['a header that is no object', fileOf('[]'), /the header is not understood/],
    ['metadata that are no strings', fileOf('{"__metadata__":{"a":1}}'), /the header is not understood/],
    ['an unknown type', fileOf(entry('BF16', '[1]', 0, 2), 2), /header of tensor a is not understood/],
    ['a negative length', fileOf(entry('U8', '[-1]', 0, 0)), /header of tensor a is not understood/],
    [
      'a shape that its bytes do not fit',
      fileOf(entry('F32', '[2]', 0, 4), 4),
      /tensor a does not lie where/,
    ],
    ['a gap', fileOf(entry('U8', '[1]', 1, 2), 2), /tensor a does not lie where/],
    [
      'an overlap',
      fileOf(
        '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
        2,
      ),
      /tensor b does not lie where/,
    ],
    ['a huge shape', fileOf(entry('F64', '[4294967296,4294967296]', 0, 8), 8), /tensor a does not lie where/],
    ['missing bytes', fileOf(entry('U8', '[4]', 0, 4), 3), /should be \d+ bytes long and is \d+/],
    ['trailing bytes', fileOf(entry('U8', '[4]', 0, 4), 5), /should be \d+ bytes long and is \d+/],
    ['a header written by others', fileOf(`${entry('U8', '[1]', 0, 1)}\t`, 1), /not as it was written/],
  ])('%s', async (_, bytes, message) => {
    const reading = read(bytes)
    await expect(reading).rejects.toThrow(SafetensorsError)
    await expect(reading).rejects.toThrow(message)
  })

  test('what the metadata show not to be meant, before it looks at any tensor', async () => {
    const foreign = fileOf(
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}',
      2,
    )
    await expect(read(foreign, declineAll)).rejects.toThrow('a file from pt')
  })
})
