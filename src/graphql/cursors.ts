import { z } from 'zod'
import { badUserInput, StaleCursorError } from './errors.ts'

/** A position in a list of a model, where a page ends or begins. */
export interface Cursor {
  readonly modelVersion: string
  /** The list that it belongs to: its connection type, and a hash of its arguments. */
  readonly list: string
  /** The place in the whole list, from 1. */
  readonly position: number
  /** The shop's own id of the entry. */
  readonly id: string
  /** Score or similarity; null in lists that are not ranked. */
  readonly score: number | null
}

const wireFormat = z.tuple([z.string(), z.string(), z.int().positive(), z.string(), z.number().nullable()])

export function encodeCursor({ modelVersion, list, position, id, score }: Cursor): string {
  return Buffer.from(JSON.stringify([modelVersion, list, position, id, score])).toString('base64url')
}

/** An edge with a cursor, made when it is read: most requests do not ask for cursors. */
export function withCursor<Edge extends object>(
  edge: Edge,
  cursor: () => Cursor,
): Edge & { readonly cursor: string } {
  return {
    ...edge,
    get cursor() {
      return encodeCursor(cursor())
    },
  }
}

/**
 * Reads a cursor.
 * @param modelVersion,list  the model and the list that it must belong to
 * @param argument  the argument that holds it
 * @throws {StaleCursorError} if another model made it
 * @throws {InvalidInputError} if it belongs to another list, or is not a cursor
 */
export function decodeCursor(
  text: string,
  modelVersion: string,
  list: string,
  argument: 'after' | 'before',
): Cursor {
  const cursor = parseCursor(text, argument)
  if (cursor.modelVersion !== modelVersion) {
    throw new StaleCursorError(
      `The cursor was made by model ${cursor.modelVersion}, but model ${modelVersion} is serving now and may rank ` +
        `differently: start again without "${argument}".`,
      cursor.modelVersion,
      modelVersion,
    )
  }
  if (cursor.list !== list) {
    throw badUserInput(
      'The cursor belongs to another list, or to this list with other arguments: pass a cursor of this ' +
        `list with the arguments that it was made with, or start again without "${argument}".`,
      argument,
    )
  }
  return cursor
}

/** The position that a cursor holds; 0 for text that is not a cursor. */
export function positionOf(text: string): number {
  // Every cursor begins with this (its JSON's `["`); most texts are not cursors.
  if (!text.startsWith('WyI')) return 0
  try {
    return parseCursor(text, 'after').position
  } catch {
    return 0
  }
}

function parseCursor(text: string, argument: string): Cursor {
  try {
    const json = Buffer.from(text, 'base64url').toString()
    const [modelVersion, list, position, id, score] = wireFormat.parse(JSON.parse(json))
    return { modelVersion, list, position, id, score }
  } catch {
    throw badUserInput(
      `"${text}" is not a cursor: pass a "cursor", or "startCursor" or "endCursor" of "pageInfo", exactly as it was received, or leave "${argument}" out.`,
      argument,
    )
  }
}
