import type { Model } from '../model/model.ts'
import { exampleQueries, examplesToFill } from './examples.ts'

/** Where to put the API key. */
const KEY_HEADERS = '{ "Authorization": "Bearer YOUR_API_KEY" }'

/**
 * GraphiQL's tabs can be dragged, and the library that does it gives them a translateX before the page has its width.
 * The first click, which removes it, then begins on a tab and ends beside it: it does nothing. Without the shift a click
 * is a click; dragged tabs still change places. And tabs beyond the window's edge can be reached with a mouse.
 */
const STYLE = `
.graphiql-tabs > .graphiql-tab { transform: none !important }
.graphiql-tabs.no-scrollbar { scrollbar-width: thin }
`

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
  const page = renderGraphiQL({
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
  return page.replace('</head>', () => `<style>${STYLE}</style></head>`)
}
