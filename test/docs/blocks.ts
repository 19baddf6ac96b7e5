/**
 * The code blocks of a page, fenced and indented, and what each is for. A block has one use, told by the words behind its fence;
 * one that has none would be read by people and checked by nobody, so that `examples.test.ts` refuses it. The table of uses
 * is {@link Use}.
 */

/** A code block as it stands on the page. */
export interface Block {
  /** Line of the page at which it begins, from 1. */
  readonly line: number
  /** The words behind the fence; an indented block has `sh`. */
  readonly info: string
  readonly text: string
}

/** What is done with a block. */
export type Use =
  /** ```sh runnable: run; `prints` is the JSON block right below it. `eventually`: again until it prints that. */
  | { readonly kind: 'run'; readonly isEventual: boolean; readonly prints: string | undefined }
  /** The JSON block below a runnable one, which is compared with what that prints. */
  | { readonly kind: 'printed' }
  /** ```sh, or indented: every line must be a command that there is, with options that it takes. */
  | { readonly kind: 'commands' }
  /** ```yaml switchhook.yaml: the engine of the blocks below runs with it. */
  | { readonly kind: 'configuration' }
  /** ```yaml checked: a configuration without a mistake. */
  | { readonly kind: 'checked' }
  /** ```json event.json, ```js module.js and the like: a file for the blocks below, or for a test of its own. */
  | { readonly kind: 'file'; readonly name: string }
  /** ```xml answer: what the customers' server answers from here on. */
  | { readonly kind: 'answer'; readonly type: string }
  /** ```http: the last request that the customers' server got. */
  | { readonly kind: 'received' }
  /** ```json logged: a line that the engine has written to its log. */
  | { readonly kind: 'logged' }
  /** ```ts src/…, ```ts test/… and ```diff src/…: part of the walk-through that `walk-through.test.ts` builds and runs. */
  | { readonly kind: 'source'; readonly path: string; readonly isDiff: boolean }
  /** ```text drawing: the files that it names are there. */
  | { readonly kind: 'drawing' }
  | { readonly kind: 'none' }

const FENCE = '```'

/** Content types by a fence's language. */
const ANSWER_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  ini: 'text/x-ini',
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  xml: 'text/xml',
}

/** All blocks of a page, in its order. */
export function readBlocks(page: string): readonly Block[] {
  const lines = page.split('\n')
  const blocks: Block[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line.startsWith(FENCE)) {
      const end = lines.indexOf(FENCE, index + 1)
      if (end === -1) throw new Error(`the block at line ${index + 1} has no end`)
      blocks.push({ line: index + 1, info: line.slice(FENCE.length), text: lines.slice(index + 1, end).join('\n') })
      index = end
    } else if (isIndented(line) && lines[index - 1] === '') {
      const end = lines.findIndex((next, at) => at > index && !isIndented(next))
      const text = lines.slice(index, end === -1 ? undefined : end).map((each) => each.trim())
      blocks.push({ line: index + 1, info: 'sh', text: text.join('\n') })
      index += text.length - 1
    }
  }
  return blocks
}

/** What is done with each of a page's blocks, in its order. */
export function usesOf(page: string): readonly (Block & { readonly use: Use })[] {
  const blocks = readBlocks(page)
  const lines = page.split('\n')
  const isRightBelow = (block: Block, next: Block | undefined): next is Block =>
    next?.info === 'json' &&
    lines.slice(block.line + block.text.split('\n').length + 1, next.line - 1).every((line) => line === '')
  return blocks.map((block, index) => {
    const next = blocks[index + 1]
    const before = blocks[index - 1]
    const isRunnable = /^sh runnable( eventually)?$/.test(block.info)
    if (isRunnable) {
      const prints = isRightBelow(block, next) ? next.text : undefined
      return { ...block, use: { kind: 'run', isEventual: block.info.endsWith(' eventually'), prints } }
    }
    const isPrinted = before?.info.startsWith('sh runnable') === true && isRightBelow(before, block)
    return { ...block, use: isPrinted ? { kind: 'printed' } : useOf(block.info) }
  })
}

function useOf(info: string): Use {
  const [language = '', word = '', ...others] = info.split(' ')
  if (others.length > 0) return { kind: 'none' }
  const type = ANSWER_TYPES[language]
  if (word === 'answer' && type !== undefined) return { kind: 'answer', type }
  if ((language === 'ts' || language === 'diff') && /^(src|test)\//.test(word)) {
    return { kind: 'source', path: word, isDiff: language === 'diff' }
  }
  if (language === 'json' && /^[\w-]+\.(nd)?json$/.test(word)) return { kind: 'file', name: word }
  if (language === 'js' && /^[\w-]+\.js$/.test(word)) return { kind: 'file', name: word }
  switch (info) {
    case 'sh':
      return { kind: 'commands' }
    case 'http':
      return { kind: 'received' }
    case 'yaml switchhook.yaml':
      return { kind: 'configuration' }
    case 'yaml checked':
      return { kind: 'checked' }
    case 'json logged':
      return { kind: 'logged' }
    case 'text drawing':
      return { kind: 'drawing' }
    default:
      return { kind: 'none' }
  }
}

/** In a list four blanks are the item's own text; pages here begin items in the first column and keep them flat. */
function isIndented(line: string): boolean {
  return /^ {4}\S/.test(line)
}
