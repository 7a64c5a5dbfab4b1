/**
 * Text for a terminal. What comes out of data, files and errors may hold characters that a terminal obeys: escape
 * sequences move the cursor, rename windows and colour the rest; marks of direction turn words around. They are shown
 * as JSON writes them, \u001b, and so a line of JSON means the same as before.
 */

/** Control characters (C0, DEL, C1), marks that turn the direction of writing, and separators of lines. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** For text of several lines: ends of lines and tabs are kept. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, (character) => (/[\n\t]/.test(character) ? character : escaped(character)))
}

/** For text of one line, such as a name. */
export function onOneLine(text: string): string {
  return text.replaceAll(CONTROLS, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Whether a stream is a terminal that understands escape sequences, and is wanted to get some (no-color.org). */
export function takesEscapes(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const terminal = environment['TERM'] ?? (platform === 'win32' ? 'windows' : 'dumb')
  return stream.isTTY === true && terminal !== 'dumb' && terminal !== '' && !environment['NO_COLOR']
}
