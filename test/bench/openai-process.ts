/**
 * The loopback server that stands in for OpenAI's, in a process of its own; prints its URL and stays. It takes its time,
 * as a language model does: one that answers at once would take the cores from those that are being timed.
 */
import { startOpenAiServer } from '../explanations/openai-server.ts'

const server = await startOpenAiServer()
server.behave('slow')
console.log(server.url)
