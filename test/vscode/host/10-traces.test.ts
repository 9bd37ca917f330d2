import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import { strata, workspace } from './strata.ts';

const imported = z.object({ runs: z.array(z.string()).min(1), unreadable: z.number() });
const START = Date.UTC(2026, 9, 5, 9, 30);

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
/** A trace of two spans, as another program sends it. */
const traceOf = (traceId: string, agent: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'langgraph-app')] },
      scopeSpans: [
        {
          spans: [
            ['invoke_agent', '1'.repeat(16), undefined] as const,
            ['chat', '2'.repeat(16), '1'.repeat(16)] as const,
          ].map(([operation, spanId, parentSpanId]) => ({
            ...{ traceId, spanId, parentSpanId, name: operation },
            startTimeUnixNano: `${START}000000`,
            endTimeUnixNano: `${START + 50}000000`,
            attributes: [
              text('gen_ai.operation.name', operation),
              text('gen_ai.agent.name', agent),
              text('gen_ai.request.model', 'other-model'),
            ],
          })),
        },
      ],
    },
  ],
});

describe('traces of other programs', () => {
  const setting = (on: boolean | undefined) =>
    vscode.workspace
      .getConfiguration('strata.observability')
      .update('receiver', on, vscode.ConfigurationTarget.Global);
  after(() => setting(undefined));

  it('are runs when they are imported from a file', async () => {
    const file = path.join(workspace(), 'trace.json');
    await writeFile(file, JSON.stringify(traceOf('a'.repeat(32), 'Importer')));
    try {
      const { runs, unreadable } = imported.parse(
        await vscode.commands.executeCommand('strata.importTrace', { file }),
      );
      const view = await (await strata()).runs.view(runs[0] ?? '');
      assert.equal(unreadable, 0);
      assert.equal(view?.agent, 'Importer');
      assert.deepEqual(view.origin, { kind: 'import', source: 'LangGraph', trace: 'a'.repeat(32) });
      assert.deepEqual(
        view.steps.map(({ kind, name }) => `${kind} ${name}`),
        ['chat other-model'],
      );
    } finally {
      await rm(file);
    }
  });

  it('are runs when they are received, while the setting is on', async () => {
    await setting(true);
    const send = async (port: number, message: object): Promise<boolean> => {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(message),
        });
        return answer.status === 200;
      } catch {
        // Nobody listens there, or not yet.
        return false;
      }
    };
    const runs = async () => (await strata()).runs.list();
    const received = async (): Promise<boolean> => (await runs()).some(({ agent }) => agent === 'Sender');
    for (let tries = 0; tries < 300 && !(await received()); tries += 1) {
      // Another program of the machine may have the usual port.
      for (let port = 4318; port < 4322; port += 1) await send(port, traceOf('b'.repeat(32), 'Sender'));
      await delay(200);
    }
    assert.ok(await received(), JSON.stringify(await runs()));
  });
});
