import type { ServerResponse } from 'node:http'
import type { Model } from '../model/model.ts'

/**
 * Answers that the server lives and is ready, and with which model. There is no state between: it listens only
 * when its model is open, and takes no connections any more once it closes.
 */
export function health({ version }: Model, response: ServerResponse): void {
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(JSON.stringify({ status: 'ok', modelVersion: version }))
}
