import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openKernels } from '../../src/kernels/open.ts'
import { Arena } from '../../src/kernels/wasm-arena.ts'

test('a batch whose additions take more memory than a search may is answered query by query as alone', async () => {
  const kernels = await openKernels({ threads: 2 })
  const [items, queries] = [400_000, 300]
  // All inner products are 0: what is added decides. Odd queries may not return the item that they add to.
  const index = kernels.openVectors({ rows: items, columns: 1, data: new Float32Array(items) })
  const odd = Array.from({ length: queries }, (_, q) => q).filter((q) => q % 2 === 1)
  const { counts, indices, scores } = await index.topK({
    queries: new Float32Array(queries),
    k: 2,
    excluded: {
      indptr: Uint32Array.from({ length: queries + 1 }, (_, q) => Math.floor(q / 2)),
      indices: Uint32Array.from(odd, (q) => 1000 + q),
    },
    additions: (q, row) => {
      row.fill(0)
      row[1000 + q] = 1 + q
    },
  })
  index.close()
  await kernels.close()
  expect([...counts]).toEqual(Array.from({ length: queries }, () => 2))
  for (let q = 0; q < queries; q++) {
    const isOdd = q % 2 === 1
    expect([...indices.subarray(2 * q, 2 * q + 2)]).toEqual(isOdd ? [0, 1] : [1000 + q, 0])
    expect([...scores.subarray(2 * q, 2 * q + 2)]).toEqual(isOdd ? [0, 0] : [1 + q, 0])
  }
})

test('a structure of the core lies where it was put, also beyond 2 GiB', async () => {
  const file = new URL('../../build/simd.wasm', import.meta.url)
  const arena = new Arena(await WebAssembly.compile(readFileSync(file)), PURPOSE)
  // Never touched: the machine gives no memory for it.
  arena.allocate(2 ** 31 + 2 ** 20)
  const { exports } = arena
  const offsets = exports as unknown as Readonly<Record<string, { readonly value: number }>>
  const at = arena.putStructure(
    'Rows',
    Object.fromEntries(fieldsOf('Rows', exports).map((field, i) => [field, i + 7])) as never,
  )
  expect(at).toBeGreaterThan(2 ** 31)
  fieldsOf('Rows', exports).forEach((field, i) => {
    expect(arena.words(at + offsets[`Rows_${field}`].value, 1)[0]).toBe(i + 7)
  })
})

test('what does not fit the core is refused in words, and leaves what was there', async () => {
  const file = new URL('../../build/simd.wasm', import.meta.url)
  const arena = new Arena(await WebAssembly.compile(readFileSync(file)), PURPOSE)
  const mark = arena.mark()
  expect(() => arena.allocate(5 * 2 ** 30)).toThrow(
    'a trial needs 5.0 GiB, and a WebAssembly memory holds 4 GiB: ask for less',
  )
  expect(arena.mark()).toBe(mark)
})

const PURPOSE = { what: 'a trial', advice: 'ask for less' }

function fieldsOf(structure: string, exports: object): string[] {
  return Object.keys(exports)
    .filter((name) => name.startsWith(`${structure}_`) && name !== `${structure}_SIZE`)
    .map((name) => name.slice(structure.length + 1))
}
