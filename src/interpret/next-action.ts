/**
 * DialogTech: the answer is an `<action>` that names the app which takes the call, and its parameters
 * (dialogtech-ivr-webhook, "Responding to DialogTech's WebHook"). What comes out is complete and in range: a switch can act
 * on it without another check. Elements that the document does not name are ignored, so that the platform may grow.
 * An empty optional element counts as absent, since scripts write one where they have no value.
 */
import type { Answer } from '../model/answer.ts'
import { ACTION_APPS, type ActionApp, type ActionValue, backup, type Decision } from '../model/decision.ts'
import { ACTION_PARAMETERS, NEXT_ACTION_ITEMS, type ParameterRow, type ParameterType } from './action-apps.ts'
import { quoted, shortened } from './excerpt.ts'
import { parsePassThrough } from './pass-through.ts'
import { decodeText } from './text.ts'
import { readXml, type XmlElement } from './xml-reader.ts'

/** A part of an action, or why the whole action is invalid. */
type Read<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly detail: string }

/** Reads a next action, whatever its content type (scripts seldom set one). Never throws. */
export function interpretNextAction(answer: Answer): Decision {
  const decoded = decodeText(answer, 'xml')
  if (decoded.kind === 'invalid') return backup('invalid-response', decoded.detail)
  const document = readXml(decoded.text)
  if (document.kind === 'invalid') {
    return backup('invalid-response', `the body is not well-formed XML, ${document.detail}`)
  }
  const action = readAction(document.root)
  return action.kind === 'invalid' ? backup('invalid-response', action.detail) : action.value
}

function readAction(root: XmlElement): Read<Decision> {
  if (root.name !== 'action') return invalid(`the root element is <${shortened(root.name)}>, not <action>`)
  const appElement = childOf(root, 'app')
  if (appElement.kind === 'invalid') return appElement
  if (appElement.value === undefined) return invalid('<action> has no <app>')
  const appName = textOf(appElement.value)
  if (appName.kind === 'invalid') return appName
  const app = ACTION_APPS.find((name) => name === appName.value.trim())
  if (app === undefined) {
    return invalid(`the app ${quoted(appName.value.trim())} is not one of ${ACTION_APPS.join(', ')}`)
  }
  const container = childOf(root, 'parameters')
  if (container.kind === 'invalid') return invalid(`${app}: ${container.detail}`)
  const read = readParameters(app, container.value ?? NO_PARAMETERS)
  return read.kind === 'invalid' ? invalid(`${app}: ${read.detail}`) : read
}

const NO_PARAMETERS: XmlElement = { name: 'parameters', text: '', children: [] }

function readParameters(app: ActionApp, container: XmlElement): Read<Decision> {
  const parameters = readRows(ACTION_PARAMETERS[app], container)
  if (parameters.kind === 'invalid') return parameters
  const problem = app === 'findme' ? findmeProblem(parameters.value) : undefined
  if (problem !== undefined) return invalid(problem)
  const userParameters = readUserParameters(container)
  if (userParameters.kind === 'invalid') return userParameters
  const passThrough = readPassThrough(container)
  if (passThrough.kind === 'invalid') return passThrough
  return read({
    kind: 'next-action',
    app,
    parameters: Object.fromEntries(parameters.value),
    ...userParameters.value,
    ...passThrough.value,
  })
}

function readRows(rows: readonly ParameterRow[], container: XmlElement): Read<Map<string, ActionValue>> {
  const parameters = new Map<string, ActionValue>()
  for (const row of rows) {
    if (row.ignoredBeside !== undefined && parameters.has(row.ignoredBeside)) continue
    const element = childOf(container, row.name)
    if (element.kind === 'invalid') return element
    const text = element.value === undefined ? read('') : textOf(element.value)
    if (text.kind === 'invalid') return text
    const trimmed = text.value.trim()
    if (trimmed === '') {
      if (row.required) return invalid(`${row.name} is missing`)
      if (row.default !== undefined) parameters.set(row.name, row.default)
      continue
    }
    const value = readValue(row.name, row.type, trimmed)
    if (value.kind === 'invalid') return value
    parameters.set(row.name, value.value)
  }
  return read(parameters)
}

function readValue(name: string, type: ParameterType, text: string): Read<ActionValue> {
  switch (type.kind) {
    case 'text':
      return read(text)
    case 'phone-list': {
      const numbers = text.split('|').map((number) => number.trim())
      const present = numbers.filter((number) => number !== '')
      return present.length === 0 ? invalid(`${name} has no number in it`) : read(present)
    }
    case 'integer': {
      if (!/^-?[0-9]{1,20}$/.test(text)) return invalid(`${name} ${quoted(text)} is not a whole number`)
      const value = Number(text)
      const { min, max = Number.MAX_SAFE_INTEGER } = type
      if (value >= min && value <= max) return read(value)
      return invalid(`${name} ${text} is not between ${min} and ${max}`)
    }
  }
}

/** Footnotes 1 and 2 of the document's table. */
function findmeProblem(parameters: ReadonlyMap<string, ActionValue>): string | undefined {
  if (!parameters.has('id') && !parameters.has('phone_list')) return 'id or phone_list is missing'
  const nextAction = parameters.get('nextaction')
  const item = typeof nextAction === 'number' ? NEXT_ACTION_ITEMS.get(nextAction) : undefined
  if (item === undefined || parameters.has('nextactionitem')) return undefined
  return `nextaction ${nextAction} needs a nextactionitem, the ${item} building block's id`
}

function readUserParameters(container: XmlElement): Read<{ userParameters?: Readonly<Record<string, string>> }> {
  const element = childOf(container, 'user_parameters')
  if (element.kind === 'invalid') return element
  if (element.value === undefined) return read({})
  const values = new Map<string, string>()
  for (const child of element.value.children) {
    if (values.has(child.name)) return invalid(`the user parameter ${quoted(child.name)} stands twice`)
    const text = textOf(child)
    if (text.kind === 'invalid') return text
    values.set(child.name, text.value.trim())
  }
  // fromEntries defines own properties: a user parameter may be called __proto__ without doing harm.
  return read(values.size === 0 ? {} : { userParameters: Object.fromEntries(values) })
}

function readPassThrough(
  container: XmlElement,
): Read<{ passThrough?: string; passThroughValues?: Readonly<Record<string, string>> }> {
  const element = childOf(container, 'p_t')
  if (element.kind === 'invalid') return element
  if (element.value === undefined) return read({})
  const text = textOf(element.value)
  if (text.kind === 'invalid') return text
  const passThroughValues = parsePassThrough(text.value)
  return read({
    passThrough: text.value,
    ...(passThroughValues === undefined ? {} : { passThroughValues }),
  })
}

/** The one child called `name`, `undefined` where there is none; of two nobody knows which is meant. */
function childOf(parent: XmlElement, name: string): Read<XmlElement | undefined> {
  const [child, second] = parent.children.filter((candidate) => candidate.name === name)
  return second === undefined ? read(child) : invalid(`<${name}> stands more than once in <${parent.name}>`)
}

/** The text of an element that may hold nothing but text, as it came. */
function textOf(element: XmlElement): Read<string> {
  const [child] = element.children
  if (child === undefined) return read(element.text)
  return invalid(`<${shortened(element.name)}> holds the element <${shortened(child.name)}> where text was expected`)
}

function read<Value>(value: Value): Read<Value> {
  return { kind: 'read', value }
}

function invalid(detail: string): { readonly kind: 'invalid'; readonly detail: string } {
  return { kind: 'invalid', detail }
}
