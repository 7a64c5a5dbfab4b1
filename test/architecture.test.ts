import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

const { dirname, join } = posix
const sources = readAll('src/**/*.ts')
const assembly = readAll('assembly/**/*.ts')
const importTable = readImportTable()

test('imports follow the import table of ARCHITECTURE.md', () => {
  const trespasses = sources.flatMap(({ path, text }) => {
    const allowed = importTable.get(roomOf(path)) ?? []
    return relativePaths(text)
      .map((target) => join(dirname(path), target))
      .filter((target) => target.startsWith('src/') && roomOf(target) !== roomOf(path))
      .filter((target) => !allowed.includes(roomOf(target)))
      .map((target) => `${path} imports ${target}`)
  })
  expect(trespasses).toEqual([])
})

test('every room of src/ has its row in the import table', () => {
  const rooms = new Set(sources.map(({ path }) => roomOf(path)))
  expect([...importTable.keys()]).toEqual(expect.arrayContaining([...rooms]))
})

test('the import table points one way: a room may import only rooms that stand above it', () => {
  const rooms = [...importTable.keys()]
  const upward = [...importTable].flatMap(([room, allowed]) =>
    allowed
      .filter((other) => !rooms.slice(0, rooms.indexOf(room)).includes(other))
      .map((other) => [room, other]),
  )
  expect(upward).toEqual([])
})

test('graphql and evaluation do not know each other', () => {
  expect(importTable.get('graphql')).not.toContain('evaluation')
  expect(importTable.get('evaluation')).not.toContain('graphql')
})

test('no import is hidden behind a computed path', () => {
  const computing = sources.filter(({ text }) => /\bimport\s*\(\s*[^'"\s]/.test(withoutCommentLines(text)))
  expect(computing.map(({ path }) => path)).toEqual([])
})

test('only wasm and its worker know of WebAssembly and build/', () => {
  const knowing = sources.filter(({ text }) => /WebAssembly|\bbuild\//.test(withoutCommentLines(text)))
  const doors = /^src\/kernels\/wasm[\w-]*\.ts$/
  expect(knowing.map(({ path }) => path).filter((path) => !doors.test(path))).toEqual([])
})

test('assembly/ imports nothing from src/', () => {
  const trespasses = assembly.filter(({ path, text }) =>
    relativePaths(text).some((target) => join(dirname(path), target).startsWith('src')),
  )
  expect(trespasses.map(({ path }) => path)).toEqual([])
})

test('tests and benches start processes by test/child-process.ts alone, which ends them with their test', () => {
  const starting = ['test/**/*.ts', 'test/**/*.mjs', 'examples/**/*.{ts,tsx,js,mjs}']
    .flatMap(readAll)
    .filter(({ path }) => !path.includes('node_modules') && path !== 'test/child-process.ts')
    .filter(({ text }) =>
      /^(?:import|export) (?!type\b)[^;]*?from '(?:node:)?(?:child_process|cluster)'|import\('(?:node:)?(?:child_process|cluster)'\)/m.test(
        text,
      ),
    )
  expect(starting.map(({ path }) => `${path}: use startChild, runChild or runChildNow`)).toEqual([])
})

test('imports of every kind are seen', () => {
  const kinds = `
    import { a } from './a.ts'
    import type { B } from "../b.ts"
    export * from '../c/c.ts'
    import '../d.ts'
    type E = import('../e.ts').E
    await import('../f.ts')
    new Worker(new URL('./g.ts', import.meta.url))
    import nothing from 'elsewhere'`
  expect(relativePaths(kinds)).toEqual([
    './a.ts',
    '../b.ts',
    '../c/c.ts',
    '../d.ts',
    '../e.ts',
    '../f.ts',
    './g.ts',
  ])
})

interface Source {
  readonly path: string
  readonly text: string
}

function readAll(pattern: string): Source[] {
  return globSync(pattern).map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(path, 'utf8'),
  }))
}

/** src/engine/reasons.ts → engine, src/index.ts → index */
function roomOf(path: string): string {
  return path.split('/')[1].replace(/\.ts$/, '')
}

/**
 * Every quoted relative path. That takes in static and dynamic imports, types, re-exports and the URLs of workers
 * alike, with nothing to parse.
 */
function relativePaths(text: string): string[] {
  return Array.from(text.matchAll(/(['"`])(\.{1,2}\/.*?)\1/g), ([, , path]) => path)
}

function withoutCommentLines(text: string): string {
  return text.replace(/^\s*(\/\/|\/?\*).*$/gm, '')
}

/** Room → rooms it may import, in the order of the table. */
function readImportTable(): Map<string, string[]> {
  const [, section] = readFileSync('ARCHITECTURE.md', 'utf8').split('\n## Import table\n')
  const rows = Array.from(section.split('\n## ')[0].matchAll(/^\|\s*`(\w+)`\s*\|(.*)\|\s*$/gm))
  return new Map(
    rows.map(([, room, cell]) => [room, Array.from(cell.matchAll(/`(\w+)`/g), ([, name]) => name)]),
  )
}
