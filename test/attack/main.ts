/**
 * `npm run attack -- NAME`: attacks on a server of their own on 127.0.0.1, which say what they got and exit with 1 where
 * a promise was broken. One file an attack, each a command; every one ends by itself (ATTACK_MINUTES at most).
 */
import { Command } from 'commander'
import { baskets } from './baskets.ts'
import { costs } from './costs.ts'
import { customers } from './customers.ts'
import { drain } from './drain.ts'
import { memory } from './memory.ts'
import { proxy } from './proxy.ts'
import { sockets } from './sockets.ts'
import { visitors } from './visitors.ts'

/** No attack takes longer, whatever becomes of its server. */
const ATTACK_MINUTES = 10

const attack = new Command('attack').description('Attacks a server on this machine, and says what it got.')

for (const one of [baskets, memory, visitors, drain, customers, proxy, sockets, costs]) attack.addCommand(one)

const limit = setTimeout(() => {
  console.error(`The attack was stopped after ${ATTACK_MINUTES} minutes.`)
  process.exit(1)
}, ATTACK_MINUTES * 60_000)
await attack.parseAsync()
clearTimeout(limit)
