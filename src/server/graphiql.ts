import type { Model } from '../model/model.ts'
import { exampleQueries, examplesToFill } from './examples.ts'

/** Where to put the API key. */
const KEY_HEADERS = '{ "Authorization": "Bearer YOUR_API_KEY" }'

/**
 * GraphiQL out of the package, with example queries in tabs: nothing is fetched from a CDN, so that it works offline.
 * @param needsKey  opens the editor of headers, for the API key; whoever has none sees the page, but nothing of the shop
 * @returns what gives its page; the first time takes a while
 */
export function graphiql(model: Model, needsKey: boolean): () => Promise<string> {
  let page: Promise<string> | undefined
  return () => {
    // A page that could not be made is tried again by the next who asks.
    page ??= render(model, needsKey).catch((cause: unknown) => {
      page = undefined
      throw cause
    })
    return page
  }
}

async function render(model: Model, needsKey: boolean): Promise<string> {
  // Nine megabytes: loaded only once somebody opens the page.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return renderGraphiQL({
    title: 'Rationale',
    // The examples have no variables.
    defaultEditorToolsVisibility: needsKey && 'headers',
    ...(needsKey && { defaultHeaders: KEY_HEADERS, headers: KEY_HEADERS }),
    // Else the browser would keep the key, for whatever is served at this origin later.
    shouldPersistHeaders: false,
    defaultTabs: needsKey
      ? examplesToFill().map((query) => ({ query, headers: KEY_HEADERS }))
      : exampleQueries(model).map((query) => ({ query, headers: null })),
  })
}
