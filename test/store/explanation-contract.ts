/** What the store of explanations does, whichever engine keeps it. */
import { describe, expect, test } from 'vitest'
import { ExplanationStore } from '../../src/store/explanation-store.ts'
import { keptLog } from '../explanations/writer.ts'

const open = (store: string) => new ExplanationStore(store, keptLog())

/** @param location  a new, empty store */
export function explanationContract(location: () => string): void {
  describe('a store', () => {
    test('finds what was kept, also after it was closed and opened again', async () => {
      const place = location()
      const store = open(place)
      expect(await store.find('key')).toBeUndefined()
      await store.keep('key', 'first')
      await store.keep('key', 'second')
      await store.close()
      const again = open(place)
      expect(await again.find('key')).toBe('second')
      await again.close()
    })

    test('adds up what a day has cost, and keeps it', async () => {
      const place = location()
      const store = open(place)
      await store.spend('2018-08-29', { tokens: 100, money: 0.5 })
      await store.spend('2018-08-29', { tokens: 20, money: 0.25 })
      await store.spend('2018-08-30', { tokens: 1, money: 1 })
      await store.close()
      const again = open(place)
      expect(await again.spent('2018-08-29')).toEqual({ tokens: 120, money: 0.75 })
      expect(await again.spent('2018-08-31')).toEqual({ tokens: 0, money: 0 })
      await again.close()
    })

    test('is shared by those who open the same store', async () => {
      const place = location()
      const [one, other] = [open(place), open(place)]
      await one.keep('key', 'text')
      await one.spend('2018-08-29', { tokens: 1, money: 1 })
      await other.spend('2018-08-29', { tokens: 1, money: 1 })
      expect(await other.find('key')).toBe('text')
      expect((await one.spent('2018-08-29')).money).toBe(2)
      await one.close()
      await other.close()
    })

    test('frees no money where it was edited', async () => {
      const place = location()
      const store = open(place)
      await store.spend('2018-08-29', { tokens: -2000, money: -1000 })
      expect(await store.spent('2018-08-29')).toEqual({ tokens: 0, money: 0 })
      await store.close()
    })
  })
}
