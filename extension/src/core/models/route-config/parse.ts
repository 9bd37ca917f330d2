import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type ParseError,
} from 'jsonc-parser';
import * as z from 'zod';
import { routeConfigMistake } from '../errors.ts';
import { originOf } from '../keys.ts';
import type { ConfiguredDeployment, RouteConfig } from '../configured-deployment.ts';

const provider = z.enum(['openai', 'anthropic', 'ollama', 'demo']);
const SHORT = /^(openai|anthropic|ollama|demo)\/\S+$/;

const baseUrl = z
  .string()
  .refine((url) => originOf(url) !== undefined, 'must be an http or https address')
  .refine(
    (url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).search === ''),
    'must hold no password and no “?” part; name a key with "keyName" instead',
  );

const DEPLOYMENT =
  'must be "provider/model" (provider: openai, anthropic, ollama or demo) or an object with "provider" and "model"';

const deployment = z.union(
  [
    z.string().regex(SHORT, DEPLOYMENT),
    z.strictObject({
      provider,
      model: z.string().min(1, 'must name a model'),
      baseUrl: baseUrl.optional(),
      keyName: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be made of letters, digits, “_” and “-”')
        .optional(),
    }),
  ],
  DEPLOYMENT,
);

const schema = z.strictObject({
  $schema: z.string().optional(),
  routes: z.record(z.string().min(1), z.array(deployment).min(1, 'must list at least one deployment')),
});

export function parseRouteConfig(text: string, file: string): RouteConfig {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const syntax: ParseError[] = [];
  const tree = parseTree(content, syntax, { allowTrailingComma: true });
  const broken = syntax[0];
  if (broken !== undefined || tree === undefined) {
    const what = broken === undefined ? 'the file is empty' : sentence(printParseErrorCode(broken.error));
    throw mistakeAt(content, file, broken?.offset ?? 0, what);
  }
  const parsed = schema.safeParse(getNodeValue(tree));
  if (!parsed.success) {
    const { path, message } = deepest(parsed.error.issues[0]);
    const node = findNodeAtLocation(tree, path) ?? nearest(tree, path);
    throw mistakeAt(
      content,
      file,
      node.offset,
      `${path.length === 0 ? 'the file' : `“${path.join('.')}”`} ${lower(message)}`,
    );
  }
  const routes = Object.entries(parsed.data.routes).map(
    ([route, list]) => [route, list.map(normalise)] as const,
  );
  return { file, routes: new Map(routes) };
}

type Written = z.infer<typeof deployment>;

function normalise(written: Written): ConfiguredDeployment {
  if (typeof written === 'string') {
    const slash = written.indexOf('/');
    return {
      id: written,
      provider: provider.parse(written.slice(0, slash)),
      model: written.slice(slash + 1),
    };
  }
  return {
    id: `${written.provider}/${written.model}`,
    provider: written.provider,
    model: written.model,
    ...(written.baseUrl === undefined ? {} : { baseUrl: written.baseUrl }),
    ...(written.keyName === undefined ? {} : { keyName: written.keyName }),
  };
}

type Path = (string | number)[];

/** A union reports that no variant fits; the issues of the object variant say which member is wrong. */
function deepest(issue: z.core.$ZodIssue | undefined): { path: Path; message: string } {
  if (issue === undefined) return { path: [], message: 'is not valid' };
  if (issue.code === 'invalid_union') {
    const ofObject = issue.errors
      .flat()
      .filter((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys');
    const inner = ofObject[0];
    if (inner !== undefined) {
      const found = deepest(inner);
      return { path: [...plain(issue.path), ...found.path], message: found.message };
    }
  }
  if (issue.code === 'unrecognized_keys') {
    return { path: [...plain(issue.path), ...issue.keys.slice(0, 1)], message: 'is not known here' };
  }
  return { path: plain(issue.path), message: issue.message };
}

function plain(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

/** A member that is missing has no place of its own: the object that lacks it has. */
function nearest(tree: NonNullable<ReturnType<typeof parseTree>>, path: Path): { readonly offset: number } {
  for (let length = path.length - 1; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return tree;
}

function mistakeAt(text: string, file: string, offset: number, what: string): Error {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return routeConfigMistake(file, line, offset - before.lastIndexOf('\n'), what);
}

function sentence(code: string): string {
  return code.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
