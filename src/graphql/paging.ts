/**
 * Relay connections, forward and backward. A page is cut out of a list by position. The entry of the cursor is read as
 * well, so that a changed list is noticed and no entry is silently skipped.
 */
import { createHash } from 'node:crypto'
import { canonicalKey } from '../data/canonical-key.ts'
import type { IdTable } from '../data/ids.ts'
import type { ItemSide } from '../model/model.ts'
import type { Cursor } from './cursors.ts'
import { decodeCursor, withCursor } from './cursors.ts'
import { badUserInput, StaleCursorError } from './errors.ts'

/** The longest page. Asking for more is an error, since a silent cut would look like the end of the list. */
export const MAX_FIRST = 100

/** The length of a page if the client does not state it. */
export const DEFAULT_FIRST = 10

/** The most events of a page of an export, and how many there are if the client does not say. */
export const MAX_EXPORTED = 1000
export const DEFAULT_EXPORTED = 100

/** How deep a ranked list can be paged through: every page is ranked again from the top. */
export const MAX_DEPTH = 1000

/** The arguments of every connection: `first` and `after`, or `last` and `before`. */
export interface PageArguments {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** A list that is served in pages. */
export interface PagedList<Entry> {
  /** Its connection type and a hash of its arguments: cursors are valid only for lists of the same name. */
  readonly name: string
  /** The last place that can be paged to; left out: its end. */
  readonly depth?: number
  /** Its length; left out if it is not known before the list is computed. */
  readonly size?: number
  /** `first` entries after the first `offset`, and whether more follow. */
  load(stretch: Stretch): Promise<Loaded<Entry>> | Loaded<Entry>
  /** The shop's own id of an entry, and the score that it is ranked by, if any. */
  identify(entry: Entry): { readonly id: string; readonly score?: number }
}

interface Stretch {
  readonly offset: number
  readonly first: number
}

interface Loaded<Entry> {
  readonly items: readonly Entry[]
  readonly hasMore: boolean
}

/** A Relay connection, in the form that the resolvers of its type expect. */
export interface Connection<Edge> {
  readonly edges: (Edge & { readonly cursor: string })[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

/** Entries of a list, and how many entries come before them. */
interface Page<Entry> extends Loaded<Entry> {
  readonly offset: number
}

/**
 * One page of a list.
 * @throws {InvalidInputError} if page arguments contradict each other or ask for too much
 * @throws {StaleCursorError} if the list has changed since the cursor was made
 */
export async function connectionOf<Entry, Edge extends object>(
  { version: modelVersion }: ItemSide,
  list: PagedList<Entry>,
  args: PageArguments,
  toEdge: (entry: Entry) => Edge,
): Promise<Connection<Edge>> {
  checkArguments(args)
  const cursorOf = (argument: 'after' | 'before') => {
    const text = args[argument]
    return text == null ? null : decodeCursor(text, modelVersion, list.name, argument)
  }
  const { items, offset, hasMore } =
    args.last == null
      ? await pageAfter(list, args.first ?? DEFAULT_FIRST, cursorOf('after'))
      : await pageBefore(list, args.last, cursorOf('before'))
  const edges = items.map((entry, place) =>
    withCursor(toEdge(entry), () => {
      const { id, score = null } = list.identify(entry)
      return { modelVersion, list: list.name, position: offset + place + 1, id, score }
    }),
  )
  return {
    edges,
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: offset > 0,
      get startCursor() {
        return edges.at(0)?.cursor ?? null
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null
      },
    },
  }
}

function checkArguments({ first, after, last, before }: PageArguments): void {
  for (const [name, count] of [
    ['first', first],
    ['last', last],
  ] as const) {
    if (count == null || (count >= 0 && count <= MAX_FIRST)) continue
    const others = name === 'first' ? 'after' : 'before'
    throw badUserInput(
      `"${name}" is ${count}: ask for 0 to ${MAX_FIRST} at a time, and use "${others}" for more.`,
      name,
    )
  }
  if (last != null && (first != null || after != null)) {
    throw badUserInput('Page forward by "first" and "after", or backward by "last" and "before".', 'last')
  }
  if (before != null && last == null) {
    throw badUserInput('"before" pages backward: pass "last" with it, or use "after".', 'before')
  }
}

async function pageAfter<Entry>(
  list: PagedList<Entry>,
  first: number,
  after: Cursor | null,
): Promise<Page<Entry>> {
  const { depth = Infinity } = list
  const offset = after?.position ?? 0
  const room = Math.min(first, Math.max(0, depth - offset))
  const isLast = offset + room >= depth
  if (after === null) {
    const { items, hasMore } = await list.load({ offset, first: room })
    return { items, offset, hasMore: hasMore && !isLast }
  }
  checkDepth(list, after, 'after')
  const { items, hasMore } = await list.load({ offset: offset - 1, first: room + 1 })
  expectThere(list, items[0], after, 'after')
  return { items: items.slice(1), offset, hasMore: hasMore && !isLast }
}

async function pageBefore<Entry>(
  list: PagedList<Entry>,
  last: number,
  before: Cursor | null,
): Promise<Page<Entry>> {
  if (before === null) return lastPage(list, last)
  checkDepth(list, before, 'before')
  const offset = Math.max(0, before.position - 1 - last)
  const { items } = await list.load({ offset, first: before.position - offset })
  expectThere(list, items[before.position - offset - 1], before, 'before')
  return { items: items.slice(0, -1), offset, hasMore: true }
}

async function lastPage<Entry>(list: PagedList<Entry>, last: number): Promise<Page<Entry>> {
  if (list.size === undefined) {
    const { items, hasMore } = await list.load({ offset: 0, first: list.depth ?? MAX_DEPTH })
    const offset = Math.max(0, items.length - last)
    return { items: items.slice(offset), offset, hasMore: hasMore && list.depth === undefined }
  }
  const offset = Math.max(0, list.size - last)
  return { ...(await list.load({ offset, first: last })), offset }
}

/** Rejects a forged cursor: no list makes one beyond its depth. */
function checkDepth<Entry>(
  { depth = Infinity }: PagedList<Entry>,
  { position }: Cursor,
  argument: string,
): void {
  if (position <= depth) return
  throw badUserInput(
    `The cursor is for position ${position}: ranked lists can be paged through to position ${depth}.`,
    argument,
  )
}

function expectThere<Entry>(
  list: PagedList<Entry>,
  entry: Entry | undefined,
  { id, modelVersion }: Cursor,
  argument: string,
): void {
  if (entry !== undefined && list.identify(entry).id === id) return
  throw new StaleCursorError(
    `The list has changed since the cursor was made: ${id} has moved or is gone. Start again without ` +
      `"${argument}".`,
    modelVersion,
    modelVersion,
  )
}

/** A short hash of a list's arguments, for its name. */
export function digestOf(asked: object | undefined): string {
  if (asked === undefined) return ''
  return createHash('sha256').update(canonicalKey(asked)).digest('base64url').slice(0, 8)
}

/** A list whose entries are in memory. */
export function wholeList<Entry>(
  name: string,
  entries: readonly Entry[],
  identify: PagedList<Entry>['identify'],
): PagedList<Entry> {
  return listOf(name, entries.length, (place) => entries[place], identify)
}

/** The entries of a table, or some of them. @param indices  in table order; left out: all */
export function tableOf(name: string, table: IdTable, indices?: ArrayLike<number>): PagedList<number> {
  return listOf(
    name,
    indices?.length ?? table.size,
    (place) => (indices ? indices[place] : place),
    (index) => ({ id: table.at(index) }),
  )
}

function listOf<Entry>(
  name: string,
  size: number,
  at: (place: number) => Entry,
  identify: PagedList<Entry>['identify'],
): PagedList<Entry> {
  return {
    name,
    size,
    load: ({ offset, first }) => {
      const end = Math.min(offset + first, size)
      const items = Array.from({ length: Math.max(0, end - offset) }, (_, place) => at(offset + place))
      return { items, hasMore: end < size }
    },
    identify,
  }
}
