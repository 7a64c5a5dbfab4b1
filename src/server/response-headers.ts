import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

const current = new AsyncLocalStorage<string>()

/** Runs `handle` with a new request id; everything that it calls or awaits gets the id from `requestId()`. */
export function withRequestId<Answer>(handle: (id: string) => Answer): Answer {
  const id = randomUUID()
  return current.run(id, () => handle(id))
}

/** The id of the request being answered: in its response's header, in its masked errors and in the log. */
export function requestId(): string | undefined {
  return current.getStore()
}

// GraphiQL is one page: scripts and styles are inline, workers are blobs, pictures are data.
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

/** The headers of every answer. @param id  the request's id */
export function answerHeaders(id: string): Map<string, string> {
  return new Map([
    ['X-Request-Id', id],
    ['X-Content-Type-Options', 'nosniff'],
    ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ])
}
