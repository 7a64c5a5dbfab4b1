import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/data/data-error.ts'
import type { Dataset } from '../../src/data/dataset.ts'
import { readUserLines } from '../../src/data/user-lines.ts'
import { failureOf, folderOf } from './folders.ts'

async function fileOf(content: string | Uint8Array): Promise<string> {
  return join(await folderOf({ 'train.txt': content }), 'train.txt')
}

function ids(table: Dataset['customers']): string[] {
  return Array.from({ length: table.size }, (_, i) => table.at(i))
}

async function fingerprintOf(content: string): Promise<string> {
  return (await readUserLines(await fileOf(content))).fingerprint
}

describe('A file of one line a user', () => {
  test('is a user and the items, separated by white space', async () => {
    const dataset = await readUserLines(await fileOf('0 7 3 7a\n1\t3\t 9 \n'))
    expect(ids(dataset.customers)).toEqual(['0', '1'])
    expect(ids(dataset.products)).toEqual(['7', '3', '7a', '9'])
    expect(dataset.interactions).toEqual({
      count: 5,
      customer: Uint32Array.of(0, 0, 0, 1, 1),
      product: Uint32Array.of(0, 1, 2, 1, 3),
      order: Uint32Array.of(0, 1, 2, 3, 4),
      quantity: new Float32Array(5).fill(1),
      price: new Float64Array(5).fill(Number.NaN),
    })
    expect(dataset.orders).toEqual({
      count: 5,
      customer: Uint32Array.of(0, 0, 0, 1, 1),
      timestamp: new Float64Array(5).fill(Number.NaN),
    })
  })

  test('may end its lines in CRLF, hold blank lines and users without items, and lack the last line end', async () => {
    const dataset = await readUserLines(await fileOf('u1 a b\r\n\r\nu2\r\nu3 a'))
    expect(ids(dataset.customers)).toEqual(['u1', 'u2', 'u3'])
    expect(dataset.interactions.customer).toEqual(Uint32Array.of(0, 0, 2))
    expect(dataset.interactions.product).toEqual(Uint32Array.of(0, 1, 0))
  })

  test('has a fingerprint of its bytes', async () => {
    expect(await fingerprintOf('0 1\n')).toBe(await fingerprintOf('0 1\n'))
    expect(await fingerprintOf('0 1\n')).not.toBe(await fingerprintOf('0 1 \n'))
  })

  test.each([
    ['a second line of a user', '0 1\n\n0 2\n', 3, '0', /line 1 already: put a user's items on one line/],
    ['an item twice on a line', '0 1 2 1\n', 1, '1', /appears twice on the line/],
    ['a CSV file', 'user,item\n1,2\n', 1, 'user,item', /looks like CSV.*user item item/],
    ['another encoding', Buffer.from('0 1\n1 caf\xe9\n', 'latin1'), 2, 'caf\uFFFD', /is not UTF-8/],
  ])('%s is an error with file, line and value', async (_, content, line, value, problem) => {
    const file = await fileOf(content)
    const failure = await failureOf(readUserLines(file))
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toMatchObject({ file, line, value })
    expect(failure.message).toMatch(problem)
  })

  test.each(['', '\n\n', 'u1\nu2\n'])('without any item is an error (%j)', async (content) => {
    const failure = await failureOf(readUserLines(await fileOf(content)))
    expect(failure.message).toMatch(/train\.txt: holds no item: it needs lines like "user item item …"/)
  })

  test('that is not there is an error, and so is a folder', async () => {
    const folder = await folderOf()
    expect((await failureOf(readUserLines(join(folder, 'none')))).message).toMatch(/does not exist/)
    expect((await failureOf(readUserLines(folder))).message).toMatch(/is a folder, not a file/)
  })
})
