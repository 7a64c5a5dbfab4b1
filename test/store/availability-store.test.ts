import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type {
  AvailabilityChange,
  AvailabilityRegister,
  ProductAvailability,
} from '../../src/store/availability.ts'
import { AvailabilityError, availabilityInMemory } from '../../src/store/availability.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { temporaryFile } from '../explanations/writer.ts'

const AVAILABLE = { hidden: false, inStock: true, validFrom: null, validUntil: null }
const NEW_YEAR = Date.UTC(2027, 0, 1)

describe('availability', () => {
  test('is given of every product, whether or not anything was said of it', () => {
    const availability = openAvailability(':memory:')
    expect(availability.get('mug')).toEqual(AVAILABLE)
    expect([...availability.entries()]).toEqual([])
    availability.close()
  })

  test('changes in what is said, and keeps the rest', () => {
    const availability = openAvailability(':memory:')
    availability.set([{ sku: 'mug', inStock: false, validUntil: NEW_YEAR }])
    availability.set([{ sku: 'mug', hidden: true, inStock: undefined }])
    expect(availability.get('mug')).toEqual({
      ...AVAILABLE,
      hidden: true,
      inStock: false,
      validUntil: NEW_YEAR,
    })
    availability.set([{ sku: 'mug', validUntil: null, inStock: true }])
    expect(availability.get('mug')).toEqual({ ...AVAILABLE, hidden: true })
    expect(availability.get('cup')).toEqual(AVAILABLE)
    availability.close()
  })

  test('builds later changes of one call on the former', () => {
    const availability = openAvailability(':memory:')
    availability.set([
      { sku: 'mug', hidden: true },
      { sku: 'mug', inStock: false },
      { sku: 'mug', hidden: false },
    ])
    expect([...availability.entries()]).toEqual([['mug', { ...AVAILABLE, inStock: false }]])
    availability.close()
  })

  test('has another version after every change, and only then', () => {
    const availability = openAvailability(':memory:')
    const before = availability.version
    availability.set([])
    expect(availability.version).toBe(before)
    availability.set([{ sku: 'mug', hidden: true }])
    const after = availability.version
    expect(after).toBeGreaterThan(before)
    expect(availability.version).toBe(after)
    availability.set([{ sku: 'mug', hidden: true }])
    expect(availability.version).toBeGreaterThan(after)
    availability.close()
  })

  test('tells ids apart by every character, whatever they are', () => {
    const availability = openAvailability(':memory:')
    const ids = ['a', 'A', 'a ', '', 'á', 'a\u0301', 'a\0', 'a\0b', "'; DROP TABLE availability; --", '🎁']
    availability.set(ids.map((sku, i) => ({ sku, validFrom: i })))
    expect(ids.map((sku) => availability.get(sku).validFrom)).toEqual(ids.map((_, i) => i))
    availability.close()
  })

  test('is found again when the file is closed and opened', () => {
    const file = temporaryFile('availability.sqlite')
    const availability = openAvailability(file)
    availability.set([{ sku: 'mug', hidden: true, inStock: false, validFrom: -1, validUntil: NEW_YEAR }])
    const { version } = availability
    availability.close()
    const again = openAvailability(file)
    expect(again.get('mug')).toEqual({ hidden: true, inStock: false, validFrom: -1, validUntil: NEW_YEAR })
    expect(again.version).toBe(version)
    again.close()
  })

  test('in memory leaves nothing behind', () => {
    const availability = openAvailability(':memory:')
    availability.set([{ sku: 'mug', hidden: true }])
    availability.close()
    expect(existsSync(':memory:')).toBe(false)
    const again = openAvailability(':memory:')
    expect(again.get('mug')).toEqual(AVAILABLE)
    again.close()
  })
})

describe('a change that makes no sense is refused, and with it all of its call', () => {
  test('a time that ends before it begins', () => {
    expect(
      refused([
        { sku: 'cup', hidden: true },
        { sku: 'pot', validFrom: NEW_YEAR, validUntil: NEW_YEAR - 1 },
      ]),
    ).toEqual({
      sku: 'pot',
      path: ['1', 'validUntil'],
      message:
        'The availability of product pot cannot be set: its time would begin (2027-01-01T00:00:00.000Z) after it ' +
        'ends (2026-12-31T23:59:59.999Z); set "validFrom" and "validUntil" together.',
    })
  })

  test('an end before the beginning that was set earlier', () => {
    expect(refused([{ sku: 'mug', validUntil: 0 }])).toMatchObject({ sku: 'mug', path: ['0', 'validUntil'] })
  })

  test('a beginning after the end that the same call set', () => {
    const changes = [
      { sku: 'cup', validUntil: 1 },
      { sku: 'cup', validFrom: 2 },
    ]
    expect(refused(changes)).toMatchObject({ sku: 'cup', path: ['1', 'validFrom'] })
  })

  test.each([Number.NaN, Infinity, 0.5, 8.64e15 + 1])('a time of %s', (validFrom) => {
    expect(refused([{ sku: 'cup', validFrom }])).toEqual({
      sku: 'cup',
      path: ['0', 'validFrom'],
      message:
        'The availability of product cup cannot be set: "validFrom" must be a whole number of ms since 1970 that ' +
        `a date can have, or null, not ${validFrom}.`,
    })
  })

  test('but a beginning and an end at one moment, and the first and last of all dates, are not', () => {
    const availability = openAvailability(':memory:')
    availability.set([
      { sku: 'never', validFrom: 5, validUntil: 5 },
      { sku: 'ever', validFrom: -8.64e15, validUntil: 8.64e15 },
    ])
    expect(availability.get('never')).toMatchObject({ validFrom: 5, validUntil: 5 })
    expect(availability.get('ever')).toMatchObject({ validFrom: -8.64e15, validUntil: 8.64e15 })
    availability.close()
  })
})

/** The error that changes are refused with; nothing else has changed. */
function refused(changes: readonly AvailabilityChange[]): object {
  const availability = openAvailability(':memory:')
  availability.set([{ sku: 'mug', validFrom: NEW_YEAR }])
  const before = [...availability.entries()]
  const { version } = availability
  let error: unknown
  try {
    availability.set(changes)
  } catch (caught) {
    error = caught
  }
  expect([...availability.entries()]).toEqual(before)
  expect(availability.version).toBe(version)
  availability.close()
  expect(error).toBeInstanceOf(AvailabilityError)
  const { sku, path, message } = error as AvailabilityError
  return { sku, path, message }
}

const time = fc.option(fc.integer({ min: 0, max: 5 }))
const change = fc.record(
  {
    sku: fc.constantFrom('mug', 'cup', 'pot'),
    hidden: fc.boolean(),
    inStock: fc.boolean(),
    validFrom: time,
    validUntil: time,
  },
  { requiredKeys: ['sku'] },
)

test('two that share a file always agree with each other, with what was said and with who opens it later', () => {
  const call = fc.record({ who: fc.nat(1), changes: fc.array(change, { maxLength: 4 }) })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
      const file = temporaryFile('availability.sqlite')
      const both = [openAvailability(file), openAvailability(file)]
      let said: Record<string, ProductAvailability> = {}
      for (const { who, changes } of calls) {
        const next = { ...said }
        for (const { sku, ...rest } of changes) next[sku] = { ...(next[sku] ?? AVAILABLE), ...rest }
        const isSense = stepsOf(said, changes).every(
          ({ validFrom, validUntil }) => validFrom === null || validUntil === null || validFrom <= validUntil,
        )
        if (isSense) both[who].set(changes)
        else expect(() => both[who].set(changes)).toThrow(AvailabilityError)
        if (isSense) said = next
        for (const one of both) expect(Object.fromEntries(one.entries())).toEqual(said)
        expect(both[0].version).toBe(both[1].version)
      }
      const later = openAvailability(file)
      expect(later.version).toBe(both[0].version)
      for (const one of both) one.close()
      expect(Object.fromEntries(later.entries())).toEqual(said)
      later.close()
    }),
    { numRuns: 40 },
  )
})

/** What holds after each of the changes. */
function stepsOf(
  said: Record<string, ProductAvailability>,
  changes: readonly ({ sku: string } & Partial<ProductAvailability>)[],
): ProductAvailability[] {
  const now = { ...said }
  return changes.map(({ sku, ...rest }) => (now[sku] = { ...(now[sku] ?? AVAILABLE), ...rest }))
}

/** What becomes of a register by changes. */
function outcome(register: AvailabilityRegister, changes: readonly AvailabilityChange[]) {
  let refusal = ''
  try {
    register.set(changes)
  } catch (error) {
    expect(error).toBeInstanceOf(AvailabilityError)
    refusal = (error as Error).message
  }
  return { refusal, known: Object.fromEntries(register.entries()), mug: register.get('mug') }
}

test('a register in memory answers as the store does', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }), (calls) => {
      const file = openAvailability(':memory:')
      const memory = availabilityInMemory()
      for (const changes of calls) {
        const { version } = memory
        const found = outcome(memory, changes)
        expect(found).toEqual(outcome(file, changes))
        expect(memory.version > version).toBe(changes.length > 0 && found.refusal === '')
      }
      file.close()
    }),
  )
})
