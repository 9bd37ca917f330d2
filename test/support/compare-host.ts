import { StrataError } from '../../extension/src/base/errors.ts';
import type { Disposable } from '../../extension/src/base/disposable.ts';
import { comparedRun } from '../../extension/src/core/orchestration/compare/index.ts';
import type { ComparedPair, CompareHostMessage } from '../../extension/src/protocol/compare-panel.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { CompareSession } from '../../extension/src/vscode/compare-panel/session.ts';
import type { WalkedLog } from './walked-runs.ts';

export interface CompareHost {
  readonly session: CompareSession;
  /** What the page asked the editor to do. */
  readonly said: string[];
  /** Texts of files, by the first letter of the tree and the path. */
  readonly files: Map<string, string>;
  /** How many payloads were read. */
  readonly read: { payloads: number };
  /** From now on no blob can be read. */
  breakBlobs(): void;
}

interface HostOptions {
  readonly log: WalkedLog;
  readonly pair: ComparedPair;
  readonly post: (message: CompareHostMessage) => void;
  readonly now: () => number;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** The host's end of a comparison over a log in memory. */
export function compareHost({ log, pair, post, now, after }: HostOptions): CompareHost {
  const said: string[] = [];
  const files = new Map<string, string>();
  const read = { payloads: 0 };
  let isBroken = false;
  const getBlob = (id: string): string => {
    if (isBroken) throw new StrataError('blob-damaged', 'A blob is damaged.', 'Restore it.');
    return log.getBlob(id);
  };
  const say = (text: string) => Promise.resolve(said.push(text));
  const session = new CompareSession({
    ...{ pair, post, now, after },
    source: {
      find: (run) => {
        const view = foldRun(log.read(run));
        return (
          view && {
            version: view.lastSeq,
            read: () => {
              const compared = comparedRun({ read: log.read, getBlob }, run);
              const payload: typeof compared.payload = (one) => {
                read.payloads += 1;
                return compared.payload(one);
              };
              return { ...compared, payload };
            },
            fileAt: (tree, path) => {
              const text = files.get(`${tree.slice(0, 1)} ${path}`);
              return Promise.resolve(text === undefined ? undefined : Buffer.from(text));
            },
          }
        );
      },
    },
    actions: {
      openStep: (run, step) => say(`step ${run} ${step ?? '-'}`),
      openText: ({ a, b }) => say(`text ${a} ${b}`),
      openFile: ({ path, a, b }) =>
        say(`file ${path} ${a.run} ${a.tree.slice(0, 1)} ${b.run} ${b.tree.slice(0, 1)}`),
      chooseRuns: () => say('choose'),
    },
    showError: (message) => void said.push(`error ${message}`),
  });
  return { session, said, files, read, breakBlobs: () => (isBroken = true) };
}
