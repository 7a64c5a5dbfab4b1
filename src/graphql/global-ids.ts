import { decodeGlobalID } from '@pothos/plugin-relay'
import { productIndicesOf } from '../engine/errors.ts'
import type { ItemSide } from '../model/model.ts'
import { badUserInput, type InvalidInputError } from './errors.ts'

/** The types that have global ids. */
export type NodeType = 'Customer' | 'Product'

const nodeTypes: readonly string[] = ['Customer', 'Product'] satisfies NodeType[]

/**
 * Reads a global id: its type and the shop's own id. It does not check whether the object exists.
 * @param argument  the argument that holds it, and the path within
 * @param expected  the type that it must have; left out: any
 * @throws {InvalidInputError} if it is not a global id, or an id of another type
 */
export function decodeGlobalId(
  text: string,
  argument: string | readonly string[],
  expected?: NodeType,
): { typename: string; id: string } {
  const decoded = globalIdIn(text)
  if (decoded === null) throw noGlobalId(text, ...[argument].flat())
  if (expected !== undefined && decoded.typename !== expected) {
    throw badUserInput(
      `"${text}" is the id of a ${decoded.typename}: pass the id of a ${expected}.`,
      ...[argument].flat(),
    )
  }
  return decoded
}

/**
 * The products of global ids, as indices of the model.
 * @param argument  the argument that holds them
 * @throws {InvalidInputError} as `decodeGlobalId` does
 * @throws {UnknownProductError} with every SKU that the model does not have
 */
export function productIndices(ids: readonly string[], argument: string, { products }: ItemSide): number[] {
  const skus = ids.map((id) => decodeGlobalId(id, argument, 'Product').id)
  return productIndicesOf(skus, products)
}

/** The type and id in a global id; null if the text is not one. */
export function globalIdIn(text: string): { typename: string; id: string } | null {
  const decoded = tryDecode(text)
  return decoded !== null && nodeTypes.includes(decoded.typename) ? decoded : null
}

/** The error for text that is not a global id. @param inputPath  the argument's name, then the path within it */
export function noGlobalId(text: string, ...inputPath: string[]): InvalidInputError {
  return badUserInput(`"${text}" is not a global id: pass an "id" exactly as it was received.`, ...inputPath)
}

function tryDecode(text: string): { typename: string; id: string } | null {
  try {
    return decodeGlobalID(text)
  } catch {
    return null
  }
}
