/**
 * How a command line is described: the words and options that a command takes, its help, and the shape of what was read.
 * From this one description come the parser (`command-line.ts`), the help (`help.ts`) and the completion in shells.
 */

/** What a shell completes a word with that has not just a few values; webhooks' ids are asked of the engine. */
export type Completes = 'file' | 'folder' | 'webhook'

/** A word that is no option: `EVENT.json` in `render ID EVENT.json`. */
export interface Word {
  readonly name: string
  readonly isOptional?: true
  /** The only words that are understood; absent: any. */
  readonly choices?: readonly string[]
  /** What a shell completes it with. */
  readonly completes?: Completes
}

/** An option. `help` is its line in the help; `value` stands for its value there. */
export type Option =
  | { readonly kind: 'flag'; readonly help: string }
  | { readonly kind: 'text'; readonly value: string; readonly help: string; readonly completes?: Completes }
  /** Can be given several times. */
  | { readonly kind: 'texts'; readonly value: string; readonly help: string }
  /** `value` stands for it in the help where the choices would take too much room there; absent: the choices do. */
  | {
      readonly kind: 'choice'
      readonly choices: readonly string[]
      readonly help: string
      readonly value?: string
    }
  /** A whole number. */
  | {
      readonly kind: 'number'
      readonly value: string
      readonly least: number
      readonly most: number
      readonly help: string
    }
  /** In the configuration's notation, `800ms` or `5m`; read as milliseconds. */
  | { readonly kind: 'duration'; readonly value: string; readonly mostMs: number; readonly help: string }

/** A command's options by their names without the two strokes. `help` and `-h` are every command's. */
export type Options = Readonly<Record<string, Option>>

/** The value of an option that was read: undefined where it was not given. */
export type ValueOf<One extends Option> = One extends { readonly kind: 'flag' }
  ? boolean
  : One extends { readonly kind: 'texts' }
    ? readonly string[]
    : One extends { readonly kind: 'number' | 'duration' }
      ? number | undefined
      : One extends { readonly kind: 'choice'; readonly choices: readonly (infer Choice)[] }
        ? Choice | undefined
        : string | undefined

/** The values of all options of a command. */
export type Values<All extends Options> = { readonly [Name in keyof All]: ValueOf<All[Name]> }

/** A command line that was read. */
export interface CommandLine<All extends Options> {
  /** At least as many as must be there, at most as many as can be. */
  readonly words: readonly string[]
  readonly options: Values<All>
}

/** The description of a command. */
export interface Usage<All extends Options> {
  readonly name: string
  /** The forms of its command line after `switchhook`; a line feed in one goes on below its first word. */
  readonly forms: readonly string[]
  /** What it does, in lines of up to 110 characters. */
  readonly about: string
  readonly words: readonly Word[]
  readonly options: All
  /** What stands below the options; empty: nothing. */
  readonly notes: string
  /** A command line that works, after `switchhook`. */
  readonly example: string
}
