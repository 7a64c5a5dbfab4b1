/** Codes of file-system errors, as messages that say what to do. */
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder: check the path',
  ENOTDIR: 'a part of the path is a file, not a folder: check the path',
  EISDIR: 'it is a folder: name a file',
  EACCES: 'permission denied: change the permissions, or choose another place',
  EPERM: 'permission denied: change the permissions, or choose another place',
  EROFS: 'the file system is read-only: choose another place',
  ENOSPC: 'the disk is full: free some space, or choose another place',
  EDQUOT: 'the disk quota is used up: free some space, or choose another place',
  ELOOP: 'it is a symbolic link that leads back to itself: remove it, or choose another place',
  ENAMETOOLONG: 'the name is too long: choose a shorter one',
  EPIPE: 'its reader has stopped reading',
  EBUSY: 'it is in use: choose another place',
}

/** What went wrong with a file, and what to do; the system's own message for rare errors. */
export function fileProblem({ code, message }: NodeJS.ErrnoException): string {
  return PROBLEMS[code ?? ''] ?? message
}
