import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Model } from '../model/model.ts'
import { refuse } from './refusal.ts'

/**
 * Answers that the server lives and is ready, and with which model; 503 once it is being stopped, so that whoever deals
 * out requests sends it no more.
 */
export function health(
  { version }: Model,
  isStopping: boolean,
  { method }: IncomingMessage,
  response: ServerResponse,
): void {
  if (method !== 'GET' && method !== 'HEAD') {
    refuse(response, 405, 'METHOD_NOT_ALLOWED', `${method} is not answered: use GET.`, { Allow: 'GET, HEAD' })
    return
  }
  response.writeHead(isStopping ? 503 : 200, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
  })
  response.end(JSON.stringify({ status: isStopping ? 'stopping' : 'ok', modelVersion: version }))
}
