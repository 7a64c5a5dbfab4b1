/**
 * Makes text from the shop's data safe for sentences and prompts. It is untrusted: a name may contain line breaks,
 * markup or instructions to a language model. The result is one short line without characters that could end the
 * quotes around it; it is always put between quotes, as a name.
 */
import type { SharedAttribute } from '../engine/reason.ts'

const LONGEST_NAME = 80

/** The form of a label, such as “Coffee & tea” or “bed bath table”. A whole sentence is not a label. */
const LABEL = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} &,'’()/+-]{0,39}$/u

/** What two products have in common, if it matters to people. */
export type SharedTopic = 'category' | 'seller' | 'price' | 'weight' | 'size' | 'label'

const TOPICS: readonly [SharedTopic, RegExp][] = [
  ['seller', /seller|vendedor/i],
  ['price', /price|pre[cç]o/i],
  ['weight', /weight|peso/i],
  ['size', /length|height|width|depth|comprimento|altura|largura/i],
]

/** A product's name on one line, at most 80 characters; null if it has none. */
export function displayName({ name }: { readonly name: string | null }): string | null {
  const line = oneLine(name ?? '').replaceAll(/[“”„"«»]/g, '’')
  const characters = [...line]
  const shown =
    characters.length <= LONGEST_NAME ? line : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`
  return shown === '' ? null : shown
}

/** A category in words, “bed_bath_table” → “bed bath table”; null if there is none or it does not look like a label. */
export function displayCategory({ category }: { readonly category: string | null }): string | null {
  return category === null ? null : displayLabel(category)
}

/** A label or the name of a column in words; null if it does not look like a label. */
export function displayLabel(label: string): string | null {
  // Shops number a second category of the same name: home_appliances_2.
  const words = oneLine(label.replace(/_\d+$/, '').replaceAll('_', ' '))
  return LABEL.test(words) && !looksLikeAnId(words) ? words : null
}

/** The topic of a shared attribute; null if it means nothing to people (a number of photos, an id). */
export function topicOf({ attribute, value }: SharedAttribute): SharedTopic | null {
  if (typeof value === 'string' && /categor/i.test(attribute)) return 'category'
  const [topic] = TOPICS.find(([, pattern]) => pattern.test(attribute)) ?? []
  if (topic !== undefined) return topic
  if (typeof value !== 'string') return null
  return displayLabel(attribute) === null || displayLabel(value) === null ? null : 'label'
}

/** The topics of shared attributes, each once, with the most important first. */
export function sharedTopics(attributes: readonly SharedAttribute[]): Map<SharedTopic, SharedAttribute> {
  const topics = new Map<SharedTopic, SharedAttribute>()
  for (const attribute of attributes) {
    const topic = topicOf(attribute)
    if (topic !== null && !topics.has(topic)) topics.set(topic, attribute)
  }
  return topics
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/[<>[\]{}`\\]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function looksLikeAnId(words: string): boolean {
  return /^(?=.*\d)[\da-z-]{12,}$/i.test(words)
}
