import type { Sample } from '../../core/tools/sampling.ts';
import type { ToolSurroundings } from '../../core/tools/tool-host.ts';
import type { Elicit } from './elicitation.ts';
import type { EraMemory } from './eras.ts';
import type { HttpAddress } from './http/http-link.ts';
import type { ServerLauncher } from './server-process.ts';
import type { EffectOf } from './tools.ts';
import type { SchemaChecks } from './validate.ts';

interface SharedOptions {
  readonly name: string;
  readonly effectOf: EffectOf;
  /** Time limit of one call; each sign of life of the server begins it anew. */
  readonly callLimitMs: number;
  /** Limit of one call with any number of signs of life. Default: ten times the limit of a call. */
  readonly callLongestMs?: number;
  /** Without a call for this long the server is stopped. Default: never. */
  readonly idleMs?: number;
  /** What is known of servers from earlier starts. */
  readonly eras?: EraMemory;
  /** One for all servers saves compiling schemas again. */
  readonly checks?: SchemaChecks;
  /** Absent where nobody can be asked. */
  readonly elicit?: Elicit;
  /** Absent where servers get no answers of models. */
  readonly sample?: Sample;
  /** Folders that the server has, as it sees them. */
  readonly roots?: readonly string[];
}

export type McpServerOptions = SharedOptions &
  ({ readonly launch: ServerLauncher } | { readonly http: HttpAddress });

export type HttpServerOptions = SharedOptions &
  Pick<HttpAddress, 'url' | 'headers'> & {
    readonly surroundings: Pick<ToolSurroundings, 'openAddress' | 'signIns'>;
  };
