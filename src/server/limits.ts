/** What one request may take, and one caller; the settings are in settings.ts. */
import { LIMIT_SETTINGS, type RateLimit, readSettings } from './settings.ts'

/** What is too much, for one request and for one caller. */
export interface Limits {
  /** MAX_BODY_BYTES: bytes of a request's body. */
  readonly bodyBytes: number
  /** MAX_TOKENS: tokens of a document; GraphiQL's introspection has some 300. */
  readonly tokens: number
  /** MAX_DEPTH: how deep fields may nest, introspection not counted. */
  readonly depth: number
  /** MAX_ALIASES: aliases in an operation. */
  readonly aliases: number
  /** MAX_DIRECTIVES: directives in an operation. */
  readonly directives: number
  /** MAX_COST: what an operation may cost, estimated before it is executed; in units of about 0.03 ms of one core. */
  readonly cost: number
  /** MAX_NODES: how many objects an operation may return, by what it asks for. */
  readonly nodes: number
  /** REQUEST_TIMEOUT: seconds until the answer, or its first part, has to be there. */
  readonly seconds: number
  /** STREAM_TIMEOUT: seconds that an answer in parts, or a subscription, may go on for. */
  readonly streamSeconds: number
  /** RATE_LIMIT, as "150000,15000" or "off": what one caller may spend; null is without limit. */
  readonly rateLimit: RateLimit | null
  /**
   * VISITOR_RATE_LIMIT, written likewise: what one visitor of a key may spend of the half that is held back for all its
   * visitors, and owe for what could not be answered; null where visitors of a key are not told apart. Default: a tenth of
   * RATE_LIMIT.
   */
  readonly visitorRateLimit: RateLimit | null
}

/** Ten seconds of half a core at once, and half a core from then on. */
const RATE_LIMIT: RateLimit = { capacity: 150_000, perSecond: 15_000 }

/**
 * The limits: options first, then the environment, then defaults. Variables set to nothing count as not set.
 * @param rateLimited  whether callers are limited where neither says anything of it
 * @throws {Error} naming each setting that cannot be, and its value
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

/** Says that the most expensive operation would never pass; null where it does. */
function refusalOf(variable: string, rate: RateLimit | null, cost: number): string | null {
  if (rate === null || (rate.perSecond > 0 && rate.capacity >= cost)) return null
  return (
    `${variable} must allow the most expensive operation, with MAX_COST or more (${cost}) at once and more than 0 a second, ` +
    `not "${rate.capacity},${rate.perSecond}"`
  )
}

/** Of what a caller may spend; at once no less than the dearest operation takes. */
function tenthOf(rate: RateLimit | null, cost: number): RateLimit | null {
  return rate && { capacity: Math.max(cost, rate.capacity / 10), perSecond: rate.perSecond / 10 }
}
