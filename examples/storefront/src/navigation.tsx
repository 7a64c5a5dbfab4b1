import { type ComponentProps, type MouseEvent, useSyncExternalStore } from 'react'

/** What the page shows, as its address says: `?customer=…` for whom, and `?product=…` which product. */
export interface Place {
  readonly customer?: string | undefined
  readonly product?: string | undefined
}

/** The place of the page's address, now and whenever it changes. */
export function usePlace(): Place {
  const parameters = new URLSearchParams(useSyncExternalStore(subscribe, () => location.search))
  return {
    customer: parameters.get('customer') ?? undefined,
    product: parameters.get('product') ?? undefined,
  }
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed)
  return () => removeEventListener('popstate', changed)
}

/** Goes to a place without loading the page again; the browser's Back leads back. */
export function go(place: Place): void {
  history.pushState(null, '', addressOf(place))
  scrollTo(0, 0)
  dispatchEvent(new PopStateEvent('popstate'))
}

/** A link that stays on this page, and can be opened in a new tab like any other. */
export function Link({ to, ...rest }: { to: Place } & ComponentProps<'a'>) {
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(to)
  }
  return <a {...rest} href={addressOf(to)} onClick={onClick} />
}

function addressOf(place: Place): string {
  const given = Object.entries(place).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return `?${new URLSearchParams(given)}`
}
