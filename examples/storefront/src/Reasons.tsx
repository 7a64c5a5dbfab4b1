import type { ReactNode } from 'react'
import type { ReasonFragment } from './gql/graphql.ts'
import { type FragmentType, graphql, readFragment } from './gql/index.ts'
import { capital, count, day, nameOf, percent, times, titled } from './words.ts'

const reasonFragment = graphql(/* GraphQL */ `
  fragment Reason on Reason {
    amount
    share
    ... on BoughtBeforeReason { purchase { quantity } }
    ... on BoughtTogetherReason { customers purchase { product { name sku } } }
    ... on PopularInCategoryReason { category sales { units } }
    ... on PopularReason { sales { units days until } }
    ... on PopularWithSellerReason { sales { units } }
    ... on ResemblanceReason { purchase { product { name sku } } }
    ... on SameOrderReason { orders purchase { product { name sku } } }
    ... on TasteReason { purchase { product { name sku } } }
    ... on ViewedReason { product { name sku } }
    ... on InCartReason { product { name sku } }
  }
`)

interface Props {
  /** The strongest first. */
  reasons: readonly FragmentType<typeof reasonFragment>[]
}

/** The strongest reasons that speak for a product, two of different kinds, as a sentence. */
export function Because({ reasons }: Props) {
  const speaking = readFragment(reasonFragment, reasons).filter(({ amount }) => amount > 0)
  const kinds = new Map(speaking.toReversed().map((reason) => [reason.__typename, reason]))
  const strongest = speaking.filter((reason) => kinds.get(reason.__typename) === reason)
  const phrases = strongest.slice(0, 2).map(phraseOf)
  return phrases.length > 0 && <p className="because">{capital(phrases.join(', and '))}.</p>
}

/** All reasons with their shares, on request; nothing where `Because` already says the only one. */
export function Why({ reasons, of }: Props & { of: string }) {
  const known = readFragment(reasonFragment, reasons)
  if (known.length < 2) return null
  const rest = 1 - known.reduce((sum, { share }) => sum + share, 0)
  return (
    <details className="why">
      <summary>
        Why am I seeing this?<span className="unseen"> {of}</span>
      </summary>
      <ul>
        {known.map((reason, place) => (
          <Share key={place} share={reason.share}>
            {capital(phraseOf(reason))}
            {reason.amount < 0 && <em> (speaks against it)</em>}
          </Share>
        ))}
        {rest >= 0.005 && <Share share={rest}>Everything else</Share>}
      </ul>
    </details>
  )
}

function Share({ share, children }: { share: number; children: ReactNode }) {
  return (
    <li>
      <span>{children}</span> <b>{percent(share)}</b>
      <span className="bar" style={{ inlineSize: percent(share) }} />
    </li>
  )
}

/** A reason, to be read after “this product was”. */
function phraseOf(reason: ReasonFragment): string {
  switch (reason.__typename) {
    case 'BoughtBeforeReason':
      return `bought by you before, ${times(reason.purchase.quantity)}`
    case 'BoughtTogetherReason':
      return `bought by ${count(reason.customers, 'customer')} of ${nameOf(reason.purchase.product)}`
    case 'PopularInCategoryReason':
      return `sold ${times(reason.sales.units)} in ${titled(reason.category)}`
    case 'PopularReason': {
      const { units, days, until } = reason.sales
      const window = days === null ? 'by' : `in the ${count(days, 'day')} to`
      return `sold ${times(units)}${until === null ? '' : ` ${window} ${day(until)}`}`
    }
    case 'PopularWithSellerReason':
      return `sold ${times(reason.sales.units)} by the same seller`
    case 'ResemblanceReason':
      return `similar to ${nameOf(reason.purchase.product)}`
    case 'SameOrderReason':
      return `in ${count(reason.orders, 'order')} with ${nameOf(reason.purchase.product)}`
    case 'TasteReason':
      return `to the taste of customers who buy ${nameOf(reason.purchase.product)}`
    case 'ViewedReason':
      return `related to ${nameOf(reason.product)}, which you looked at`
    case 'InCartReason':
      return `related to ${nameOf(reason.product)}, which you put into your cart`
    default:
      return 'chosen for a reason that this page does not know yet'
  }
}
