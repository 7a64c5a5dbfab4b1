import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

const current = new AsyncLocalStorage<string>()

/** Runs `handle` under a new request id, which everything it calls or awaits finds by `requestId()`. */
export function withRequestId<Answer>(handle: (id: string) => Answer): Answer {
  const id = randomUUID()
  return current.run(id, () => handle(id))
}

/** The id of the request being answered: in its response's header, in its masked errors and in the log. */
export function requestId(): string | undefined {
  return current.getStore()
}

// Everything GraphiQL needs stands in its one page: scripts and styles inline, workers as blobs, pictures as data.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  'worker-src blob:',
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** The headers of every answer, by name. @param id  the request's */
export function answerHeaders(id: string): Map<string, string> {
  return new Map([
    ['X-Request-Id', id],
    ['X-Content-Type-Options', 'nosniff'],
    ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ])
}
