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
