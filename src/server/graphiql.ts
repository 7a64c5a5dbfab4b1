import type { GraphiQLOptions } from 'graphql-yoga'
import type { Model } from '../model/model.ts'
import { exampleQueries } from './examples.ts'

/** GraphiQL out of the package, with example queries in tabs: nothing is fetched from a CDN, so that it works offline. */
export async function graphiql(
  model: Model,
): Promise<{ graphiql: GraphiQLOptions; renderGraphiQL: () => string }> {
  // Nine megabytes: loaded only where GraphiQL is served, and rendered only once.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const options: GraphiQLOptions = {
    title: 'Rationale',
    // The examples have no variables.
    defaultEditorToolsVisibility: false,
    defaultTabs: exampleQueries(model).map((query) => ({ query })),
  }
  const page = renderGraphiQL(options)
  return { graphiql: options, renderGraphiQL: () => page }
}
