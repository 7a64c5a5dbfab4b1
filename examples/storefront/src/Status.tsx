import { type ReactNode, useEffect } from 'react'
import type { CombinedError } from 'urql'

/** Says what there is in place of products. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="notice" role="status">
      <h1 id="heading">{title}</h1>
      {children}
    </section>
  )
}

/** Six cards without anything on them, in the places of those to come. */
export function Loading() {
  return (
    <>
      <p className="unseen" role="status">
        Loading
      </p>
      <div className="rail" aria-hidden="true">
        {Array.from({ length: 6 }, (_, place) => (
          <div key={place} className="card empty" />
        ))}
      </div>
    </>
  )
}

interface FailureProps {
  error: CombinedError
  again: (options: { requestPolicy: 'network-only' }) => void
}

/** Says what went wrong, and tries again when asked, or when the network is back. */
export function Failure({ error, again }: FailureProps) {
  const retry = () => again({ requestPolicy: 'network-only' })
  useEffect(() => {
    addEventListener('online', retry)
    return () => removeEventListener('online', retry)
  })
  return (
    <section className="notice" role="alert">
      <h2>{titleOf(error)}</h2>
      <p>{error.graphQLErrors[0]?.message ?? 'We try again as soon as the network is back.'}</p>
      {import.meta.env.DEV && <p>Is the server running? Start it with npm start.</p>}
      <button type="button" onClick={retry}>
        Try again
      </button>
    </section>
  )
}

function titleOf({ networkError }: CombinedError): string {
  if (!networkError) return 'Something went wrong'
  return navigator.onLine ? 'The shop does not answer' : 'You are offline'
}
