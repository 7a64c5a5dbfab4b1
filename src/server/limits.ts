/** The limits of one request and of one caller; the settings are in settings.ts. */
import { LIMIT_SETTINGS, type RateLimit, readSettings } from './settings.ts'

/** The limits of one request and of one caller. */
export interface Limits {
  /** MAX_BODY_BYTES: bytes of a request's body. */
  readonly bodyBytes: number
  /** MAX_TOKENS: tokens of a document; GraphiQL's introspection has some 300. */
  readonly tokens: number
  /** MAX_DEPTH: how deep fields may be nested, without introspection. */
  readonly depth: number
  /** MAX_ALIASES: aliases in an operation. */
  readonly aliases: number
  /** MAX_DIRECTIVES: directives in an operation. */
  readonly directives: number
  /** MAX_COST: the estimated cost of an operation, in units of about 0.03 ms of one core. */
  readonly cost: number
  /** MAX_NODES: the number of objects that an operation may return. */
  readonly nodes: number
  /** REQUEST_TIMEOUT: seconds until the answer, or its first part, must be ready. */
  readonly seconds: number
  /** STREAM_TIMEOUT: seconds that an answer in parts, or a subscription, may last. */
  readonly streamSeconds: number
  /** RATE_LIMIT, as "150000,15000" or "off": what one caller may spend; null: no limit. */
  readonly rateLimit: RateLimit | null
  /**
   * VISITOR_RATE_LIMIT, in the same form: what one visitor of a key may spend of the half that is reserved for all its
   * visitors, and owe for invalid requests; null: all visitors of a key count as one. Default: a tenth of RATE_LIMIT.
   */
  readonly visitorRateLimit: RateLimit | null
}

/** Ten seconds of half a core at once, and then half a core. */
const RATE_LIMIT: RateLimit = { capacity: 150_000, perSecond: 15_000 }

/**
 * The limits: options first, then the environment, then defaults. Empty variables count as not set.
 * @param rateLimited  whether callers are limited by default
 * @throws {Error} naming each invalid setting and its value
 */
export function limitsOf(
  options: Partial<Limits> = {},
  rateLimited = false,
  environment: NodeJS.ProcessEnv = process.env,
): Limits {
  const read = readSettings(
    LIMIT_SETTINGS,
    {
      ...options,
      ...(options.rateLimit === null && { rateLimit: 'off' }),
      ...(options.visitorRateLimit === null && { visitorRateLimit: 'off' }),
    },
    environment,
  )
  const { rateLimit = rateLimited ? RATE_LIMIT : null } = read
  const { visitorRateLimit = tenthOf(rateLimit, read.cost) } = read
  const wrong = [
    refusalOf('RATE_LIMIT', rateLimit, read.cost),
    refusalOf('VISITOR_RATE_LIMIT', visitorRateLimit, read.cost),
  ].filter((refusal) => refusal !== null)
  if (wrong.length > 0) throw new Error(wrong.join('; '))
  // Visitors are limited within what their key may spend.
  return { ...read, rateLimit, visitorRateLimit: rateLimit && visitorRateLimit }
}

/** The message if a rate would never allow the most expensive operation; null if it does. */
function refusalOf(variable: string, rate: RateLimit | null, cost: number): string | null {
  if (rate === null || (rate.perSecond > 0 && rate.capacity >= cost)) return null
  return (
    `${variable} must allow the most expensive operation, with MAX_COST or more (${cost}) at once and more than 0 a second, ` +
    `not "${rate.capacity},${rate.perSecond}"`
  )
}

/** A tenth of a rate, but at once at least the cost of the most expensive operation. */
function tenthOf(rate: RateLimit | null, cost: number): RateLimit | null {
  return rate && { capacity: Math.max(cost, rate.capacity / 10), perSecond: rate.perSecond / 10 }
}
