import {
  Client,
  cacheExchange,
  type Exchange,
  fetchExchange,
  makeOperation,
  mapExchange,
  type OperationResult,
} from 'urql'

/** Finishes what comes in parts (`@defer`) where the connection broke off, or where the visitor left, in between. */
const unfinished: Exchange = (input) => {
  const soFar = new Map<number, OperationResult>()
  const onResult = (result: OperationResult) => {
    const { operation, hasNext, error } = result
    const parts = soFar.get(operation.key)
    soFar.delete(operation.key)
    if (hasNext && operation.context.meta?.cacheOutcome === 'hit') {
      // The cache keeps first parts, too: they are shown at once, and the rest is asked for again.
      input.client.reexecuteOperation(
        makeOperation(operation.kind, operation, { ...operation.context, requestPolicy: 'network-only' }),
      )
      return { ...result, stale: true }
    }
    if (hasNext) soFar.set(operation.key, result)
    // What came stays on the page.
    return parts && error?.networkError ? { ...parts, error, hasNext: false } : result
  }
  return mapExchange({ onResult })(input)
}

/** Sends a document's id in place of its text, to a server that was given persisted-documents.json. */
const byId = mapExchange({
  onOperation(operation) {
    const { __meta__ } = operation.query as { __meta__?: { hash: string } }
    const query = { kind: operation.query.kind, definitions: [], documentId: __meta__?.hash }
    return Object.assign(makeOperation(operation.kind, operation), { query })
  },
})

const trusted = import.meta.env.MODE === 'trusted'

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  exchanges: [unfinished, cacheExchange, ...(trusted ? [byId] : []), fetchExchange],
})
