import { createHash } from 'node:crypto'
import { canonicalKey } from '../data/canonical-key.ts'
import type { IdTable } from '../data/ids.ts'
import type { PagedList } from './paging.ts'

/** What tells lists apart of which different things were asked, short enough for a cursor. */
export function digestOf(asked: object | undefined): string {
  if (asked === undefined) return ''
  return createHash('sha256').update(canonicalKey(asked)).digest('base64url').slice(0, 8)
}

/** A list whose entries are at hand. */
export function wholeList<Entry>(
  name: string,
  entries: readonly Entry[],
  identify: PagedList<Entry>['identify'],
): PagedList<Entry> {
  return listOf(name, entries.length, (place) => entries[place], identify)
}

/** The entries of a table, or some of them in its order. @param indices  which; left out: all */
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
