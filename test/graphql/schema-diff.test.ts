import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { describe, expect, onTestFinished, test } from 'vitest'
import { schema } from '../../src/graphql/schema.ts'
import { schemaChanges } from '../../schema/schema-changes.ts'
import { runChild } from '../child-process.ts'

const changes = (released: string, code: string) => schemaChanges(released, buildSchema(code))
const none = { breaking: [], dangerous: [] }

describe('a client of the last release is broken', () => {
  test.each([
    [
      'a field is gone',
      'type Query { a: Int b: Int }',
      'type Query { a: Int }',
      'Field Query.b was removed.',
    ],
    [
      'a field may be null that could not be',
      'type Query { a: Int! }',
      'type Query { a: Int }',
      'Field Query.a changed type from Int! to Int.',
    ],
    [
      'an argument is asked for that was not',
      'type Query { a: Int }',
      'type Query { a(of: Int!): Int }',
      'A required argument Query.a(of:) was added.',
    ],
    [
      'an argument is gone',
      'type Query { a(of: Int): Int }',
      'type Query { a: Int }',
      'Argument Query.a(of:) was removed.',
    ],
    [
      'an enum value is gone',
      'type Query { a: E } enum E { X Y }',
      'type Query { a: E } enum E { X }',
      'Enum value E.Y was removed.',
    ],
    [
      'an input has another field that must be given',
      'type Query { a(of: I): Int } input I { x: Int }',
      'type Query { a(of: I): Int } input I { x: Int y: Int! }',
      'A required field I.y was added.',
    ],
    [
      'a union has lost a type',
      'type Query { a: U } union U = A | B type A { x: Int } type B { x: Int }',
      'type Query { a: U b: B } union U = A type A { x: Int } type B { x: Int }',
      'B was removed from union type U.',
    ],
    [
      'a field is gone, whatever of it was deprecated',
      'type Query { a: Int b(of: Int @deprecated): Int }',
      'type Query { a: Int }',
      'Field Query.b was removed.',
    ],
    [
      'a type became one of another kind, whatever of it was deprecated',
      'type Query { a: T } type T { x: Int y: Int @deprecated }',
      'type Query { a: T b: Int } scalar T',
      'T changed from an Object type to a Scalar type.',
    ],
  ])('where %s', (_what, released, code, change) => {
    expect(changes(released, code).breaking).toEqual([change])
  })

  test('where a field is deprecated and removed in one step', () => {
    const released = 'type Query { a: Int b: Int }'
    const deprecated = 'type Query { a: Int b: Int @deprecated(reason: "Use a.") }'
    expect(changes(released, deprecated)).toEqual(none)
    expect(changes(released, 'type Query { a: Int }').breaking).toHaveLength(1)
    expect(changes(deprecated, 'type Query { a: Int }')).toEqual(none)
  })

  test('where a deprecated field still exists, but with another type', () => {
    const released = 'type Query { a: Int b: Int @deprecated }'
    expect(changes(released, 'type Query { a: Int b: String @deprecated }').breaking).toHaveLength(1)
  })
})

describe('what was deprecated in the last release may be gone:', () => {
  test.each([
    ['an argument', 'type Query { a(of: Int @deprecated): Int }', 'type Query { a: Int }'],
    ['an enum value', 'type Query { a: E } enum E { X Y @deprecated }', 'type Query { a: E } enum E { X }'],
    [
      "an input's field",
      'type Query { a(of: I): Int } input I { x: Int y: Int @deprecated }',
      'type Query { a(of: I): Int } input I { x: Int }',
    ],
    [
      'a field, and the types that it alone led to',
      `type Query { a: Int old: Old @deprecated } type Old { deep: Deeper } interface Deeper { x: Float }
       type Deepest implements Deeper { x: Float }`,
      'type Query { a: Int }',
    ],
  ])('%s', (_what, released, code) => {
    expect(changes(released, code)).toEqual(none)
  })

  test('but no type that something else led to', () => {
    const released = 'type Query { old: T @deprecated other: T } type T { x: Int }'
    expect(changes(released, 'type Query { other: Int }').breaking).toEqual([
      'T was removed.',
      'Field Query.other changed type from T to Int.',
    ])
  })

  test('and no type behind an interface that stays', () => {
    const released =
      'type Query { node: Node old: T @deprecated } interface Node { id: ID } type T implements Node { id: ID }'
    expect(changes(released, 'type Query { node: Node } interface Node { id: ID }').breaking).toEqual([
      'T was removed.',
    ])
  })
})

test('what may surprise a client is dangerous, and breaks nothing', () => {
  const released = 'type Query { a(of: Int = 1): E } enum E { X }'
  expect(changes(released, 'type Query { a(of: Int = 2): E } enum E { X Y }')).toEqual({
    breaking: [],
    dangerous: ['Query.a(of:) has changed defaultValue from 1 to 2.', 'Enum value E.Y was added.'],
  })
})

test('additions, other descriptions and another order do not break clients', () => {
  expect(
    changes('type Query { a: Int b: Int }', 'type Query { c: T b: Int "New." a: Int } type T { x: Int }'),
  ).toEqual(none)
  expect(schemaChanges(printSchema(lexicographicSortSchema(schema)), schema)).toEqual(none)
})

test('every field that was not deprecated is missed, and none that was', () => {
  const field = fc.record({ deprecated: fc.boolean(), kept: fc.boolean() })
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 8 }), (fields) => {
      const released = fields
        .map(({ deprecated }, i) => `f${i}: Int ${deprecated ? '@deprecated' : ''}`)
        .join(' ')
      const left = fields.flatMap(({ kept }, i) => (kept ? `f${i}: Int` : [])).join(' ')
      const missed = fields.flatMap(({ deprecated, kept }, i) => (deprecated || kept ? [] : [i]))
      expect(changes(`type Query { a: Int ${released} }`, `type Query { a: Int ${left} }`).breaking).toEqual(
        missed.map((i) => `Field Query.f${i} was removed.`),
      )
    }),
  )
})

describe('the command', () => {
  const script = fileURLToPath(new URL('../../schema/schema-diff.ts', import.meta.url))
  const diff = (...args: string[]) => runChild(process.execPath, [script, ...args])

  test('passes if the code has everything that was released', async () => {
    const { stdout, stderr } = await diff(await fileOf(printSchema(schema)))
    expect(stdout).toContain('breaking changes: 0, dangerous ones: 0.')
    expect(stderr).toBe('')
  })

  test('fails if not, naming each break and what to do', async () => {
    const sdl = printSchema(schema).replace('type Query {', 'type Query {\n  oracle: String')
    await expect(diff(await fileOf(sdl))).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('breaking changes: 1, dangerous ones: 0.'),
      stderr: expect.stringMatching(/breaking: Field Query\.oracle was removed\.[\s\S]*deprecation reason/),
    })
  })

  test('fails if the release is not a schema, or cannot be found', async () => {
    const failure = { code: 1, stderr: expect.stringContaining('cannot be read') }
    await expect(diff(await fileOf('type Query {'))).rejects.toMatchObject(failure)
    await expect(diff('nowhere.graphql')).rejects.toMatchObject(failure)
  })

  test('takes one file at most', async () => {
    await expect(diff('a', 'b')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Usage') })
  })
})

async function fileOf(sdl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'released-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'released.graphql')
  await writeFile(file, sdl)
  return file
}
