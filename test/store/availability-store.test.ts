import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AvailabilityChange, AvailabilityRegister } from '../../src/store/availability.ts'
import { AVAILABLE, AvailabilityError, availabilityInMemory } from '../../src/store/availability.ts'
import { openAvailability } from '../../src/store/availability-store.ts'
import { temporaryFile } from '../explanations/writer.ts'
import { availabilityContract, change } from './availability-contract.ts'

availabilityContract(() => temporaryFile('availability.sqlite'))

describe('availability in memory', () => {
  test('leaves nothing behind', async () => {
    const availability = await openAvailability(':memory:')
    await availability.set([{ sku: 'mug', hidden: true }])
    await availability.close()
    expect(existsSync(':memory:')).toBe(false)
    const again = await openAvailability(':memory:')
    expect(again.get('mug')).toEqual(AVAILABLE)
    await again.close()
  })

  test('tells ids apart by every character, NUL among them', async () => {
    const availability = await openAvailability(':memory:')
    const ids = ['a', 'a\0', 'a\0b']
    await availability.set(ids.map((sku, i) => ({ sku, validFrom: i })))
    expect(ids.map((sku) => availability.get(sku).validFrom)).toEqual([0, 1, 2])
    await availability.close()
  })
})

/** What becomes of a register by changes. */
async function outcome(register: AvailabilityRegister, changes: readonly AvailabilityChange[]) {
  let refusal = ''
  try {
    await register.set(changes)
  } catch (error) {
    expect(error).toBeInstanceOf(AvailabilityError)
    refusal = (error as Error).message
  }
  return { refusal, known: Object.fromEntries(register.entries()), mug: register.get('mug') }
}

test('a register in memory answers as the store does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 12 }), async (calls) => {
      const file = await openAvailability(':memory:')
      const memory = availabilityInMemory()
      for (const changes of calls) {
        const { version } = memory
        const found = await outcome(memory, changes)
        expect(found).toEqual(await outcome(file, changes))
        expect(memory.version > version).toBe(changes.length > 0 && found.refusal === '')
      }
      await file.close()
    }),
  )
})
