import { createHash, type Hash } from 'node:crypto'
import type { Dataset } from './dataset.ts'

/**
 * SHA-256 (hex) over everything a data set says: the identity of a data set that was not read unchanged from files. Two
 * that agree in every column, in order and to the bit, have the same; where they came from does not enter.
 */
export function contentFingerprint(dataset: Omit<Dataset, 'fingerprint'>): string {
  const hash = createHash('sha256')
  add(hash, 'dataset', dataset)
  return hash.digest('hex')
}

/** Each thing with its name, and its length or a bracket at its end: no two data sets run into the same bytes. */
function add(hash: Hash, name: string, value: unknown): void {
  if (value === undefined) return
  if (ArrayBuffer.isView(value)) {
    hash.update(`${JSON.stringify(name)}:${value.byteLength}\n`)
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  } else if (typeof value === 'object' && value !== null) {
    hash.update(`${JSON.stringify(name)}{\n`)
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [field, content] of fields) add(hash, field, content)
    hash.update('}\n')
  } else {
    hash.update(`${JSON.stringify(name)}=${JSON.stringify(value)}\n`)
  }
}
