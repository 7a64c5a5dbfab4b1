import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { endianness } from 'node:os'
import type { Csr } from '../../src/kernels/kernels.ts'

/**
 * A matrix as both contenders read it: uint32 rows, columns, entries; indptr (uint32), indices (uint32), values
 * (float32). Little-endian, without padding.
 */
export function writeMatrix(path: string, matrix: Csr): void {
  const { rows, columns, indptr, indices, values } = matrix
  writeArrays(path, [Uint32Array.of(rows, columns, indices.length), indptr, indices, values])
}

/** The arrays one after another, as they lie in memory. */
export function writeArrays(path: string, arrays: readonly (Uint32Array | Float32Array)[]): void {
  requireLittleEndian()
  const file = openSync(path, 'w')
  try {
    for (const array of arrays) forEachChunk(array, (chunk) => writeSync(file, chunk))
  } finally {
    closeSync(file)
  }
}

/** The whole of a file that holds one array. */
export function readFloats(path: string): Float32Array {
  return readingFrom(path, (fill) => fill(new Float32Array(statSync(path).size / 4)))
}

/** What `writeMatrix` wrote. */
export function readMatrix(path: string): Csr {
  return readingFrom(path, (fill) => {
    const [rows, columns, entries] = fill(new Uint32Array(3))
    return {
      rows,
      columns,
      indptr: fill(new Uint32Array(rows + 1)),
      indices: fill(new Uint32Array(entries)),
      values: fill(new Float32Array(entries)),
    }
  })
}

type Fill = <T extends Uint32Array | Float32Array>(array: T) => T

/** @throws when the file ends before every array is filled */
function readingFrom<R>(path: string, read: (fill: Fill) => R): R {
  requireLittleEndian()
  const file = openSync(path, 'r')
  try {
    return read((array) => {
      forEachChunk(array, (chunk) => {
        const count = readSync(file, chunk)
        if (count === 0) throw new Error(`${path} ends early: write it again.`)
        return count
      })
      return array
    })
  } finally {
    closeSync(file)
  }
}

/** Hands over what is left of the array's bytes until all are moved; one system call moves 2 GiB at most. */
function forEachChunk(array: Uint32Array | Float32Array, move: (chunk: Uint8Array) => number): void {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  for (let at = 0; at < bytes.length; ) at += move(bytes.subarray(at, at + 2 ** 30))
}

function requireLittleEndian(): void {
  if (endianness() !== 'LE')
    throw new Error('The bench writes arrays as they lie in memory: little-endian only.')
}
