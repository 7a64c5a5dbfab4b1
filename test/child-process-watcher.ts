/**
 * Ends the children of the process that started it: each after its lifetime, and all of them when that process is gone,
 * however it ended. Reads lines of `<pid> <seconds>`, and `<pid> ` for one that has ended.
 */
import { createInterface } from 'node:readline'

const lifetimes = new Map<number, NodeJS.Timeout>()

for await (const line of createInterface({ input: process.stdin })) {
  const [pid, seconds] = line.split(' ')
  clearTimeout(lifetimes.get(Number(pid)))
  lifetimes.delete(Number(pid))
  if (seconds !== '') lifetimes.set(Number(pid), setTimeout(kill, Number(seconds) * 1000, Number(pid)))
}
for (const [pid, lifetime] of lifetimes) {
  clearTimeout(lifetime)
  kill(pid)
}

/** With the group that it leads, where there are groups. */
function kill(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
      return
    } catch {
      // No such group, or it has ended just now.
    }
  }
}
