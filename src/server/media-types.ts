/** The media type of an answer (RFC 9110, 12.5.1): yoga ignores quality values and the precedence of ranges. */

const JSON_TYPES = ['application/json', 'application/graphql-response+json']

/** The media types of answers; of several that a client accepts equally, the first is used. */
export const OFFERED_TYPES: readonly string[] = [...JSON_TYPES, 'multipart/mixed', 'text/event-stream']

interface Range {
  readonly type: string
  /** The range as it was sent, without its quality. */
  readonly text: string
  readonly quality: number
}

/** The offered media types that a client accepts. */
export interface Accepted {
  /** An Accept header of these types only, the most preferred first; empty if there is none. */
  readonly header: string
  /** Whether the client prefers HTML to JSON, like a browser that opens a link. */
  readonly wantsPage: boolean
}

/** Reads an Accept header; without one every type is accepted. */
export function acceptedOf(accept: string | null | undefined): Accepted {
  const ranges = rangesOf(accept?.trim() ? accept : '*/*')
  const offers = OFFERED_TYPES.map((type) => {
    const { range, quality, place } = closest(ranges, type)
    return { type, range, quality, place }
  })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || a.place - b.place)
  const qualityOf = (type: string) => offers.find((offer) => offer.type === type)?.quality ?? 0
  // Yoga always prefers parts to events, but answers subscriptions with events only.
  const prefersEvents = qualityOf('text/event-stream') > qualityOf('multipart/mixed')
  const html = closest(ranges, 'text/html')
  return {
    header: offers
      .filter(({ type }) => !(prefersEvents && type === 'multipart/mixed'))
      .map(({ type, range }) => (range?.type === type ? range.text : type))
      .join(', '),
    wantsPage:
      html.range?.type === 'text/html' &&
      html.quality > 0 &&
      html.quality >= Math.max(...JSON_TYPES.map(qualityOf)),
  }
}

function rangesOf(accept: string): Range[] {
  return accept.split(',').flatMap((entry) => {
    const [type, ...parameters] = entry.split(';').map((part) => part.trim())
    const weight = parameters.find((parameter) => /^q\s*=/i.test(parameter))
    const kept = parameters.filter((parameter) => parameter !== weight)
    const [, charset] = /charset\s*=\s*"?([^";]*)/i.exec(kept.join(';')) ?? []
    if (type === '' || (charset !== undefined && !/^utf-?8$/i.test(charset.trim()))) return []
    return {
      type: type.toLowerCase(),
      text: [type.toLowerCase(), ...kept].join('; '),
      quality: qualityIn(weight),
    }
  })
}

/** A quality from 0 to 1; 1 if it is missing or invalid. */
function qualityIn(weight: string | undefined): number {
  const [, value] = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(weight ?? '') ?? []
  return value === undefined ? 1 : Number(value)
}

/** The most specific range for a type, of several the first; quality 0 if there is none. */
function closest(ranges: readonly Range[], type: string) {
  for (const name of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    const place = ranges.findIndex((range) => range.type === name)
    if (place >= 0) return { range: ranges[place], quality: ranges[place].quality, place }
  }
  return { range: undefined, quality: 0, place: ranges.length }
}
