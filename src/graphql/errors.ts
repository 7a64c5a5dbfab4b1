import { GraphQLError } from 'graphql'
import { StoreError } from '../store/store-error.ts'

/**
 * An argument with an invalid value that the schema's types allow. It is a member of the result union if the field has
 * one, else an error of the response with code BAD_USER_INPUT.
 */
export class InvalidInputError extends GraphQLError {
  override readonly name = 'InvalidInputError'
  /** The place in the field's arguments: names, and indices of lists. */
  readonly inputPath: readonly string[]
  /** The places of all invalid values that were found; the first is `inputPath`. */
  readonly inputPaths: readonly (readonly string[])[]

  constructor(message: string, inputPath: readonly string[], inputPaths = [inputPath]) {
    super(message, { extensions: { code: 'BAD_USER_INPUT', inputPath } })
    this.inputPath = inputPath
    this.inputPaths = inputPaths
  }
}

/** The list has changed since the cursor was made; code STALE_CURSOR. */
export class StaleCursorError extends GraphQLError {
  override readonly name = 'StaleCursorError'
  /** The model that made the cursor. */
  readonly cursorModelVersion: string
  /** The model that is serving now. */
  readonly modelVersion: string

  constructor(message: string, cursorModelVersion: string, modelVersion: string) {
    super(message, { extensions: { code: 'STALE_CURSOR', cursorModelVersion, modelVersion } })
    this.cursorModelVersion = cursorModelVersion
    this.modelVersion = modelVersion
  }
}

/** @param inputPath  the argument's name, then names and indices within it */
export function badUserInput(message: string, ...inputPath: string[]): InvalidInputError {
  return new InvalidInputError(message, inputPath)
}

/** The error for what needs the store of events on a server without one; code NO_STORE. */
export function noStore(): GraphQLError {
  return new GraphQLError('This server has no store for events, so nothing can be recorded.', {
    extensions: { code: 'NO_STORE' },
  })
}

/**
 * What a client is told of an error of the store: code STORE_READ_ONLY, or STORE_FULL, whose cause is for the log. Any
 * other error is returned as it is.
 * @param done  what was not done: "changed", "recorded"
 */
export function storeProblem(error: unknown, done: string): unknown {
  if (!(error instanceof StoreError)) return error
  if (error.isReadOnly) {
    return new GraphQLError(`The store of this server is read-only: nothing was ${done}.`, {
      extensions: { code: 'STORE_READ_ONLY' },
    })
  }
  if (!error.isFull) return error
  const message = `The store of this server has no room: nothing was ${done}. Repeat the call when there is room.`
  return Object.assign(new GraphQLError(message, { extensions: { code: 'STORE_FULL' } }), { cause: error })
}
