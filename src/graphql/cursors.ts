import { z } from 'zod'
import { badUserInput, StaleCursorError } from './errors.ts'

/** Where in which list of which model a page ended, or began. */
export interface Cursor {
  readonly modelVersion: string
  /** Which list it belongs to: its connection type, and what was asked of it. */
  readonly list: string
  /** 1 for the first of the whole list. */
  readonly position: number
  /** The shop's own id of what stands there. */
  readonly id: string
  /** Score or similarity; null in lists that are not ranked. */
  readonly score: number | null
}

const wireFormat = z.tuple([z.string(), z.string(), z.int().positive(), z.string(), z.number().nullable()])

export function encodeCursor({ modelVersion, list, position, id, score }: Cursor): string {
  return Buffer.from(JSON.stringify([modelVersion, list, position, id, score])).toString('base64url')
}

/** An edge with its cursor, which is made when it is asked for: most pages are read without. */
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
 * @param modelVersion,list  where the cursor is used: it must have been made there
 * @param argument  the name it was passed by
 * @throws {StaleCursorError} when another model made it
 * @throws {InvalidInputError} when it belongs to another list, or is no cursor at all
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
      'The cursor belongs to another list, or to this one with other arguments: pass a cursor of this list, and the ' +
        `arguments it was made with, or start again without "${argument}".`,
      argument,
    )
  }
  return cursor
}

/** The place that a cursor was made of; 0 of what is none. */
export function positionOf(text: string): number {
  // As its JSON begins: most texts are no cursors.
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
      `"${text}" is not a cursor: pass a "cursor" or an end of "pageInfo" exactly as it was received, or leave ` +
        `"${argument}" out.`,
      argument,
    )
  }
}
