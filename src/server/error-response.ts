import type { ServerResponse } from 'node:http'

/** Answers a request of Node's servers that is none for GraphQL, in the form that errors of GraphQL have. */
export function answerError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers })
  response.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }))
}
