/** A process that stands for a retraining. Its argument says what it does. */
import { setTimeout as sleep } from 'node:timers/promises'

const [what] = process.argv.slice(2)
process.on('disconnect', () => process.exit(3))
// Listening alone keeps no process alive.
process.channel!.unref()
process.send!({ stage: 'TRAINING', share: 0.5 })
const retrained = { candidate: 'c0ffee', promoted: true, reason: 'It is better.', ndcg10: null }
switch (what) {
  case 'end':
    process.send!({ retrained })
    break
  case 'promote and wait':
    process.send!({ retrained })
    await sleep(600_000)
    break
  case 'keep':
    process.send!({ retrained: { ...retrained, promoted: false } })
    break
  case 'fail':
    process.stderr.write('Reading the store\nerror: there are no purchases\n')
    process.exitCode = 1
    break
  case 'wait':
    await sleep(600_000)
    break
  case 'refuse':
    process.on('SIGTERM', () => {})
    await sleep(600_000)
}
