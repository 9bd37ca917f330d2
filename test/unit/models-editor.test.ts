import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editorModelFor, findEditorModel } from '../../extension/src/core/models/editor-models.ts';
import type { EditorModel } from '../../extension/src/core/models/editor-models.ts';
import { readRouteConfig, resolveRoutes } from '../../extension/src/core/models/index.ts';
import type { ResolvedRoutes } from '../../extension/src/core/models/index.ts';
import { describeAuto, describeRoute } from '../../extension/src/vscode/lent-models/describe-route.ts';

const model = (id: string, more: Partial<EditorModel> = {}): EditorModel => ({
  ...{ id, vendor: 'copilot', family: id, name: id, maxInputTokens: 100_000, tools: true },
  ...more,
});

describe('a model of the editor', () => {
  const models = [
    model('m-1', { family: 'lighthouse', maxInputTokens: 10 }),
    model('m-2', { family: 'lighthouse', maxInputTokens: 20 }),
    model('m-2', { vendor: 'other' }),
  ];
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['copilot/m-1', 'copilot m-1'],
    ['copilot/lighthouse', 'copilot m-2'],
    ['other/m-2', 'other m-2'],
    ['other/lighthouse', undefined],
    ['m-1', undefined],
  ];
  for (const [name, expected] of cases)
    it(`is found as ${name}`, () => {
      const found = findEditorModel(models, name);
      assert.equal(found && `${found.vendor} ${found.id}`, expected);
    });
});

describe('the model of the editor for a task type', () => {
  const small = model('gpt-9-mini', { maxInputTokens: 64_000 });
  const large = model('gpt-9', { maxInputTokens: 128_000 });
  const roomy = model('gpt-9-long', { maxInputTokens: 900_000 });

  it('is one of the catalogue where there is one, however its version is written', () => {
    const known = model('claude-sonnet-4.6');
    assert.equal(editorModelFor('code', [large, known]), known);
  });

  it('is a small one for fast answers, and a large one for the rest', () => {
    assert.equal(editorModelFor('fast', [large, small]), small);
    assert.equal(editorModelFor('code', [small, large]), large);
    assert.equal(editorModelFor('long-context', [small, large, roomy]), roomy);
  });

  it('is what there is', () => {
    assert.equal(editorModelFor('code', [small]), small);
    assert.equal(editorModelFor('code', []), undefined);
  });

  it('can call tools, if any can', () => {
    const mute = model('gpt-9-mute', { tools: false, maxInputTokens: 900_000 });
    assert.equal(editorModelFor('code', [mute, large]), large);
    assert.equal(editorModelFor('code', [mute]), mute);
  });
});

describe('routes in an editor that has models', () => {
  const ids = ({ origins }: ResolvedRoutes): string[] => [
    ...new Set(origins.map(({ deployment }) => deployment.id)),
  ];

  it('are those models where no key is at hand', async () => {
    const resolved = await resolve({ models: [model('gpt-9')] });
    assert.deepEqual(ids(resolved), ['vscode/copilot/gpt-9']);
    assert.equal(resolved.demoOnly, false);
    assert.equal(resolved.routes.get('code')?.deployments[0]?.contextWindow, 100_000);
  });

  it('are not asked for where one is', async () => {
    const resolved = await resolve({ models: [model('gpt-9')], env: { OPENAI_API_KEY: 'k' } });
    assert.ok(
      ids(resolved).every((id) => id.startsWith('openai/')),
      String(ids(resolved)),
    );
  });

  it('are the demo where there are none', async () => {
    assert.deepEqual(ids(await resolve({ models: [] })), ['demo/demo']);
  });

  it('name what is wrong with one that a file names', async () => {
    const problem = async (models: readonly EditorModel[] | undefined): Promise<string | undefined> => {
      const { origins } = await resolve({ models, file: '{"routes":{"code":["vscode/copilot/gpt-9"]}}' });
      return origins.find(({ route }) => route === 'code')?.problem;
    };
    assert.equal(await problem([model('gpt-9')]), undefined);
    assert.equal(await problem([model('gpt-8')]), 'VS Code has no such model. It has vscode/copilot/gpt-8.');
    assert.equal(await problem([]), 'VS Code has no such model. It has none.');
    assert.equal(await problem(undefined), 'The models of VS Code can be used in VS Code alone.');
  });
});

describe('a route as a model of the editor', () => {
  it('has the room of its first deployment', async () => {
    const file = `{"routes":{
      "code": ["anthropic/claude-sonnet-4-6", "openai/gpt-5"],
      "tiny": [{ "provider": "openai", "model": "m", "baseUrl": "http://127.0.0.1:1/v1", "contextWindow": 10000 }]
    }}`;
    const { routes } = await resolve({ models: undefined, file });
    const lent = ['code', 'tiny'].flatMap((name) => {
      const route = routes.get(name);
      return (route && describeRoute(route, '1.0.0')) ?? [];
    });
    assert.deepEqual(
      lent.map(({ name, maxInputTokens, maxOutputTokens }) => [name, maxInputTokens, maxOutputTokens]),
      [
        ['Strata: code', 936_000, 64_000],
        ['Strata: tiny', 5_000, 5_000],
      ],
    );
    assert.match(lent[0]?.tooltip ?? '', /anthropic\/claude-sonnet-4-6, openai\/gpt-5/);
    assert.equal(describeAuto(lent)?.maxInputTokens, 936_000);
  });

  it('says that it is the demo, which sees no pictures', async () => {
    const { routes } = await resolve({ models: undefined });
    const code = routes.get('code');
    const lent = code && describeRoute(code, '1.0.0');
    assert.equal(lent?.detail, 'the offline demo model');
    assert.equal(lent.capabilities.imageInput, false);
  });
});

async function resolve(given: {
  readonly models: readonly EditorModel[] | undefined;
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ResolvedRoutes> {
  const { models, file, env = {} } = given;
  return resolveRoutes({
    config: file === undefined ? undefined : await readRouteConfig(file, 'models.jsonc'),
    keys: { get: () => Promise.resolve(undefined) },
    env,
    probeOllama: () => Promise.resolve(undefined),
    ...(models ? { editorModels: { list: () => Promise.resolve(models) } } : {}),
  });
}
