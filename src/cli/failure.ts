import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { UnknownCustomerError } from '../engine/errors.ts'
import { ConfigurationError } from '../model/configuration.ts'
import { interruption } from './interruption.ts'
import { say } from './narration.ts'

/** The likeliest mistake with Olist's files, where both are at hand. */
const CUSTOMER_HINT = 'Is it a customer_unique_id? (A customer_id is one per order.)'

/**
 * Says in one message what ended a command; with its stack where the environment sets RATIONALE_DEBUG.
 * @returns the exit code: 0 fine (--help, --version), 1 failed, 2 wrong usage, 130 or 143 interrupted
 */
export function reportFailure(error: unknown): number {
  if (process.env.RATIONALE_DEBUG) say(inspect(error))
  // Whatever was thrown after an interruption was thrown because of it.
  const interrupted = interruption()
  if (interrupted) {
    say(`${interrupted.message}; nothing half-written is left`)
    return interrupted.exitCode
  }
  // Commander has printed its messages already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  say(`error: ${messageOf(error)}`)
  return error instanceof ConfigurationError ? 2 : 1
}

function messageOf(error: unknown): string {
  if (error instanceof UnknownCustomerError) return `${error.message} ${CUSTOMER_HINT}`
  return error instanceof Error ? error.message : String(error)
}
