/**
 * The rules of the house that a parser can check, one function a rule: each takes a module and gives the offsets at
 * which the rule is broken. Called by `house.test.ts`, which says where each rule holds.
 */
import { type ESTree, Visitor, type VisitorObject } from 'vite'
import { lineAt, type SourceModule } from './modules.ts'

/** Gives the offsets at which a module breaks a rule. */
export type Rule = (module: SourceModule) => readonly number[]

/** One line a broken rule: `src/policy/backoff.ts:12`. */
export function findBroken(modules: readonly SourceModule[], rule: Rule): readonly string[] {
  return modules.flatMap((module) => rule(module).map((offset) => `${module.path}:${lineAt(module.text, offset)}`))
}

/** The file begins with a comment on lines of its own, with at most 8 lines of text. */
export const beginsWithComment: Rule = ({ text }) => {
  const [, comment = ''] = /^\/\*\*\n(.*?)\*\//s.exec(text) ?? []
  const lines = comment.split('\n').filter((line) => /[^\s*]/.test(line))
  return lines.length >= 1 && lines.length <= 8 ? [] : [0]
}

/** Nothing is exported by default: a thing has one name everywhere. */
export const hasNoDefaultExport: Rule = (module) =>
  collect(module, (add) => ({
    ExportDefaultDeclaration: add,
    ExportSpecifier: (node) => {
      if (node.exported.type === 'Identifier' && node.exported.name === 'default') add(node)
    },
  }))

/** Unions of texts instead of enums. */
export const hasNoEnum: Rule = (module) => collect(module, (add) => ({ TSEnumDeclaration: add }))

/** What is caught is dealt with; a comment alone does not. */
export const hasNoEmptyCatch: Rule = (module) =>
  collect(module, (add) => ({
    CatchClause: (node) => {
      if (node.body.body.length === 0) add(node)
    },
  }))

/** Time comes in as a number: the clock of the machine is not read. */
export const readsNoClock: Rule = (module) =>
  collect(module, (add) => ({
    MemberExpression: (node) => {
      const isDate = node.object.type === 'Identifier' && node.object.name === 'Date'
      if (isDate && node.property.type === 'Identifier' && node.property.name === 'now') add(node)
    },
    NewExpression: (node) => {
      const isDate = node.callee.type === 'Identifier' && node.callee.name === 'Date'
      if (isDate && node.arguments.length === 0) add(node)
    },
  }))

/** What a module declares at its top never changes. */
export const hasNoMutableState: Rule = ({ program }) =>
  program.body
    .map((statement) => (statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement))
    .filter((statement) => statement?.type === 'VariableDeclaration')
    .filter(({ kind, declare }) => (kind === 'let' || kind === 'var') && declare !== true)
    .map(({ start }) => start)

/** A file is named after what is in it. */
export const hasTellingName: Rule = ({ path }) =>
  /(^|\/)(utils?|helpers?|common|types|misc|shared)(\/|\.ts$)/.test(path) ? [0] : []

/** A kebab-case noun. */
export const hasKebabCaseName: Rule = ({ path }) => (/^([a-z0-9]+([.-][a-z0-9]+)*\/?)+$/.test(path) ? [] : [0])

/** The offsets of folders that exist on one machine only. For files of any language. */
export function findMachinePaths(text: string): readonly number[] {
  return Array.from(text.matchAll(/(?<![\w.:/}-])\/(work|tmp|home|root|Users)\//g), ({ index }) => index)
}

function collect(
  module: SourceModule,
  visitorOf: (add: (node: ESTree.Node) => void) => VisitorObject,
): readonly number[] {
  const offsets: number[] = []
  new Visitor(visitorOf((node) => offsets.push(node.start))).visit(module.program)
  return offsets
}
