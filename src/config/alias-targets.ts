/**
 * What the aliases of a YAML document stand for: the latest node before each that has its anchor, in the order of the text.
 * The alias's own `resolve` says the same, but goes through the whole document each time. Used by whatever follows aliases.
 */
import { type Alias, type Document, type Node, visit } from 'yaml'

/** Gives what an alias of `document` stands for; undefined where no anchor before it has its name. */
export type AliasTargets = (alias: Alias) => Node | undefined

/** Goes through `document` once, when the first alias is asked for. */
export function aliasTargets(document: Document): AliasTargets {
  let targets: ReadonlyMap<Alias, Node> | undefined
  return (alias) => {
    targets ??= targetsIn(document)
    return targets.get(alias)
  }
}

function targetsIn(document: Document): ReadonlyMap<Alias, Node> {
  const anchored = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    // A collection comes before what is in it, and a key before its value.
    Value: (_, node) => {
      if (node.anchor !== undefined && node.anchor !== '') anchored.set(node.anchor, node)
    },
    Alias: (_, alias) => {
      const target = anchored.get(alias.source)
      if (target !== undefined) targets.set(alias, target)
    },
  })
  return targets
}
