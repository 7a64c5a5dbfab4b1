import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

/** Asks for a response in parts, and gives each as soon as it has come. @param signal  leaves before the end */
export async function* partsOf(
  url: string,
  query: string,
  { accept, signal }: { accept: string; signal?: AbortSignal },
): AsyncGenerator<any> {
  const asking = request(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: accept },
    // Of who leaves no connection stays open, which the server would wait for when it closes.
    ...(signal && { signal, agent: false }),
  })
  asking.end(JSON.stringify({ query }))
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const type = response.headers['content-type'] ?? ''
  const [boundary, content] = type.startsWith('multipart/mixed')
    ? ['\r\n---', /\r\n\r\n([^]*)$/]
    : ['\n\n', /^data: (\{[^]*)$/m]
  let buffer = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const pieces = (buffer + chunk).split(boundary)
    buffer = pieces.pop() ?? ''
    for (const piece of pieces) {
      const [, json] = content.exec(piece) ?? []
      if (json !== undefined) yield JSON.parse(json)
    }
  }
  if (type.includes('json')) yield JSON.parse(buffer)
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}
