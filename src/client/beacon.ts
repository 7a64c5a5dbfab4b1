/**
 * What the customer of a page looks at, sent to Rationale in batches. It imports nothing, so that a page which only
 * records loads next to nothing.
 */

/** What happened; see `EventInput` of the schema. Whose event it is a customer token says. */
export interface BeaconEvent {
  /** The SKU of the product. */
  readonly product: string
  readonly kind: 'VIEW' | 'CART' | 'RATING' | 'NOT_INTERESTED' | 'IMPRESSION' | 'CLICK'
  /** `listId` of the list that the product was shown in, and the place of the list on the page. */
  readonly listId?: string
  readonly placement?: string
  /** Units; of CART. */
  readonly quantity?: number
  /** Of one unit, in the shop's currency. */
  readonly price?: number
  /** The rating; of RATING. */
  readonly value?: number
  /** Of NOT_INTERESTED: whether it takes an earlier one back, and whether it is about the whole category. */
  readonly undo?: boolean
  readonly wholeCategory?: boolean
  /** When it happened. Default: now. */
  readonly at?: string
  /** Events with the same key are one event. Default: a new key. */
  readonly idempotencyKey?: string
  /** Only for a server of the shop's own that passes events on with its own key. */
  readonly visitor?: string
}

/** How a beacon reaches the server. */
export interface BeaconOptions {
  /** The URL of GraphQL, …/graphql: of Rationale, or of a server of the shop's own that passes requests on. */
  readonly url: string
  /** A customer token, or what gives a new one: they last for minutes. Left out: none is sent. */
  readonly token?: string | (() => string | Promise<string>)
  /** How long events are collected, in milliseconds. Default: 2,000. */
  readonly interval?: number
  /** Called with events that are given up, and why: they are invalid or not allowed, or there are too many. */
  readonly onDropped?: (events: readonly BeaconEvent[], reason: string) => void
  /** Default: the platform's own. */
  readonly fetch?: typeof fetch
}

/** Records events of a page. */
export interface Beacon {
  /** Takes an event; it is sent soon, and again until the server has answered. Never throws. */
  record(event: BeaconEvent): void
  /** Sends what was not sent yet. It resolves when the server has answered, or could not be reached. */
  flush(): Promise<void>
  /** Sends what was not sent yet, and no longer listens to the page. */
  close(): Promise<void>
}

/** The most events of a request, which a browser finishes after the page is gone if it is below 64 KiB. */
const BATCH = 50
const LONGEST = 60_000

/** The most events that wait: then the first of them are dropped. */
const MOST = 1000

/** The longest time between two attempts, in milliseconds. */
const LONGEST_WAIT = 60_000

const RECORD =
  'mutation($events:[EventInput!]!){recordEvents(input:{events:$events}){...on InvalidInputError{message paths}}}'

/** Codes of errors that pass: the events are sent again. */
const PASSING = /UNAUTHENTICATED|THROTTLED|TIMEOUT|STOPPING|INTERNAL|STORE_FULL/

/** The page; there is none in scripts. */
const page = globalThis as Partial<Record<'addEventListener' | 'removeEventListener', Listen>> & {
  document?: { visibilityState: string }
}
type Listen = (type: string, listener: () => void) => void

/**
 * Creates a beacon. It sends what it holds when the page is hidden or left. What the server has not acknowledged by then
 * is sent again if the page comes back, and else may be lost.
 */
export function createBeacon({
  url,
  token,
  interval = 2000,
  onDropped = () => {},
  fetch: send = fetch,
}: BeaconOptions): Beacon {
  let waiting: BeaconEvent[] = []
  let wait = interval
  let timer: ReturnType<typeof setTimeout> | undefined

  const plan = (milliseconds: number) => {
    timer ??= setTimeout(flush, milliseconds)
  }

  function record(event: BeaconEvent): void {
    waiting.push({ at: new Date().toISOString(), idempotencyKey: newKey(), ...event })
    dropFirst()
    if (waiting.length >= BATCH && wait === interval) void flush()
    else plan(wait)
  }

  function dropFirst(): void {
    const tooMany = waiting.splice(0, waiting.length - MOST)
    if (tooMany.length > 0) onDropped(tooMany, 'too many events wait')
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const batches: Promise<number | undefined>[] = []
    while (waiting.length > 0) batches.push(post(waiting.splice(0, BATCH)))
    const waits = (await Promise.all(batches)).filter((longer) => longer !== undefined)
    wait = waits.length > 0 ? Math.min(LONGEST_WAIT, Math.max(2 * wait, 1000)) : interval
    if (waiting.length > 0) plan(Math.max(wait, ...waits))
  }

  /** @returns undefined, or how long to wait at least before its events are sent again */
  async function post(events: readonly BeaconEvent[]): Promise<number | undefined> {
    try {
      const bearer = typeof token === 'function' ? await token() : token
      const body = JSON.stringify({ query: RECORD, variables: { events } })
      const response = await send(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        },
        body,
        keepalive: body.length < LONGEST,
      })
      const { data, errors } = (await response.json()) as Answer
      const recorded = data?.recordEvents
      if (recorded) {
        if (recorded.paths) keepValid(events, recorded.paths, recorded.message!)
      } else if (
        response.status >= 500 ||
        errors!.some((error) => PASSING.test(error.extensions?.code ?? ''))
      ) {
        keep(events)
        return 1000 * (Number(response.headers.get('Retry-After')) || 0)
      } else onDropped(events, errors!.map(({ message }) => message).join(' '))
      return undefined
    } catch {
      // The server could not be reached, or something else answered.
      keep(events)
      return 0
    }
  }

  /** None was recorded because some are invalid: those are dropped, the others sent again. */
  function keepValid(events: readonly BeaconEvent[], paths: readonly string[][], reason: string): void {
    const invalid = new Set(paths.map(([, , place]) => Number(place)))
    const dropped = events.filter((_, place) => invalid.has(place))
    onDropped(dropped.length > 0 ? dropped : events, reason)
    if (dropped.length > 0) keep(events.filter((_, place) => !invalid.has(place)))
  }

  function keep(events: readonly BeaconEvent[]): void {
    waiting = [...events, ...waiting]
    dropFirst()
  }

  const leave = () => {
    if (page.document?.visibilityState !== 'visible') void flush()
  }
  page.addEventListener?.('visibilitychange', leave)
  page.addEventListener?.('pagehide', flush)

  function close(): Promise<void> {
    page.removeEventListener?.('visibilitychange', leave)
    page.removeEventListener?.('pagehide', flush)
    return flush()
  }

  return { record, flush, close }
}

interface Answer {
  readonly data?: {
    readonly recordEvents?: { readonly message?: string; readonly paths?: string[][] }
  } | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

/** 128 random bits; `randomUUID` is for pages by https only. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((word) => word.toString(36)).join('-')
}
