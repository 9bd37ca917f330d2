import type { DebugProtocol } from '@vscode/debugprotocol';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { join, open, sizeOf, summaryOf } from '../../core/orchestration/walk/index.ts';
import type { Inspected, Page } from '../../core/orchestration/walk/index.ts';
import { referenceGone } from './errors.ts';

/** Characters of a value in a list; the whole comes by `evaluate`, which is what copying asks for. */
const SHOWN_CHARACTERS = 400;

interface Entry {
  /** Called when it is opened. */
  readonly value: () => Inspected;
  readonly path: string;
}

/** What the client may open further, by number. Numbers are never given twice, so an old one is known to be old. */
export class VariableTable {
  readonly #entries = new Map<number, Entry>();
  #last = 0;
  readonly #onProblem: (text: string) => void;

  /** `onProblem`: what cannot be read is shown in its place, and told. */
  constructor(onProblem: (text: string) => void) {
    this.#onProblem = onProblem;
  }

  clear(): void {
    this.#entries.clear();
  }

  add(value: () => Inspected, path: string): number {
    this.#last += 1;
    this.#entries.set(this.#last, { value, path });
    forgetOldest(this.#entries, KEPT);
    return this.#last;
  }

  read(reference: number, page: Page): DebugProtocol.Variable[] {
    const entry = this.#entries.get(reference);
    if (!entry) throw referenceGone('variable');
    try {
      const value = entry.value();
      const { indexed } = sizeOf(value);
      return open(value, page).map((member) =>
        this.variable(
          member.name,
          member.value,
          join(entry.path, indexed > 0 ? Number(member.name) : member.name),
        ),
      );
    } catch (error) {
      const text = isStrataError(error) ? `${error.message} ${error.action}` : messageOf(error);
      this.#onProblem(text);
      return [{ name: 'problem', value: text, variablesReference: 0, presentationHint: READ_ONLY }];
    }
  }

  variable(name: string, value: Inspected, path: string): DebugProtocol.Variable {
    return {
      name,
      evaluateName: path,
      presentationHint: READ_ONLY,
      ...this.shown(value, path, SHOWN_CHARACTERS),
    };
  }

  /** A value with what is needed to open it. */
  shown(value: Inspected, path: string, limit: number) {
    const { named, indexed } = sizeOf(value);
    const opens = named + indexed > 0;
    return {
      value: summaryOf(value, limit),
      type: typeOf(value),
      variablesReference: opens ? this.add(() => value, path) : 0,
      ...(indexed > 0 ? { indexedVariables: indexed } : {}),
      ...(named > 0 && value.type === 'json' ? { namedVariables: named } : {}),
    };
  }
}

const KEPT = 20_000;

/** A Map keeps the order in which its keys came. */
export function forgetOldest(table: Map<number, unknown>, kept: number): void {
  const [oldest] = table.keys();
  if (table.size > kept && oldest !== undefined) table.delete(oldest);
}

const READ_ONLY: DebugProtocol.VariablePresentationHint = { attributes: ['readOnly'] };

function typeOf(value: Inspected): string {
  if (value.type !== 'json') return value.type;
  if (value.value === null) return 'null';
  return Array.isArray(value.value) ? 'list' : typeof value.value;
}
