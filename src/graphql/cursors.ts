import { z } from 'zod'
import { badUserInput } from './errors.ts'

/** Where in which list of which model a page ended. */
export interface Cursor {
  readonly modelVersion: string
  /** Name of the connection type it belongs to. */
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

/**
 * @param modelVersion,list  where the cursor is used: it must have been made there
 * @throws {GraphQLError} BAD_USER_INPUT when it was not, or when it is no cursor at all
 */
export function decodeCursor(text: string, modelVersion: string, list: string): Cursor {
  const cursor = parseCursor(text)
  if (cursor.modelVersion !== modelVersion) {
    throw badUserInput(
      `The cursor was made by model ${cursor.modelVersion}, but model ${modelVersion} is serving now and may rank ` +
        'differently: start again without "after".',
    )
  }
  if (cursor.list !== list) {
    throw badUserInput(`The cursor belongs to a ${cursor.list}, not to a ${list}: use a cursor of this list.`)
  }
  return cursor
}

function parseCursor(text: string): Cursor {
  try {
    const json = Buffer.from(text, 'base64url').toString()
    const [modelVersion, list, position, id, score] = wireFormat.parse(JSON.parse(json))
    return { modelVersion, list, position, id, score }
  } catch {
    throw badUserInput(
      `"${text}" is not a cursor: pass an "endCursor" or "cursor" exactly as it was received, or leave "after" out.`,
    )
  }
}
