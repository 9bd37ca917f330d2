import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { EmbedderError, type Loading } from '../../../core/memory/embedding/index.ts';
import { download, type Downloaded } from './download.ts';

export interface ModelFilesOptions {
  readonly folder: string;
  readonly host: string;
  /** `owner/name`. */
  readonly model: string;
  readonly signal: AbortSignal;
  readonly onLoading: (loading: Loading) => void;
}

export interface ModelFiles {
  readonly folder: string;
  /** Names relative to the folder. */
  readonly names: readonly string[];
  readonly weights: 'q8' | 'fp32';
}

const NEEDED = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
/** Says how the vectors of the tokens become one, where the model's repository holds it. */
const OPTIONAL = ['1_Pooling/config.json'];
/** The first that is there: eight bits lose hardly any quality and take a quarter of the space and half of the time. */
const WEIGHTS = [
  ['onnx/model_quantized.onnx', 'q8'],
  ['onnx/model.onnx', 'fp32'],
] as const;
const MOST_BYTES = 2_000 << 20;
const NAME = /^[\w.-]+\/[\w.-]+$/;
const LIST = 'strata-files.json';

const list = z.object({
  revision: z.string(),
  weights: z.enum(['q8', 'fp32']),
  files: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })),
});
type FileList = z.infer<typeof list>;

/** The files of a model, from the disk where they are as they were when they came, otherwise from the model host. */
export async function ensureModel(options: ModelFilesOptions): Promise<ModelFiles> {
  const { model } = options;
  if (!NAME.test(model) || model.includes('..')) {
    throw new EmbedderError('refused', `“${model}” is no name of a model; it is written owner/name.`);
  }
  const host = createHash('sha256').update(options.host).digest('hex').slice(0, 8);
  const folder = path.join(options.folder, 'models', `${model.replace('/', '--')}-${host}`);
  const known = await readList(folder);
  if (known !== undefined && (await intact(folder, known)))
    return { folder, names: Object.keys(known.files), weights: known.weights };
  await rm(folder, { recursive: true, force: true });
  const made = await fetchModel(folder, options);
  await writeFile(path.join(folder, LIST), JSON.stringify(made));
  return { folder, names: Object.keys(made.files), weights: made.weights };
}

async function fetchModel(folder: string, options: ModelFilesOptions): Promise<FileList> {
  const { host, model, signal, onLoading } = options;
  const files: Record<string, { bytes: number; sha256: string }> = {};
  let revision = 'main';
  let before = 0;
  await mkdir(folder, { recursive: true });

  async function get(name: string, expected: number): Promise<Downloaded | undefined> {
    const url = `${host}/${model}/resolve/${revision}/${name}`;
    const found = await download({
      url,
      file: path.join(folder, name),
      signal,
      mostBytes: MOST_BYTES,
      onBytes: (done) =>
        onLoading({ done: before + done, total: Math.max(before + expected, before + done + 1) }),
    });
    if (found === undefined) return undefined;
    // The hub names the digest of large files. A mirror may not.
    const told = /^"?([0-9a-f]{64})"?$/.exec(found.headers.get('x-linked-etag') ?? '')?.[1];
    if (told !== undefined && told !== found.sha256)
      throw new EmbedderError('download', `${url} arrived damaged.`);
    before += found.bytes;
    files[name] = { bytes: found.bytes, sha256: found.sha256 };
    return found;
  }

  for (const name of NEEDED) {
    const found = await get(name, WEIGHTS_ESTIMATE);
    if (found === undefined && name === 'config.json') throw missingModel(options);
    if (found === undefined) throw missingFile(options, name);
    // All files are of one revision, also when the model is changed in between.
    const commit = found.headers.get('x-repo-commit');
    if (commit !== null && /^[0-9a-f]{40}$/.test(commit)) revision = commit;
  }
  for (const name of OPTIONAL) await get(name, WEIGHTS_ESTIMATE);
  for (const [name, weights] of WEIGHTS) {
    if ((await get(name, WEIGHTS_ESTIMATE)) !== undefined) {
      onLoading({ done: before, total: before });
      return { revision, weights, files };
    }
  }
  throw missingFile(options, WEIGHTS[0][0]);
}

/** What a small model weighs, until its size is known. */
const WEIGHTS_ESTIMATE = 34 << 20;

function missingModel({ host, model }: ModelFilesOptions): EmbedderError {
  return new EmbedderError('refused', `${host} has no model ${model}.`);
}

function missingFile({ model }: ModelFilesOptions, name: string): EmbedderError {
  return new EmbedderError('refused', `The model ${model} has no ${name}, so it cannot run here.`, {
    action: 'Choose a model that is published for transformers.js, such as Xenova/bge-small-en-v1.5.',
  });
}

async function readList(folder: string): Promise<FileList | undefined> {
  try {
    return list.parse(JSON.parse(await readFile(path.join(folder, LIST), 'utf8')));
  } catch {
    return undefined; // Missing or unreadable comes to the same: it is downloaded.
  }
}

async function intact(folder: string, { files }: FileList): Promise<boolean> {
  for (const [name, { sha256 }] of Object.entries(files)) {
    if ((await digestOf(path.join(folder, name))) !== sha256) return false;
  }
  return true;
}

async function digestOf(file: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch {
    return undefined; // It is gone, or cannot be read.
  }
}
