import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = process.env['RATIONALE_URL'] ?? 'http://127.0.0.1:4000'

export default defineConfig({
  plugins: [react()],
  // The server answers pages of its own origin only. `vite preview` takes the same proxy.
  server: { proxy: { '/graphql': server } },
})
