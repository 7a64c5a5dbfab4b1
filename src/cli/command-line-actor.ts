import { userInfo } from 'node:os'

/** Who uses the command line, for the audit log. */
export function commandLineActor(): string {
  try {
    return `command line of ${userInfo().username}`
  } catch {
    // The user of a container may have no name.
    return `command line of user ${process.getuid?.() ?? 'unknown'}`
  }
}
