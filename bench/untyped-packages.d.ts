/**
 * Types of packages that have none of their own, as far as the benches use them.
 */
declare module 'mustache' {
  const mustache: {
    parse(template: string): unknown
    render(
      template: string,
      view: object,
      partials: undefined,
      config: { readonly escape: (value: unknown) => string },
    ): string
  }
  export = mustache
}

declare module 'express' {
  import type { IncomingMessage, Server, ServerResponse } from 'node:http'

  interface Answer extends ServerResponse {
    status(code: number): Answer
    json(value: unknown): Answer
  }
  type Handler = (request: IncomingMessage & { readonly body: unknown }, answer: Answer) => void | Promise<void>
  interface Application {
    use(handler: unknown): Application
    disable(setting: string): Application
    post(path: string, handler: Handler): Application
    listen(port: number, host: string, onListening: () => void): Server
  }
  const express: {
    (): Application
    json(options: { readonly limit: string }): unknown
  }
  export = express
}
