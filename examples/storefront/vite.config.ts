import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { signIn } from './sign-in.ts'

const server = process.env['RATIONALE_URL'] ?? 'http://127.0.0.1:4000'
const signingKey = process.env['RATIONALE_SIGNING_KEY']

export default defineConfig({
  plugins: [react(), ...(signingKey ? [signIn(signingKey)] : [])],
  // The server answers pages of its own origin only. `vite preview` takes the same proxy.
  server: { proxy: { '/graphql': server } },
})
