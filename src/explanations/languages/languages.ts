import type { Locale } from '../explanation.ts'
import { ENGLISH } from './english.ts'
import type { Language } from './language.ts'
import { PORTUGUESE } from './portuguese.ts'

/** The languages by their locales. */
export const LANGUAGES: Readonly<Record<Locale, Language>> = { en: ENGLISH, 'pt-BR': PORTUGUESE }
