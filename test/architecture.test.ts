import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'

const { dirname, join } = posix
const sources = readAll('src/**/*.ts')
const assembly = readAll('assembly/**/*.ts')
const importTable = readImportTable()
/** The files of src/ that each of them imports. */
const imports = new Map(sources.map(({ path, text }) => [path, importsOf(path, text)]))

test('the import table of ARCHITECTURE.md lists what each room imports, no more and no less', () => {
  const imported = new Map([...importTable.keys()].map((room) => [room, new Set<string>()]))
  for (const [path, targets] of imports)
    for (const target of targets)
      if (roomOf(target) !== roomOf(path)) imported.get(roomOf(path))?.add(roomOf(target))
  for (const [room, rooms] of importTable)
    expect([room, ...[...imported.get(room)!].sort()]).toEqual([room, ...rooms.toSorted()])
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

test('no imports are circular', () => {
  expect(cycles(imports)).toEqual([])
})

test('a circle of imports is found', () => {
  const circle = new Map([
    ['a.ts', ['b.ts', 'd.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', ['a.ts']],
    ['d.ts', ['e.ts']],
    ['e.ts', ['d.ts', 'f.ts']],
    ['f.ts', []],
  ])
  expect(cycles(circle)).toEqual([
    ['d.ts', 'e.ts'],
    ['a.ts', 'b.ts', 'c.ts'],
  ])
})

/** Files of fewer than 40 lines with one importer, in their room, that are an idea of their own, and why. */
const SMALL_IDEAS: Readonly<Record<string, string>> = {
  'src/graphql/date-time.ts': 'a scalar with a specification of its own (RFC 3339)',
}

test('a small file that only one file of its room imports belongs in that file', () => {
  const small = sources
    // Each source of the blend has a file of its own, which the registry alone imports.
    .filter(({ path }) => !path.startsWith('src/engine/sources/'))
    .filter(({ text }) => text.trimEnd().split('\n').length < 40)
    .filter(({ path }) => {
      const importers = sources.filter((other) => imports.get(other.path)!.includes(path))
      return importers.length === 1 && roomOf(importers[0].path) === roomOf(path)
    })
  expect(small.map(({ path }) => path).sort()).toEqual(Object.keys(SMALL_IDEAS))
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

/** The files of src/ that a file imports. */
function importsOf(path: string, text: string): string[] {
  return relativePaths(withoutCommentLines(text))
    .map((target) => join(dirname(path), target))
    .filter((target) => target.startsWith('src/') && target.endsWith('.ts'))
}

/**
 * The strongly connected components of two files or more (Tarjan 1972, doi:10.1137/0201010), each sorted.
 * @param graph  the files that each file imports
 */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string) => {
    order.set(file, order.size)
    low.set(file, order.get(file)!)
    stack.push(file)
    for (const target of graph.get(file) ?? []) {
      if (!order.has(target)) visit(target)
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!))
    }
    if (low.get(file) !== order.get(file)) return
    const component = stack.splice(stack.indexOf(file))
    if (component.length > 1) found.push(component.sort())
  }
  for (const file of graph.keys()) if (!order.has(file)) visit(file)
  return found
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
