import { messageOf } from '../../base/errors.ts';
import {
  actionFor,
  cancelled,
  isModelError,
  kindOf,
  ModelError,
  scrubKey,
  stalled,
} from '../../core/models/index.ts';
import type { Watchdog } from '../../node/providers/limits.ts';

const ALLOW =
  'Allow it when VS Code asks, or under “Manage Language Model Access” in its accounts menu, and try again.';
const CHOOSE = 'Choose another model in .strata/models.jsonc, or sign in to the extension that brings it.';
/** How extensions say in words what a server answered. */
const STATUS = /(?:status|failed|error|http|code)\D{0,12}([45]\d\d)\b/i;
const WITHHELD = /content[ _-]?(?:filter|policy)|filtered|responsible ai|off[ _-]topic/i;

/** What a request to a model of the editor failed with, in our own kinds. */
export function editorFailure(
  model: string,
  error: unknown,
  watchdog: Watchdog,
  caller: AbortSignal,
): ModelError {
  if (isModelError(error)) return error;
  if (caller.aborted) return cancelled();
  const expired = watchdog.expired();
  if (expired) return stalled(expired.phase, expired.ms);
  const said = textOf(error);
  switch (codeOf(error)) {
    case 'NoPermissions':
      return new ModelError('auth', `VS Code does not let Strata use ${model}.`, ALLOW, { cause: error });
    case 'NotFound':
      return notThere(model);
    case 'Blocked': {
      const kind = WITHHELD.test(said) ? 'content-policy' : 'rate-limit';
      return new ModelError(kind, said, actionFor(kind), { cause: error });
    }
    default: {
      const status = statusIn(said);
      const kind = WITHHELD.test(said) ? 'content-policy' : kindOf({ status, codes: [], message: said });
      const details = { cause: error, ...(status === undefined ? {} : { status }) };
      return new ModelError(kind, said, kind === 'auth' ? ALLOW : actionFor(kind), details);
    }
  }
}

export function notThere(model: string): ModelError {
  return new ModelError('bad-request', `VS Code has no model “${model}”.`, CHOOSE);
}

/** The editor puts what another extension threw into the cause of its own error. */
function textOf(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : '';
  const outer = messageOf(error);
  return scrubKey(inner === '' || outer.includes(inner) ? outer : `${outer} ${inner}`, undefined);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function statusIn(text: string): number | undefined {
  const [, status] = STATUS.exec(text) ?? [];
  return status === undefined ? undefined : Number(status);
}
