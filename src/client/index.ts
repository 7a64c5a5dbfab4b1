/**
 * A client of a Rationale server, for scripts, servers and pages; it runs wherever there is `fetch`.
 *
 * ```ts
 * import { createClient } from 'rationale-engine/client'
 *
 * const client = createClient({ url: 'http://127.0.0.1:4000/graphql' })
 * const { modelInfo } = await client.query<{ modelInfo: { version: string } }>('{ modelInfo { version } }')
 * ```
 *
 * Documents typed by GraphQL Code Generator (`TypedDocumentNode`, or `documentMode: 'string'`) type the variables and
 * the result.
 *
 * @module rationale-engine/client
 */
export { type Beacon, type BeaconEvent, type BeaconOptions, createBeacon } from './beacon.ts'
export { type After, type Client, type ClientOptions, createClient, type RequestOptions } from './client.ts'
export type { DocumentNode, TypedDocument, TypedText, VariablesOf } from './document.ts'
export type { Page } from './pages.ts'
export { RequestError, type RequestFailure, type ResponseError } from './request-error.ts'
