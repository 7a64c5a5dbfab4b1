import type { Model } from '../model/model.ts'
import type { Scope } from '../store/scope.ts'
import { exampleQueries, examplesOfProducts, examplesToFill } from './examples.ts'
import { PLACEHOLDERS } from './examples/values.ts'

/** Where to put the API key. */
const KEY_HEADERS = '{ "Authorization": "Bearer YOUR_API_KEY" }'

/** Where the page starts GraphiQL. */
const START = 'YogaGraphiQL.renderYogaGraphiQL('

/**
 * The script for a page that was opened by the link that `serve` prints. Browsers do not send the #token=… of an
 * address. The script removes the token from the address, keeps it while the tab is open, sends it with GraphiQL's
 * requests unless they have an own Authorization header, and fills three customers into the examples.
 */
const OPENING = `<script>{
  const linked = new URLSearchParams(location.hash.slice(1)).get('token')
  if (linked !== null) {
    sessionStorage.setItem('rationale-token', linked)
    history.replaceState(null, '', location.pathname + location.search)
  }
  const token = linked ?? sessionStorage.getItem('rationale-token')
  if (token !== null) {
    const send = window.fetch
    window.fetch = (input, options = {}) => {
      const headers = new Headers(options.headers)
      if (!headers.has('Authorization')) headers.set('Authorization', 'Bearer ' + token)
      return send(input, { ...options, headers })
    }
  }
  window.startGraphiQL = async (root, options) => {
    if (token !== null) await fillIn(options.defaultTabs).catch(() => {})
    ${START}root, options)
  }
  async function fillIn(tabs) {
    const query = '{ customers(first: 3) { edges { node { externalId segment } } } }'
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch(location.pathname, { method: 'POST', headers, body: JSON.stringify({ query }) })
    const known = (await answer.json()).data.customers.edges.map(({ node }) => node)
    const customers = ${JSON.stringify([PLACEHOLDERS.customer, ...PLACEHOLDERS.others])}
    for (const tab of tabs) {
      customers.forEach((word, place) => {
        const { externalId } = known[Math.min(place, known.length - 1)]
        tab.query = tab.query.replaceAll(word, () => JSON.stringify(externalId))
      })
      const { segment, externalId } = known[0]
      tab.query = tab.query.replaceAll('${PLACEHOLDERS.segment}', () => JSON.stringify(segment ?? externalId))
    }
  }
}</script>`

/**
 * GraphiQL's tabs can be dragged, and the library for it shifts them before the page has its width. The first click
 * removes the shift, so it starts on a tab, ends next to it and does nothing. Without the shift clicks work, and tabs
 * can still be dragged. The scroll bar makes tabs beyond the window's edge reachable with a mouse.
 */
const STYLE = `
.graphiql-tabs > .graphiql-tab { transform: none !important }
.graphiql-tabs.no-scrollbar { scrollbar-width: thin }
`

/**
 * GraphiQL from the package, with example queries in tabs. Nothing is fetched from a CDN, so it works offline. Every
 * client that reaches the server sees the page, so it contains nothing about the shop that they may not query.
 * @param keyless  what is allowed without a key; if nothing, the page opens the editor of headers, for the key
 * @returns a function that renders the page; the first call takes a while
 */
export function graphiql(model: Model, keyless: ReadonlySet<Scope>): () => Promise<string> {
  let page: Promise<string> | undefined
  return () => {
    // After a failure the next call tries again.
    page ??= render(model, keyless).catch((cause: unknown) => {
      page = undefined
      throw cause
    })
    return page
  }
}

async function render(model: Model, keyless: ReadonlySet<Scope>): Promise<string> {
  const needsKey = keyless.size === 0
  // Nine megabytes: loaded when the page is first opened.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const page = renderGraphiQL({
    title: 'Rationale',
    // The examples have no variables.
    defaultEditorToolsVisibility: needsKey && 'headers',
    ...(needsKey && { defaultHeaders: KEY_HEADERS, headers: KEY_HEADERS }),
    // Otherwise the browser would keep the key, for anything that is later served at this origin.
    shouldPersistHeaders: false,
    defaultTabs: needsKey
      ? examplesToFill().map((query) => ({ query, headers: KEY_HEADERS }))
      : examplesFor(model, keyless).map((query) => ({ query, headers: null })),
  })
  const start = page.lastIndexOf(START)
  if (start < 0) throw new Error('GraphiQL’s page has changed: it cannot be given the token')
  const started = `${page.slice(0, start)}startGraphiQL(${page.slice(start + START.length)}`
  return started
    .replace('<head>', () => `<head>${OPENING}`)
    .replace('</head>', () => `<style>${STYLE}</style></head>`)
}

function examplesFor(model: Model, keyless: ReadonlySet<Scope>): string[] {
  return keyless.has('read') && keyless.has('admin') ? exampleQueries(model) : examplesOfProducts(model)
}
