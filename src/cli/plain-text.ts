/**
 * Text for a terminal. Text from data, files and errors may contain control characters: escape sequences move the
 * cursor, rename windows and change colours; direction marks reverse words. They are escaped as in JSON, \u001b, so that
 * the meaning of a line of JSON does not change.
 */

/** Control characters (C0, DEL, C1), direction marks, and line separators. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** For text of several lines: line ends and tabs are kept. */
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

/** Whether a stream is a terminal with escape sequences, and NO_COLOR is not set (no-color.org). */
export function takesEscapes(
  stream: { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const terminal = environment['TERM'] ?? (platform === 'win32' ? 'windows' : 'dumb')
  return stream.isTTY === true && terminal !== 'dumb' && terminal !== '' && !environment['NO_COLOR']
}
