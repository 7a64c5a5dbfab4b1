import { RequestError } from './request-error.ts'
import { dataOf, readResult } from './transport.ts'

/**
 * A response that holds events.
 * @throws {RequestError} if it holds anything else
 */
export async function expectEvents(response: Response): Promise<Response> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (isStream && response.ok) return response
  // A rejection comes as an event, too.
  await (isStream ? resultsOf(response, undefined).next() : readResult(response))
  throw new RequestError({ response }, `${response.url} answered at once, and not with events.`)
}

/**
 * The results in a response of server-sent events, each when it arrives.
 * @throws {RequestError} for errors in one of them, and if the connection ends before the last
 */
export async function* resultsOf(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, void> {
  const failure = (what: string, cause?: unknown) => {
    signal?.throwIfAborted()
    return new RequestError({ response, cause }, `${response.url} ${what} before the last event.`)
  }
  for await (const event of eventsOf(response.body!, (cause) => failure('broke off', cause))) {
    const field = (name: string) =>
      event
        .filter((line) => line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).trimStart())
        .join('\n')
    if (field('event') === 'complete') return
    // Between events the server sends comments, to keep the connection open.
    if (field('event') === 'next') yield dataOf(JSON.parse(field('data')), response)
  }
  throw failure('ended')
}

/** The lines of each event. */
async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  brokeOff: (cause: unknown) => Error,
): AsyncGenerator<string[], void, void> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    for (;;) {
      const { value, done } = await reader.read().catch((cause) => {
        throw brokeOff(cause)
      })
      if (done) return
      const events = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/)
      rest = events.pop()!
      for (const event of events) yield event.split(/\r?\n/)
    }
  } finally {
    // Leaving the loop closes the connection.
    await reader.cancel().catch(() => {})
  }
}
