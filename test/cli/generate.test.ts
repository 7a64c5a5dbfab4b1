import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rationaleJson, temporaryFolder } from './program.ts'

test('rationale generate writes the same shop for the same seed', async () => {
  const folder = temporaryFolder()
  const generate = (name: string, seed: number) =>
    rationaleJson(`generate --out ${join(folder, name)} --customers 50 --products 20 --seed ${seed}`)
  const [first] = await Promise.all([generate('a', 1), generate('b', 1), generate('c', 2)])
  expect(first).toMatchObject({ directory: join(folder, 'a'), customers: 50, products: 20, seed: 1 })
  const contents = (name: string) =>
    readdirSync(join(folder, name)).map((file) => [file, readFileSync(join(folder, name, file), 'utf8')])
  expect(contents('a').length).toBeGreaterThanOrEqual(5)
  expect(contents('b')).toEqual(contents('a'))
  expect(contents('c')).not.toEqual(contents('a'))
})
