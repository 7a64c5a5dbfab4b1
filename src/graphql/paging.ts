import type { IdTable } from '../data/ids.ts'
import type { Model } from '../model/model.ts'
import { decodeCursor, encodeCursor } from './cursors.ts'
import { badUserInput } from './errors.ts'

/** The longest page; asking for more is an error, since a silent cut would look like the end of the list. */
export const MAX_FIRST = 100

/** How deep a ranked list can be paged through, since every page is ranked anew from the top. */
export const MAX_DEPTH = 1000

/** The arguments of every connection. */
export interface PageArguments {
  readonly first: number
  readonly after?: string | null | undefined
}

/** What is asked of a list: `first` entries behind the first `offset`. */
export interface Page {
  /** The connection type, and the model that decides its order: what a cursor must have been made for. */
  readonly list: string
  readonly modelVersion: string
  readonly first: number
  readonly offset: number
}

/** A Relay connection, as the resolvers of its type expect it. */
export interface Connection<Edge> {
  readonly edges: (Edge & { cursor: string })[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
}

/**
 * Reads `first` and `after`.
 * @param list  name of the connection type
 * @param depth  how deep the list can be paged through
 * @throws {GraphQLError} BAD_USER_INPUT
 */
export function pageOf(
  list: string,
  { version: modelVersion }: Model,
  { first, after }: PageArguments,
  depth = Infinity,
): Page {
  if (first < 0 || first > MAX_FIRST) {
    throw badUserInput(`"first" is ${first}: ask for 0 to ${MAX_FIRST} at a time, and for more by "after".`)
  }
  const offset = after == null ? 0 : decodeCursor(after, modelVersion, list).position
  if (offset + first > depth) {
    throw badUserInput(
      `This page would end at place ${offset + first}: ranked lists can be paged through to place ${depth}.`,
    )
  }
  return { list, modelVersion, first, offset }
}

/**
 * The connection of one page.
 * @param hasMore  whether the list goes on behind `entries`
 * @param toEdge  makes an entry's edge, and says by what the cursor is to know it
 */
export function connectionOf<Entry, Edge extends object>(
  { list, modelVersion, offset }: Page,
  hasMore: boolean,
  entries: readonly Entry[],
  toEdge: (entry: Entry) => { edge: Edge; id: string; score?: number },
): Connection<Edge> {
  const edges = entries.map((entry, place) => {
    const { edge, id, score = null } = toEdge(entry)
    return { ...edge, cursor: encodeCursor({ modelVersion, list, position: offset + place + 1, id, score }) }
  })
  return {
    edges,
    pageInfo: {
      hasNextPage: hasMore,
      hasPreviousPage: offset > 0,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}

/** A page of everything in a table of the model, in the table's order. */
export function tableConnection(
  list: string,
  model: Model,
  table: IdTable,
  args: PageArguments,
): Connection<{ node: { index: number } }> {
  const page = pageOf(list, model, args)
  const end = Math.min(page.offset + page.first, table.size)
  const indices = Array.from({ length: Math.max(0, end - page.offset) }, (_, place) => page.offset + place)
  return connectionOf(page, end < table.size, indices, (index) => ({
    edge: { node: { index } },
    id: table.at(index),
  }))
}
