/** What one request may take, and one caller. The environment has a variable for each; README lists them. */
import { z } from 'zod'

/** What is too much, for one request and for one caller. */
export interface Limits {
  /** MAX_BODY_BYTES: bytes of a request's body. */
  readonly bodyBytes: number
  /** MAX_TOKENS: tokens of a document; GraphiQL's introspection has some 300. */
  readonly tokens: number
  /** MAX_DEPTH: fields within fields, introspection apart. */
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

/** A bucket of cost that refills. */
export interface RateLimit {
  /** What a full bucket holds: so much may be spent at once. */
  readonly capacity: number
  /** So much flows back in a second. */
  readonly perSecond: number
}

/** Ten seconds of half a core at once, and half a core from then on. */
const RATE_LIMIT: RateLimit = { capacity: 150_000, perSecond: 15_000 }

/** What timers can count: 31 bits of milliseconds. */
const MAX_SECONDS = 2_147_483

const whole = (otherwise: number) =>
  z.coerce.number('a number').int('a whole number').min(1, '1 or more').default(otherwise)

const seconds = (otherwise: number) =>
  z.coerce
    .number('a number')
    .positive('more than 0')
    .max(MAX_SECONDS, `${MAX_SECONDS} or less`)
    .default(otherwise)

const SETTINGS = {
  bodyBytes: ['MAX_BODY_BYTES', whole(100 * 1024)],
  tokens: ['MAX_TOKENS', whole(1000)],
  depth: ['MAX_DEPTH', whole(10)],
  aliases: ['MAX_ALIASES', whole(15)],
  directives: ['MAX_DIRECTIVES', whole(50)],
  cost: ['MAX_COST', whole(5000)],
  nodes: ['MAX_NODES', whole(10_000)],
  seconds: ['REQUEST_TIMEOUT', seconds(10)],
  streamSeconds: ['STREAM_TIMEOUT', seconds(120)],
} as const

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
  const wrong: string[] = []
  const numbers = Object.entries(SETTINGS).map(([key, [variable, shape]]) => {
    const given = options[key as keyof typeof SETTINGS] ?? (environment[variable] || undefined)
    const result = shape.safeParse(given)
    if (!result.success) wrong.push(`${variable} must be ${result.error.issues[0].message}, not "${given}"`)
    return [key, result.data]
  })
  const limits = Object.fromEntries(numbers) as Omit<Limits, 'rateLimit' | 'visitorRateLimit'>
  const rateOf = (variable: string, option: RateLimit | null | undefined, otherwise: RateLimit | null) => {
    const rate = option === undefined ? rateLimitOf(variable, environment[variable], otherwise) : option
    if (rate === null || (rate.perSecond > 0 && rate.capacity >= limits.cost)) return rate
    wrong.push(
      `${variable} must let the dearest operation pass, with MAX_COST or more (${limits.cost}) at once and more than ` +
        `0 a second, not "${rate.capacity},${rate.perSecond}"`,
    )
    return null
  }
  const rateLimit = rateOf('RATE_LIMIT', options.rateLimit, rateLimited ? RATE_LIMIT : null)
  const visitorRateLimit = rateOf(
    'VISITOR_RATE_LIMIT',
    options.visitorRateLimit,
    tenthOf(rateLimit, limits.cost),
  )
  if (wrong.length > 0) throw new Error(wrong.join('; '))
  // Visitors are limited within what their key may spend.
  return { ...limits, rateLimit, visitorRateLimit: rateLimit && visitorRateLimit }
}

/** Of what a caller may spend; at once no less than the dearest operation takes. */
function tenthOf(rate: RateLimit | null, cost: number): RateLimit | null {
  return rate && { capacity: Math.max(cost, rate.capacity / 10), perSecond: rate.perSecond / 10 }
}

function rateLimitOf(
  variable: string,
  setting: string | undefined,
  otherwise: RateLimit | null,
): RateLimit | null {
  if (!setting) return otherwise
  if (setting === 'off') return null
  const [, capacity, perSecond] = /^(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(setting) ?? []
  if (capacity === undefined)
    throw new Error(`${variable} must look like 150000,15000, or be "off", not "${setting}"`)
  return { capacity: Number(capacity), perSecond: Number(perSecond) }
}
