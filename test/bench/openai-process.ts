/** The loopback server that stands in for OpenAI's, in a process of its own; prints its URL and stays. */
import { startOpenAiServer } from '../explanations/openai-server.ts'

const server = await startOpenAiServer()
server.behave('right')
console.log(server.url)
