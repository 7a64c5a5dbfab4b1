/** Which media type an answer has (RFC 9110, 12.5.1): yoga reads neither quality values nor which range is closer. */

/** The media types of answers; if a client accepts several equally, the first of these is used. */
const OFFERED = [
  'application/json',
  'application/graphql-response+json',
  'multipart/mixed',
  'text/event-stream',
] as const

interface Range {
  readonly type: string
  /** As it was sent, without its quality. */
  readonly text: string
  readonly quality: number
}

/** What a client can read of what is offered. */
export interface Accepted {
  /** An Accept header of those types alone, the most wanted first; empty where there is none. */
  readonly header: string
  /** Whether a page of HTML is wanted more than JSON: as browsers do that open a link. */
  readonly wantsPage: boolean
}

/** Reads an Accept header; without one all is accepted. */
export function acceptedOf(accept: string | null | undefined): Accepted {
  const ranges = rangesOf(accept?.trim() ? accept : '*/*')
  const offers = OFFERED.map((type) => ({ type, ...closest(ranges, type) }))
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || a.place - b.place)
  const qualityOf = (type: string) => offers.find((offer) => offer.type === type)?.quality ?? 0
  // Yoga takes parts before events, whatever is wanted more; events are all that subscriptions can have.
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
      html.quality >= Math.max(...OFFERED.slice(0, 2).map(qualityOf)),
  }
}

export const OFFERED_TYPES: readonly string[] = OFFERED

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

/** From 0 to 1; what is no quality is none stated. */
function qualityIn(weight: string | undefined): number {
  const [, value] = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(weight ?? '') ?? []
  return value === undefined ? 1 : Number(value)
}

/** The range that speaks most closely of a type, of several the first; quality 0 where none does. */
function closest(ranges: readonly Range[], type: string) {
  for (const name of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    const place = ranges.findIndex((range) => range.type === name)
    if (place >= 0) return { range: ranges[place], quality: ranges[place].quality, place }
  }
  return { range: undefined, quality: 0, place: ranges.length }
}
