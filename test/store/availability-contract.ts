/** What the availability of a store does, whichever engine keeps it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AvailabilityChange, ProductAvailability } from '../../src/store/availability.ts'
import { AvailabilityError } from '../../src/store/availability.ts'
import { openAvailability } from '../../src/store/availability-store.ts'

const AVAILABLE = { hidden: false, inStock: true, validFrom: null, validUntil: null }
const NEW_YEAR = Date.UTC(2027, 0, 1)

const time = fc.option(fc.integer({ min: 0, max: 5 }))
/** A change of one of three products. */
export const change = fc.record(
  {
    sku: fc.constantFrom('mug', 'cup', 'pot'),
    hidden: fc.boolean(),
    inStock: fc.boolean(),
    validFrom: time,
    validUntil: time,
  },
  { requiredKeys: ['sku'] },
)

/** What holds after each of the changes. */
function stepsOf(
  said: Record<string, ProductAvailability>,
  changes: readonly ({ sku: string } & Partial<ProductAvailability>)[],
): ProductAvailability[] {
  const now = { ...said }
  return changes.map(({ sku, ...rest }) => (now[sku] = { ...(now[sku] ?? AVAILABLE), ...rest }))
}

/** @param location  a new, empty store */
export function availabilityContract(location: () => string): void {
  describe('availability', () => {
    test('is given of every product, whether or not anything was said of it', async () => {
      const availability = await openAvailability(location())
      expect(availability.get('mug')).toEqual(AVAILABLE)
      expect([...availability.entries()]).toEqual([])
      await availability.close()
    })

    test('changes in what is said, and keeps the rest', async () => {
      const availability = await openAvailability(location())
      await availability.set([{ sku: 'mug', inStock: false, validUntil: NEW_YEAR }])
      await availability.set([{ sku: 'mug', hidden: true, inStock: undefined }])
      expect(availability.get('mug')).toEqual({
        ...AVAILABLE,
        hidden: true,
        inStock: false,
        validUntil: NEW_YEAR,
      })
      await availability.set([{ sku: 'mug', validUntil: null, inStock: true }])
      expect(availability.get('mug')).toEqual({ ...AVAILABLE, hidden: true })
      expect(availability.get('cup')).toEqual(AVAILABLE)
      await availability.close()
    })

    test('builds later changes of one call on the former', async () => {
      const availability = await openAvailability(location())
      await availability.set([
        { sku: 'mug', hidden: true },
        { sku: 'mug', inStock: false },
        { sku: 'mug', hidden: false },
      ])
      expect([...availability.entries()]).toEqual([['mug', { ...AVAILABLE, inStock: false }]])
      await availability.close()
    })

    test('has another version after every change, and only then', async () => {
      const availability = await openAvailability(location())
      const before = availability.version
      await availability.set([])
      expect(availability.version).toBe(before)
      await availability.set([{ sku: 'mug', hidden: true }])
      const after = availability.version
      expect(after).toBeGreaterThan(before)
      expect(availability.version).toBe(after)
      await availability.set([{ sku: 'mug', hidden: true }])
      expect(availability.version).toBeGreaterThan(after)
      await availability.close()
    })

    test('tells ids apart by every character, whatever they are', async () => {
      const availability = await openAvailability(location())
      const ids = ['a', 'A', 'a ', '', 'á', 'a\u0301', "'; DROP TABLE availability; --", '🎁']
      await availability.set(ids.map((sku, i) => ({ sku, validFrom: i })))
      expect(ids.map((sku) => availability.get(sku).validFrom)).toEqual(ids.map((_, i) => i))
      await availability.close()
    })

    test('is found again when the store is closed and opened', async () => {
      const store = location()
      const availability = await openAvailability(store)
      await availability.set([
        { sku: 'mug', hidden: true, inStock: false, validFrom: -1, validUntil: NEW_YEAR },
      ])
      const { version } = availability
      await availability.close()
      const again = await openAvailability(store)
      expect(again.get('mug')).toEqual({ hidden: true, inStock: false, validFrom: -1, validUntil: NEW_YEAR })
      expect(again.version).toBe(version)
      await again.close()
    })
  })

  describe('a change that makes no sense is refused, and with it all of its call', () => {
    test('a time that ends before it begins', async () => {
      expect(
        await refused([
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

    test('an end before the beginning that was set earlier', async () => {
      expect(await refused([{ sku: 'mug', validUntil: 0 }])).toMatchObject({
        sku: 'mug',
        path: ['0', 'validUntil'],
      })
    })

    test('a beginning after the end that the same call set', async () => {
      const changes = [
        { sku: 'cup', validUntil: 1 },
        { sku: 'cup', validFrom: 2 },
      ]
      expect(await refused(changes)).toMatchObject({ sku: 'cup', path: ['1', 'validFrom'] })
    })

    test.each([Number.NaN, Infinity, 0.5, 8.64e15 + 1])('a time of %s', async (validFrom) => {
      expect(await refused([{ sku: 'cup', validFrom }])).toEqual({
        sku: 'cup',
        path: ['0', 'validFrom'],
        message:
          'The availability of product cup cannot be set: "validFrom" must be a whole number of ms since 1970 that ' +
          `a date can have, or null, not ${validFrom}.`,
      })
    })

    test('but a beginning and an end at one moment, and the first and last of all dates, are not', async () => {
      const availability = await openAvailability(location())
      await availability.set([
        { sku: 'never', validFrom: 5, validUntil: 5 },
        { sku: 'ever', validFrom: -8.64e15, validUntil: 8.64e15 },
      ])
      expect(availability.get('never')).toMatchObject({ validFrom: 5, validUntil: 5 })
      expect(availability.get('ever')).toMatchObject({ validFrom: -8.64e15, validUntil: 8.64e15 })
      await availability.close()
    })
  })

  /** The error that changes are refused with; nothing else has changed. */
  async function refused(changes: readonly AvailabilityChange[]): Promise<object> {
    const availability = await openAvailability(location())
    await availability.set([{ sku: 'mug', validFrom: NEW_YEAR }])
    const before = [...availability.entries()]
    const { version } = availability
    let error: unknown
    try {
      await availability.set(changes)
    } catch (caught) {
      error = caught
    }
    expect([...availability.entries()]).toEqual(before)
    expect(availability.version).toBe(version)
    await availability.close()
    expect(error).toBeInstanceOf(AvailabilityError)
    const { sku, path, message } = error as AvailabilityError
    return { sku, path, message }
  }

  test('two that share a store always agree with each other, with what was said and with who opens it later', async () => {
    const call = fc.record({ who: fc.nat(1), changes: fc.array(change, { maxLength: 4 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 12 }), async (calls) => {
        const store = location()
        const both = [await openAvailability(store), await openAvailability(store)]
        let said: Record<string, ProductAvailability> = {}
        for (const { who, changes } of calls) {
          const next = { ...said }
          for (const { sku, ...rest } of changes) next[sku] = { ...(next[sku] ?? AVAILABLE), ...rest }
          const isSense = stepsOf(said, changes).every(
            ({ validFrom, validUntil }) =>
              validFrom === null || validUntil === null || validFrom <= validUntil,
          )
          if (isSense) await both[who].set(changes)
          else await expect(both[who].set(changes)).rejects.toThrow(AvailabilityError)
          if (isSense) said = next
          await both[1 - who].refresh()
          for (const one of both) expect(Object.fromEntries(one.entries())).toEqual(said)
          expect(both[0].version).toBe(both[1].version)
        }
        const later = await openAvailability(store)
        expect(later.version).toBe(both[0].version)
        for (const one of both) await one.close()
        expect(Object.fromEntries(later.entries())).toEqual(said)
        await later.close()
      }),
      { numRuns: 20 },
    )
  })
}
