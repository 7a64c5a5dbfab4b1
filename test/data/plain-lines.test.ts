import { Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takePlainLines } from '../../src/data/reading.ts'
import { DIALECT } from '../../src/data/table.ts'

/** The records of a file that comes in pieces of `size` bytes: those taken, then those left to csv-parse. */
async function split(text: Buffer, size: number): Promise<{ taken: string[][]; left: string[][] }> {
  const pieces: Buffer[] = []
  for (let at = 0; at < text.length; at += size) pieces.push(text.subarray(at, at + size))
  const taken: string[][] = []
  const left: Buffer[] = []
  for await (const bytes of takePlainLines(Readable.from(pieces), (fields) => taken.push(fields)))
    left.push(bytes)
  return { taken, left: parse(Buffer.concat(left), DIALECT) }
}

const piece = fc.constantFrom(
  'a',
  'bc',
  'é',
  '😀',
  ',',
  ',,',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '"x"',
  '"',
  '""',
  '"\n"',
)

test('Splitting lines and csv-parse after it see the records that csv-parse alone sees', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.integer({ min: 1, max: 30 }),
      async (pieces, size) => {
        const text = Buffer.from(pieces.join(''))
        let expected: string[][]
        try {
          expected = parse(text, DIALECT)
        } catch {
          await expect(split(text, size)).rejects.toThrow('Quote Not Closed')
          return
        }
        const { taken, left } = await split(text, size)
        expect([...taken, ...left]).toEqual(expected)
      },
    ),
    { numRuns: 500 },
  )
})

test('Lines before the first quote are split, the rest is left to csv-parse', async () => {
  const { taken, left } = await split(Buffer.from('a,b\nc,d\ne,"f\n",\ng,h\n'), 5)
  expect(taken).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  expect(left).toEqual([
    ['e', 'f\n', ''],
    ['g', 'h'],
  ])
})
