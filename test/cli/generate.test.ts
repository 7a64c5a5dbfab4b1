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

test('rationale generate --returns adds returns to the events, and changes no other file', async () => {
  const folder = temporaryFolder()
  const generate = (name: string, options = '') =>
    rationaleJson(`generate --out ${join(folder, name)} --customers 50 --products 20 --seed 1 ${options}`)
  const [plain, returning] = await Promise.all([generate('plain'), generate('returning', '--returns')])
  expect(plain).not.toHaveProperty('returns')
  expect(returning).toMatchObject({ returns: true })
  const textOf = (name: string, file: string) => readFileSync(join(folder, name, file), 'utf8')
  const differ = readdirSync(join(folder, 'plain')).filter(
    (file) => textOf('plain', file) !== textOf('returning', file),
  )
  expect(differ.toSorted()).toEqual(['demo-shop.json', 'events.csv'])
  expect(textOf('returning', 'events.csv')).toContain(',RETURN,')
})
