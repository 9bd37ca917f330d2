import type { TestContext } from 'node:test';
import { tryAttacks } from './attacks.ts';

/** What to connect to: a host and a port, perhaps with something to say there, a Unix socket, or a name to look up. */
export type Attempt =
  | { readonly host: string; readonly port: number; readonly say?: string }
  | { readonly socket: string }
  | { readonly name: string };

/** Prints an answer, an error's code or `connected` for each of the attempts, which are its argument. */
const program = `
  const attempts = JSON.parse(process.argv[1]);
  const attempt = ({ host, port, socket, name, say }) => new Promise((resolve) => {
    if (name) return require("dns").lookup(name, (error, found) => resolve(error ? error.code : found));
    const connection = net.connect(socket ? { path: socket } : { host, port });
    let heard = "";
    const end = (text) => { connection.destroy(); resolve(text); };
    connection.on("connect", () => say ? connection.write(say) : end("connected"));
    connection.on("data", (data) => { heard += data; if (heard.includes("\\r\\n\\r\\n")) end(heard); });
    connection.on("error", (error) => end(error.code)).on("end", () => end(heard));
    setTimeout(() => end("no answer"), 15000).unref();
  });
  (async () => { const all = []; for (const one of attempts) all.push(await attempt(one)); console.log(JSON.stringify(all)); process.exit(); })();
`;

/** All of them from one process, since a process for each takes longer than everything else. */
export async function tryConnections(
  t: TestContext,
  run: (command: string) => Promise<string>,
  attacks: readonly (readonly [name: string, attempt: Attempt, failure: RegExp])[],
): Promise<void> {
  const attempts = JSON.stringify(attacks.map(([, attempt]) => attempt));
  const printed = await run(`node -e '${program}' '${attempts}'`);
  const outcomes: unknown = JSON.parse(printed);
  const outcome = (index: number): string => (Array.isArray(outcomes) ? String(outcomes[index]) : printed);
  await tryAttacks(
    t,
    (index) => Promise.resolve(outcome(Number(index))),
    attacks.map(([name, , failure], index) => [name, String(index), failure]),
  );
}
