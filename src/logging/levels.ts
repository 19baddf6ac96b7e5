/**
 * How much is logged and how, in words. Apart from the log itself, of which the configuration's check and the help need nothing.
 */

/** What can be left out of the log, from everything to nothing but what broke. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** How lines of the log are written: for programs, or for people. */
export const LOG_FORMATS = ['json', 'pretty'] as const

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number]
