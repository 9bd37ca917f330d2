import { EMBEDDER_CHOICES, type EmbedderSetting } from '../../../core/memory/embedding/index.ts';

/** A row of the list of embedders as data. */
export interface EmbedderRow {
  readonly label: string;
  readonly description?: string;
  /** What leaves the machine, and what it takes. */
  readonly detail: string;
  readonly wanted: WantedEmbedder;
}

export type WantedEmbedder = EmbedderSetting | 'none' | 'ask-server' | 'ask-local';

/** An Ollama that answers, with its embedding models. */
export interface FoundOllama {
  readonly baseUrl: string;
  readonly embedders: readonly string[];
}

/** All that can be chosen here; the one in use says so. */
export function embedderRows(
  current: EmbedderSetting | undefined,
  ollama: FoundOllama | undefined,
): readonly EmbedderRow[] {
  const found = ollama ? ollamaRows(ollama) : [];
  const offered = EMBEDDER_CHOICES.flatMap(({ label, detail, setting }): EmbedderRow[] => {
    if (setting?.provider === 'ollama')
      return found.length > 0 ? found : [{ label, detail: withoutOllama(detail, ollama), wanted: setting }];
    return [{ label, detail, wanted: setting ?? 'none' }];
  });
  const rows: EmbedderRow[] = [
    ...offered,
    {
      label: 'Another local model…',
      detail: 'One with ONNX weights, by its name on the model hub. It is downloaded once and runs here.',
      wanted: 'ask-local',
    },
    {
      label: 'Another server…',
      detail: 'One that speaks OpenAI’s /embeddings. The text of your files is sent to it.',
      wanted: 'ask-server',
    },
  ];
  return rows.map((row) => (isInUse(row.wanted, current) ? { ...row, description: 'in use' } : row));
}

function ollamaRows({ baseUrl, embedders }: FoundOllama): EmbedderRow[] {
  const here = isLoopback(baseUrl);
  return embedders.map((model) => ({
    label: `Ollama: ${model}`,
    detail: here
      ? 'Runs in the Ollama on this machine; nothing leaves it.'
      : `Sends the text of the indexed files to the Ollama at ${baseUrl}.`,
    wanted: { provider: 'ollama', model, baseUrl },
  }));
}

function withoutOllama(detail: string, ollama: FoundOllama | undefined): string {
  return ollama ? `${detail} The one that runs has no embedding model yet.` : `${detail} None answers now.`;
}

function isInUse(wanted: WantedEmbedder, current: EmbedderSetting | undefined): boolean {
  if (wanted === 'none') return current === undefined;
  return (
    typeof wanted === 'object' && wanted.provider === current?.provider && wanted.model === current.model
  );
}

/** Whether what is sent there stays on this machine. */
export function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
