/** What every engine of the event store does, whatever it keeps the events in. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { NewEvent } from '../../src/store/event.ts'
import { InvalidEventsError } from '../../src/store/event.ts'
import type { EventStore, Visitor, Watermark } from '../../src/store/event-store.ts'

/** When the stores of the suite say it is. */
export const NOW = Date.UTC(2018, 7, 29, 12)

const DAY = 86_400_000

/** An event of each test: a purchase of a mug by ana, a day ago, unless it says otherwise. */
const event = (given: Partial<NewEvent> = {}): NewEvent => ({
  ...(given.visitor == null && { customer: 'ana' }),
  product: 'mug',
  kind: 'PURCHASE',
  at: NOW - DAY,
  ...given,
})

/** The products in the histories of customers. */
const productsOf = async (store: EventStore, customers: string[], limit = 100) =>
  (await store.histories(customers, limit)).map((history) => history.map(({ product }) => product))

/** What customers bought, and gave back, of what was recorded after a watermark. */
const later = async (store: EventStore, since: Watermark | null) =>
  (await store.histories(['ana'], 100, since?.receivedThrough)).map((history) => history.map(({ id }) => id))

const viewOf = (product: string, at: number) => event({ kind: 'VIEW', product, at, idempotencyKey: product })

const visitorNamed = (visitor: string): Visitor => ({ visitor })
const productsSeen = async (store: EventStore, people: (string | Visitor)[], limit = 100) =>
  (await store.interests(people, limit)).map((events) => events.map(({ product }) => product))

/** @param open  a new, empty store whose clock says NOW */
const idsIn = (pasts: readonly { readonly purchases: readonly { readonly id: string }[] }[]) =>
  pasts.map(({ purchases }) => purchases.map(({ id }) => id))

const timed = (id: string, time: number, more = {}) => event({ idempotencyKey: id, at: NOW - time, ...more })

export function eventStoreContract(open: () => EventStore): void {
  const opened: EventStore[] = []
  const empty = () => {
    const store = open()
    opened.push(store)
    return store
  }
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()))
  })

  /** The problems of events that are refused. */
  const problemsOf = async (events: NewEvent[]) => {
    const refused = await empty()
      .append(events)
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(InvalidEventsError)
    return (refused as InvalidEventsError).problems
  }

  describe('append', () => {
    test('records events, which the next read sees', async () => {
      const store = empty()
      expect(await store.append([event({ quantity: 2, orderId: 'o1', idempotencyKey: 'k1' })])).toEqual({
        accepted: 1,
        duplicates: 0,
      })
      expect(await store.histories(['ana'], 10)).toEqual([
        [
          {
            id: 'k1',
            product: 'mug',
            kind: 'PURCHASE',
            at: NOW - DAY,
            quantity: 2,
            value: null,
            orderId: 'o1',
          },
        ],
      ])
    })

    test('counts a purchase without a quantity as one unit', async () => {
      const store = empty()
      await store.append([event()])
      const [[{ quantity }]] = await store.histories(['ana'], 10)
      expect(quantity).toBe(1)
    })

    test('takes the same key twice as one event, in one call and in several', async () => {
      const store = empty()
      const twice = [event({ idempotencyKey: 'k' }), event({ idempotencyKey: 'k', product: 'cup' })]
      expect(await store.append(twice)).toEqual({ accepted: 1, duplicates: 1 })
      expect(await store.append(twice)).toEqual({ accepted: 0, duplicates: 2 })
      expect(await productsOf(store, ['ana'])).toEqual([['mug']])
    })

    test('takes events without a key as different events, also when they say the same', async () => {
      const store = empty()
      expect(await store.append([event(), event()])).toEqual({ accepted: 2, duplicates: 0 })
      expect(await store.append([event()])).toEqual({ accepted: 1, duplicates: 0 })
    })

    test('tells each of many calls at once what became of its own events', async () => {
      const store = empty()
      const calls = Array.from({ length: 50 }, (_, n) =>
        store.append([event({ idempotencyKey: `own ${n}` }), event({ idempotencyKey: 'shared' })]),
      )
      const recorded = await Promise.all(calls)
      expect(recorded.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(51)
      expect(recorded.every(({ accepted, duplicates }) => accepted + duplicates === 2)).toBe(true)
      expect((await store.histories(['ana'], 100))[0]).toHaveLength(51)
    })

    test('records nothing of events of which one is invalid, and names each invalid one', async () => {
      const store = empty()
      const events = [event(), event({ quantity: 0 }), event(), event({ at: NOW + DAY })]
      await expect(store.append(events)).rejects.toThrow('2 events are invalid, so none was recorded')
      expect(await productsOf(store, ['ana'])).toEqual([[]])
      expect(await problemsOf(events)).toMatchObject([
        { place: 1, field: 'quantity' },
        {
          place: 3,
          field: 'at',
          message:
            '"at" is 2018-08-30T12:00:00.000Z, which is in the future: here it is 2018-08-29T12:00:00.000Z.',
        },
      ])
    })

    test.each([
      ['customer', event({ customer: '' })],
      ['customer', event({ visitor: 'v', customer: 'ana' })],
      ['customer', event({ customer: null })],
      ['product', event({ product: 'x'.repeat(501) })],
      ['product', event({ product: 'a\0b' })],
      ['product', event({ product: 5 as never })],
      ['product', event({ product: null as never })],
      ['kind', event({ kind: 'SOLD' as never })],
      ['at', event({ at: 0 })],
      ['at', event({ at: NaN })],
      ['at', event({ at: NOW - 0.5 })],
      ['quantity', event({ quantity: Infinity })],
      ['quantity', event({ quantity: -1 })],
      ['quantity', event({ kind: 'VIEW', quantity: 1 })],
      ['price', event({ price: -1 })],
      ['price', event({ price: NaN })],
      ['value', event({ kind: 'RATING' })],
      ['value', event({ kind: 'RATING', value: Infinity })],
      ['value', event({ value: 5 })],
      ['undo', event({ undo: true })],
      ['wholeCategory', event({ wholeCategory: false })],
      ['idempotencyKey', event({ idempotencyKey: '' })],
    ] as const)('refuses an event with an invalid %s (%#)', async (field, invalid) => {
      expect(await problemsOf([invalid])).toMatchObject([{ place: 0, field }])
    })

    test('allows for clocks that differ by some seconds', async () => {
      expect(await empty().append([event({ at: NOW + 5000 })])).toEqual({ accepted: 1, duplicates: 0 })
    })

    test('of nothing records nothing', async () => {
      expect(await empty().append([])).toEqual({ accepted: 0, duplicates: 0 })
    })

    test('keeps ids as they are, whatever letters they have', async () => {
      await fc.assert(
        fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme' }), async (id) => {
          fc.pre(!id.includes('\0'))
          const store = empty()
          await store.append([event({ customer: id, product: id, idempotencyKey: id, orderId: id })])
          expect(await store.histories([id], 10)).toMatchObject([[{ id, product: id, orderId: id }]])
        }),
        { numRuns: 20 },
      )
    })
  })

  describe('histories', () => {
    test('hold purchases, returns and what is not of interest, of each customer in the order of the batch', async () => {
      const store = empty()
      const kinds = ['PURCHASE', 'VIEW', 'CART', 'RETURN', 'NOT_INTERESTED', 'IMPRESSION', 'CLICK'] as const
      await store.append(kinds.map((kind, n) => event({ kind, product: `p${n}`, at: NOW - DAY + n })))
      await store.append([event({ customer: 'ben', product: 'cup' }), event({ kind: 'RATING', value: 5 })])
      expect(await productsOf(store, ['ben', 'nobody', 'ana', 'ben'])).toEqual([
        ['cup'],
        [],
        ['p4', 'p3', 'p0'],
        ['cup'],
      ])
    })

    test('are cut to the latest events, of one time to those with the greater ids', async () => {
      const store = empty()
      await store.append([
        event({ product: 'old', at: NOW - 3 * DAY }),
        event({ product: 'b', idempotencyKey: 'b' }),
        event({ product: 'a', idempotencyKey: 'a' }),
        event({ product: 'c', idempotencyKey: 'c' }),
        event({ customer: 'ben', product: 'cup' }),
      ])
      expect(await productsOf(store, ['ana', 'ben'], 2)).toEqual([['c', 'b'], ['cup']])
      expect(await productsOf(store, ['ana'], 4)).toEqual([['c', 'b', 'a', 'old']])
    })

    test('of many customers with many events are whole', async () => {
      const store = empty()
      const customers = ['ana', 'ben', 'cleo', 'dora']
      for (const customer of customers)
        await store.append(
          Array.from({ length: 2500 }, (_, n) =>
            event({ customer, product: `${customer} ${n}`, at: NOW - n }),
          ),
        )
      const histories = await store.histories([...customers, 'nobody', ...customers], 2000)
      expect(histories.map((history) => history.length)).toEqual([
        2000, 2000, 2000, 2000, 0, 2000, 2000, 2000, 2000,
      ])
      for (const [i, customer] of customers.entries())
        expect(histories[i].map(({ product }) => product)).toEqual(
          Array.from({ length: 2000 }, (_, n) => `${customer} ${n}`),
        )
    })

    test('say whether "not interested" was taken back', async () => {
      const store = empty()
      await store.append([
        event({ kind: 'NOT_INTERESTED', at: NOW - 2 }),
        event({ kind: 'NOT_INTERESTED', undo: true, at: NOW - 1 }),
      ])
      expect(await store.histories(['ana'], 10)).toMatchObject([[{ value: 0 }, { value: 1 }]])
    })

    test('say whether "not interested" is of the whole category', async () => {
      const store = empty()
      const wholeCategory = event({ kind: 'NOT_INTERESTED', wholeCategory: true, at: NOW - 2 })
      await store.append([wholeCategory, { ...wholeCategory, undo: true, at: NOW - 1 }])
      expect(await store.histories(['ana'], 10)).toMatchObject([[{ value: 3 }, { value: 2 }]])
    })
  })

  test('versions of histories differ when the histories do, and only then', async () => {
    const store = empty()
    const versions = () => store.historyVersions(['ana', 'ben'], 3)
    const seen = [(await versions())[0]]
    const others = (await versions())[1]
    const isNew = async (expected: boolean) => {
      const [version, other] = await versions()
      expect([!seen.includes(version), other]).toEqual([expected, others])
      seen.push(version)
    }
    await store.append([event({ at: NOW - 5, idempotencyKey: 'a' })])
    await isNew(true)
    await store.append([event({ at: NOW - 5, idempotencyKey: 'a' }), event({ kind: 'CLICK' })])
    await isNew(false)
    await store.append([event({ kind: 'VIEW' })])
    await isNew(true)
    await store.append([event({ at: NOW - 3 }), event({ kind: 'RETURN', at: NOW - 4 })])
    await isNew(true)
    // Three are read: an earlier one is not among them, a later one takes the place of the earliest.
    await store.append([event({ at: NOW - 9 })])
    await isNew(false)
    await store.append([event({ kind: 'NOT_INTERESTED', at: NOW })])
    await isNew(true)
    await store.append([event({ visitor: 'v', at: NOW - 1 })])
    await isNew(false)
    await store.identify('v', 'ana')
    await isNew(true)
    await store.erase('ana')
    expect((await versions())[0]).toBe(seen[0])
  })

  test('the version of the store differs after every write', async () => {
    const store = empty()
    const seen = new Set([await store.version()])
    await store.append([event()])
    seen.add(await store.version())
    await store.identify('v', 'ana')
    seen.add(await store.version())
    expect(await store.version()).toBe([...seen].at(-1))
    await store.erase('ana')
    seen.add(await store.version())
    expect(seen.size).toBe(4)
  })

  test('events of a customer are counted from a time on, and no further than asked', async () => {
    const store = empty()
    await store.append([NOW - 3, NOW - 2, NOW - 1].map((at) => event({ at, kind: 'VIEW' })))
    await store.append([event({ customer: 'ben' }), event({ visitor: 'ana' })])
    expect(await store.countSince('ana', NOW - 2, 10)).toBe(2)
    expect(await store.countSince('ana', NOW - 9, 1)).toBe(1)
    expect(await store.countSince('nobody', 0, 10)).toBe(0)
  })

  describe('interests', () => {
    test('are views and cart entries of customers and visitors, in the order of the batch', async () => {
      const store = empty()
      const kinds = ['PURCHASE', 'VIEW', 'CART', 'RETURN', 'NOT_INTERESTED', 'IMPRESSION', 'CLICK'] as const
      await store.append(kinds.map((kind, n) => event({ kind, product: `p${n}`, at: NOW - DAY + n })))
      await store.append([
        event({ visitor: 'ana', kind: 'VIEW', product: 'cup' }),
        event({ customer: 'ben', kind: 'VIEW', product: 'jug' }),
      ])
      const people = ['ben', visitorNamed('ana'), 'nobody', 'ana', visitorNamed('ben')]
      expect(await productsSeen(store, people)).toEqual([['jug'], ['cup'], [], ['p2', 'p1'], []])
      expect((await store.interests(['ana'], 1))[0]).toEqual([
        { product: 'p2', kind: 'CART', at: NOW - DAY + 2 },
      ])
    })

    test('are cut to the latest, of one time to those with the greater ids', async () => {
      const store = empty()
      await store.append([
        viewOf('old', NOW - 9),
        viewOf('b', NOW - 5),
        viewOf('a', NOW - 5),
        viewOf('c', NOW - 5),
      ])
      expect(await productsSeen(store, ['ana'], 2)).toEqual([['c', 'b']])
      expect(await productsSeen(store, ['ana'], 4)).toEqual([['c', 'b', 'a', 'old']])
    })

    test("of a visitor become the customer's once that is known", async () => {
      const store = empty()
      await store.append([event({ visitor: 'v', kind: 'CART' })])
      await store.identify('v', 'ana')
      expect(await productsSeen(store, [visitorNamed('v'), 'ana'])).toEqual([[], ['mug']])
    })
  })

  test('known are the customers with any event, but no visitors', async () => {
    const store = empty()
    await store.append([event({ kind: 'VIEW' }), event({ visitor: 'v' })])
    expect(await store.known(['ana', 'ben', 'v'])).toEqual(new Set(['ana']))
    expect(await store.known([])).toEqual(new Set())
  })

  test('customers are listed by id from a beginning on, each once, and no visitors', async () => {
    const store = empty()
    await store.append([
      event({ customer: 'ben', kind: 'VIEW' }),
      event({ customer: 'ana' }),
      event({ customer: 'anabel' }),
      event({ customer: 'ana', kind: 'RETURN' }),
      event({ customer: 'án' }),
      event({ visitor: 'anna' }),
    ])
    expect(await store.customersFrom('', 10)).toEqual(['ana', 'anabel', 'ben', 'án'])
    expect(await store.customersFrom('', 2)).toEqual(['ana', 'anabel'])
    expect(await store.customersFrom('ana', 10)).toEqual(['ana', 'anabel'])
    expect(await store.customersFrom('anan', 10)).toEqual([])
    expect(await store.customersFrom('', 0)).toEqual([])
  })

  describe('what training reads of customers', () => {
    test('is their purchases and returns by time, of one time by id, and nothing else', async () => {
      const store = empty()
      await store.append([
        timed('b', 5, { kind: 'RETURN' }),
        timed('a', 5),
        timed('c', 9),
        timed('d', 1, { kind: 'VIEW' }),
        timed('e', 1, { kind: 'NOT_INTERESTED' }),
        timed('f', 1, { customer: 'ben' }),
      ])
      const { receivedThrough } = (await store.watermark())!
      expect(idsIn(await store.pasts(['ben', 'nobody', 'ana'], 10, receivedThrough))).toEqual([
        ['f'],
        [],
        ['c', 'a', 'b'],
      ])
    })

    test('is cut to the latest, and to what was recorded up to a time', async () => {
      const store = empty()
      await store.append([timed('old', 9), timed('new', 1)])
      const { receivedThrough } = (await store.watermark())!
      await store.append([timed('later', 5)])
      expect(idsIn(await store.pasts(['ana'], 10, receivedThrough))).toEqual([['old', 'new']])
      expect(idsIn(await store.pasts(['ana'], 1, receivedThrough))).toEqual([['new']])
      expect(idsIn(await store.pasts(['ana'], 10, receivedThrough + 1000))).toEqual([['old', 'later', 'new']])
    })

    test('may be more than one statement reads', async () => {
      const store = empty()
      const many = Array.from({ length: 5003 }, (_, i) => timed(String(i).padStart(5, '0'), 1 + (i % 3)))
      await store.append(many)
      const { receivedThrough } = (await store.watermark())!
      const [{ purchases }] = await store.pasts(['ana'], 20_000, receivedThrough)
      const expected = many.toSorted(
        (a, b) => a.at - b.at || (a.idempotencyKey! < b.idempotencyKey! ? -1 : 1),
      )
      expect(purchases.map(({ id }) => id)).toEqual(expected.map(({ idempotencyKey }) => idempotencyKey))
    })
  })

  describe('the history of a visitor', () => {
    test('is read with those of customers, and not mixed up with a customer of the same id', async () => {
      const store = empty()
      await store.append([
        event({ visitor: 'x', product: 'cup', at: NOW - 2 }),
        event({ visitor: 'x', product: 'jug', at: NOW - 1 }),
        event({ visitor: 'x', product: 'pan', kind: 'VIEW' }),
        event({ customer: 'x', product: 'mug' }),
      ])
      const histories = await store.histories([{ visitor: 'x' }, 'x', { visitor: 'y' }], 10)
      expect(histories.map((history) => history.map(({ product }) => product))).toEqual([
        ['jug', 'cup'],
        ['mug'],
        [],
      ])
      expect((await store.histories([{ visitor: 'x' }], 1))[0].map(({ product }) => product)).toEqual(['jug'])
    })

    test('is empty once the visitor is identified', async () => {
      const store = empty()
      await store.append([event({ visitor: 'v', product: 'cup' })])
      await store.identify('v', 'ana')
      await store.append([event({ visitor: 'v', product: 'jug', at: NOW })])
      expect(await store.histories([{ visitor: 'v' }], 10)).toEqual([[]])
      expect(await productsOf(store, ['ana'])).toEqual([['jug', 'cup']])
    })
  })

  describe('identify', () => {
    test("makes a visitor's events the customer's, earlier and later ones", async () => {
      const store = empty()
      await store.append([
        event({ visitor: 'v', product: 'early' }),
        event({ visitor: 'w', product: 'other' }),
      ])
      expect(await productsOf(store, ['ana', 'v'])).toEqual([[], []])
      expect(await store.identify('v', 'ana')).toBe(1)
      await store.append([event({ visitor: 'v', product: 'late', at: NOW })])
      expect(await productsOf(store, ['ana', 'v'])).toEqual([['late', 'early'], []])
    })

    test('does not mix a visitor up with a customer of the same id', async () => {
      const store = empty()
      await store.append([event({ customer: 'x', product: 'mug' }), event({ visitor: 'x', product: 'cup' })])
      expect(await productsOf(store, ['x'])).toEqual([['mug']])
      expect(await store.identify('x', 'ana')).toBe(1)
      expect(await productsOf(store, ['x', 'ana'])).toEqual([['mug'], ['cup']])
    })

    test('of another customer leaves the earlier events with the first', async () => {
      const store = empty()
      await store.append([event({ visitor: 'v', product: 'early' })])
      await store.identify('v', 'ana')
      expect(await store.identify('v', 'ben')).toBe(0)
      await store.append([event({ visitor: 'v', product: 'late' })])
      expect(await productsOf(store, ['ana', 'ben'])).toEqual([['early'], ['late']])
    })

    test('keeps events that were sent twice one event', async () => {
      const store = empty()
      const sent = [event({ visitor: 'v', idempotencyKey: 'k' })]
      await store.append(sent)
      await store.identify('v', 'ana')
      expect(await store.append(sent)).toEqual({ accepted: 0, duplicates: 1 })
    })

    test('moves as many events as there are', async () => {
      const store = empty()
      await store.append(Array.from({ length: 2500 }, (_, n) => event({ visitor: 'v', at: NOW - n })))
      expect(await store.identify('v', 'ana')).toBe(2500)
      expect((await store.histories(['ana'], 3000))[0]).toHaveLength(2500)
    })

    test('needs ids', async () => {
      await expect(empty().identify('', 'ana')).rejects.toThrow('"visitor" cannot be an id: it is empty.')
      await expect(empty().identify('v', '')).rejects.toThrow('"customer" cannot be an id: it is empty.')
    })
  })

  describe('erase', () => {
    test("removes a customer's events and identity, and no others", async () => {
      const store = empty()
      await store.append([
        event(),
        event({ kind: 'VIEW' }),
        event({ customer: 'ben' }),
        event({ visitor: 'v' }),
      ])
      await store.identify('v', 'ana')
      expect(await store.erase('ana')).toBe(3)
      expect(await store.erase('ana')).toBe(0)
      expect(await productsOf(store, ['ana', 'ben'])).toEqual([[], ['mug']])
      expect(await store.known(['ana', 'ben'])).toEqual(new Set(['ben']))
      expect(await store.exportOf('ana', 10)).toEqual({
        visitors: [],
        segment: null,
        events: [],
        next: null,
      })
      await store.append([event({ visitor: 'v' })])
      expect(await store.known(['ana'])).toEqual(new Set())
    })

    test('removes as many events as there are', async () => {
      const store = empty()
      await store.append(Array.from({ length: 2500 }, (_, n) => event({ at: NOW - n })))
      expect(await store.erase('ana')).toBe(2500)
    })
  })

  describe('removeBefore', () => {
    test('removes what happened before, of customers and visitors, and nothing else', async () => {
      const store = empty()
      const times = fc.sample(fc.integer({ min: NOW - 100, max: NOW }), { numRuns: 12_000, seed: 1 })
      await store.append(
        times.map((at, n) =>
          event({ at, ...(n % 3 === 0 ? { visitor: `v${n % 50}` } : { customer: `c${n % 70}` }) }),
        ),
      )
      const old = times.filter((at) => at < NOW - 40).length
      expect(await store.removeBefore(NOW - 40)).toBe(old)
      expect(await store.removeBefore(NOW - 40)).toBe(0)
      expect(await store.removeBefore(NOW + 1)).toBe(times.length - old)
    })
  })

  describe('watermark', () => {
    test('tells what was recorded before it from what came later, also in the same millisecond', async () => {
      const store = empty()
      await store.append([event({ idempotencyKey: 'before' })])
      const first = await store.watermark()
      await store.append([event({ idempotencyKey: 'after', at: NOW - 2 * DAY })])
      expect(await later(store, first)).toEqual([['after']])
      expect(await later(store, await store.watermark())).toEqual([[]])
      expect((await store.watermark())!.store).toBe(first!.store)
    })

    test('is before what a visitor did, if the visitor is identified later', async () => {
      const store = empty()
      await store.append([event({ visitor: 'v', idempotencyKey: 'own' })])
      const before = await store.watermark()
      await store.identify('v', 'ana')
      expect(await later(store, before)).toEqual([['own']])
    })

    test('does not hide what customers do not want to see', async () => {
      const store = empty()
      await store.append([event({ kind: 'NOT_INTERESTED', idempotencyKey: 'hidden' })])
      expect(await later(store, await store.watermark())).toEqual([['hidden']])
    })

    test('differs from store to store', async () => {
      const [one, other] = [empty(), empty()]
      for (const store of [one, other]) await store.append([event()])
      expect((await one.watermark())!.store).not.toBe((await other.watermark())!.store)
    })
  })

  describe('exportOf', () => {
    test('gives everything that is stored of a customer, in the order in which it happened', async () => {
      const store = empty()
      const shown = { listId: 'list', placement: 'home' }
      await store.append([
        event({ kind: 'CLICK', at: NOW, idempotencyKey: 'b', ...shown }),
        event({ quantity: 2, price: 9.5, orderId: 'o', idempotencyKey: 'a' }),
        event({ visitor: 'v', kind: 'RATING', value: 4, at: NOW - 1, idempotencyKey: 'c' }),
        event({ customer: 'ben' }),
      ])
      await store.identify('v', 'ana')
      const none = { quantity: null, price: null, value: null, orderId: null, listId: null, placement: null }
      const unknown = { seller: null, reviewScore: null, deliveryDelayDays: null }
      const all = { ...none, ...unknown, product: 'mug', receivedAt: NOW }
      const bought = { quantity: 2, price: 9.5, orderId: 'o' }
      expect(await store.exportOf('ana', 10)).toEqual({
        visitors: ['v'],
        segment: null,
        events: [
          { ...all, id: 'a', kind: 'PURCHASE', at: NOW - DAY, ...bought },
          // What a visitor did is recorded anew when it becomes a customer's.
          { ...all, id: 'c', kind: 'RATING', at: NOW - 1, value: 4, receivedAt: NOW + 1 },
          { ...all, id: 'b', kind: 'CLICK', at: NOW, ...shown },
        ],
        next: null,
      })
    })

    test('comes in pages, which together hold each event once', async () => {
      const store = empty()
      await store.append(Array.from({ length: 25 }, (_, n) => event({ at: NOW - (n % 3), product: `p${n}` })))
      const products: string[] = []
      let next: string | null = null
      do {
        const page = await store.exportOf('ana', 10, next)
        expect(page.events.length).toBeLessThanOrEqual(10)
        products.push(...page.events.map(({ product }) => product))
        next = page.next
      } while (next !== null)
      expect(products.toSorted()).toEqual(Array.from({ length: 25 }, (_, n) => `p${n}`).toSorted())
    })

    test('refuses a page that is not from here', async () => {
      await expect(empty().exportOf('ana', 10, 'x')).rejects.toThrow('there is no page after "x"')
    })
  })
}
