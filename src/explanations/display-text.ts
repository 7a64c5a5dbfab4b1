/**
 * Text from the shop's data, made fit to stand in a sentence and in a prompt. It is untrusted: a name may hold line
 * breaks, markup or orders to a language model. What is left here is one short line without characters that could
 * end the quotes around it; wherever it goes it stands between quotes, as a name and nothing else.
 */
import type { SharedAttribute } from '../engine/reason.ts'

const LONGEST_NAME = 80

/** Words of a label as shops have them: “Coffee & tea”, “bed bath table”. Whole sentences are no labels. */
const LABEL = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} &,'’()/+-]{0,39}$/u

/** What two products have in common, as far as people care for it. */
export type SharedTopic = 'category' | 'seller' | 'price' | 'weight' | 'size' | 'label'

const TOPICS: readonly [SharedTopic, RegExp][] = [
  ['seller', /seller|vendedor/i],
  ['price', /price|pre[cç]o/i],
  ['weight', /weight|peso/i],
  ['size', /length|height|width|depth|comprimento|altura|largura/i],
]

/** A product's name on one line, at most 80 characters; null where the shop names none. */
export function displayName({ name }: { readonly name: string | null }): string | null {
  const line = oneLine(name ?? '').replaceAll(/[“”„"«»]/g, '’')
  const characters = [...line]
  const shown =
    characters.length <= LONGEST_NAME ? line : `${characters.slice(0, LONGEST_NAME - 1).join('')}…`
  return shown === '' ? null : shown
}

/** A category in words, “bed_bath_table” → “bed bath table”; null where there is none or it does not look like one. */
export function displayCategory({ category }: { readonly category: string | null }): string | null {
  return category === null ? null : displayLabel(category)
}

/** A label or the name of a column in words; null where it does not look like one. */
export function displayLabel(label: string): string | null {
  // Shops number a category that they have twice: home_appliances_2.
  const words = oneLine(label.replace(/_\d+$/, '').replaceAll('_', ' '))
  return LABEL.test(words) && !looksLikeAnId(words) ? words : null
}

/** What a shared attribute is about; null where it means nothing to people (a number of photos, an id). */
export function topicOf({ attribute, value }: SharedAttribute): SharedTopic | null {
  if (typeof value === 'string' && /categor/i.test(attribute)) return 'category'
  const [topic] = TOPICS.find(([, pattern]) => pattern.test(attribute)) ?? []
  if (topic !== undefined) return topic
  if (typeof value !== 'string') return null
  return displayLabel(attribute) === null || displayLabel(value) === null ? null : 'label'
}

/** What people care for among shared attributes, each topic once, what matters most first. */
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
