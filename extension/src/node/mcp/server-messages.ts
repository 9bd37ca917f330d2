import { Emitter } from '../../base/event.ts';
import type { ServerMessage } from './mcp-server-face.ts';

const limits = { messages: 200, text: 2000 };

/** The newest messages of one server. */
export class ServerMessages {
  readonly #list: ServerMessage[] = [];
  readonly #emitter = new Emitter<ServerMessage>();
  readonly onDidLog = this.#emitter.event;

  get list(): readonly ServerMessage[] {
    return this.#list;
  }

  add(level: ServerMessage['level'], text: string): void {
    const cut = text.length > limits.text ? `${text.slice(0, limits.text)}…` : text;
    const message = { level, text: cut, at: Date.now() };
    this.#list.push(message);
    if (this.#list.length > limits.messages) this.#list.shift();
    this.#emitter.fire(message);
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}

/** MCP has the eight levels of syslog. */
export function levelOf(level: string): ServerMessage['level'] {
  if (level === 'debug' || level === 'info' || level === 'warning') return level;
  return level === 'notice' ? 'info' : 'error';
}
