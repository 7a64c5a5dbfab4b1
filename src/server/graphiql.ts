import type { GraphiQLOptions } from 'graphql-yoga'
import type { Model } from '../model/model.ts'
import { exampleQueries } from './examples.ts'

/** Where to put the API key. */
const KEY_HEADERS = '{ "Authorization": "Bearer YOUR_API_KEY" }'

/**
 * GraphiQL out of the package, with example queries in tabs: nothing is fetched from a CDN, so that it works offline.
 * @param needsKey  opens the editor of headers, for the API key
 */
export async function graphiql(
  model: Model,
  needsKey: boolean,
): Promise<{ graphiql: GraphiQLOptions; renderGraphiQL: () => string }> {
  // Nine megabytes: loaded only where GraphiQL is served, and rendered only once.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const options: GraphiQLOptions = {
    title: 'Rationale',
    // The examples have no variables.
    defaultEditorToolsVisibility: needsKey && 'headers',
    ...(needsKey && { defaultHeaders: KEY_HEADERS, headers: KEY_HEADERS }),
    // Else the browser would keep the key, for whatever is served at this origin later.
    shouldPersistHeaders: false,
    defaultTabs: exampleQueries(model).map((query) => ({ query, headers: needsKey ? KEY_HEADERS : null })),
  }
  const page = renderGraphiQL(options)
  return { graphiql: options, renderGraphiQL: () => page }
}
