import { decodeGlobalID } from '@pothos/plugin-relay'
import { badUserInput } from './errors.ts'

/** The types that have global ids. */
export type NodeType = 'Customer' | 'Product'

const nodeTypes: readonly string[] = ['Customer', 'Product'] satisfies NodeType[]

/**
 * Reads a global id: its type and the shop's own id. Whether there is such an object is not asked here.
 * @param expected  the type it has to be of; any when left out
 * @throws {GraphQLError} BAD_USER_INPUT when it is no global id, or one of another type
 */
export function decodeGlobalId(text: string, expected?: NodeType): { typename: string; id: string } {
  const decoded = tryDecode(text)
  if (decoded === null || !nodeTypes.includes(decoded.typename)) {
    throw badUserInput(`"${text}" is not a global id: pass an "id" exactly as it was received.`)
  }
  if (expected !== undefined && decoded.typename !== expected) {
    throw badUserInput(`"${text}" is the id of a ${decoded.typename}, not of a ${expected}.`)
  }
  return decoded
}

function tryDecode(text: string): { typename: string; id: string } | null {
  try {
    return decodeGlobalID(text)
  } catch {
    return null
  }
}
