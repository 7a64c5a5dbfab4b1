import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { replaceFile } from '../../src/model/replace-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rationale-'))
  await writeFile(join(folder, 'model'), 'former')
})
afterEach(() => rm(folder, { recursive: true }))

const bytes = (text: string) => new TextEncoder().encode(text)
const model = () => readFile(join(folder, 'model'), 'utf8')

function* failing() {
  yield bytes('half')
  throw new Error('out of tensors')
}

describe('replaceFile', () => {
  test('replaces a file by its pieces, and says how long it is', async () => {
    expect(await replaceFile(join(folder, 'model'), [bytes('the '), bytes('new one')])).toBe(11)
    expect(await model()).toBe('the new one')
    expect(await readdir(folder)).toEqual(['model'])
  })

  test('keeps the former file until the new one is complete', async () => {
    const seen: string[] = []
    function* watching() {
      for (const piece of ['half', 'whole']) {
        yield bytes(piece)
        seen.push(readFileSync(join(folder, 'model'), 'utf8'))
      }
    }
    await replaceFile(join(folder, 'model'), watching())
    expect(seen).toEqual(['former', 'former'])
  })

  test('a failure on the way leaves the former file, and nothing else', async () => {
    await expect(replaceFile(join(folder, 'model'), failing())).rejects.toThrow('out of tensors')
    expect(await model()).toBe('former')
    expect(await readdir(folder)).toEqual(['model'])
  })

  test('so does an abort', async () => {
    const controller = new AbortController()
    function* interrupted() {
      yield bytes('half')
      controller.abort(new Error('interrupted'))
      yield bytes('whole')
    }
    await expect(replaceFile(join(folder, 'model'), interrupted(), controller.signal)).rejects.toThrow(
      'interrupted',
    )
    expect(await model()).toBe('former')
    expect(await readdir(folder)).toEqual(['model'])
  })

  test('a folder of the same name is left alone', async () => {
    await expect(replaceFile(folder, [bytes('x')])).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    expect(await readdir(folder)).toEqual(['model'])
  })
})
