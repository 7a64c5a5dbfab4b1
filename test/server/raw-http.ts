import { connect } from 'node:net'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

/** What came over a connection of its own, byte for byte. */
export interface Heard {
  readonly text: string
  /** Whether the server ended it. */
  readonly isEnded: boolean
}

/**
 * Sends text as it is, and listens until the server ends the connection or `isEnough`, at most 10 s.
 * @param rest  sent once something has come back
 */
export async function talk(
  url: string,
  sent: string | Buffer,
  isEnough: (text: string) => boolean = () => false,
  rest?: string,
): Promise<Heard> {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  const heard = { text: '', isEnded: false }
  socket.on('error', () => (heard.isEnded = true))
  socket.on('end', () => (heard.isEnded = true))
  socket.on('data', (chunk) => {
    if (heard.text === '' && rest !== undefined) socket.write(rest)
    heard.text += chunk.toString('latin1')
  })
  socket.write(sent)
  const end = performance.now() + 10_000
  while (performance.now() < end && !heard.isEnded && !isEnough(heard.text)) await pause(10)
  if (!socket.closed) {
    socket.destroy()
    await once(socket, 'close')
  }
  return heard
}

/** A POST of JSON; what is undefined among its headers is left out. */
export function post(body: string | Buffer, headers: Record<string, string> = {}, version = '1.1'): string {
  const all = {
    Host: 'localhost',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST /graphql HTTP/${version}\r\n${lines.join('')}\r\n${body.toString('latin1')}`
}
