import type { Environment } from '../../models/index.ts';
import { destinationAt, PROTOCOLS, tracesUrl } from './destination.ts';
import type { Profile, ReadDestinations } from './destination.ts';
import { environmentMistake } from './errors.ts';

/**
 * The destination that the variables of OpenTelemetry name: opentelemetry.io/docs/specs/otel/protocol/exporter. Those for
 * traces come before those for all signals.
 */
export function environmentDestinations(env: Environment): ReadDestinations {
  const of = (name: string): string | undefined =>
    given(env[`OTEL_EXPORTER_OTLP_TRACES_${name}`]) ?? given(env[`OTEL_EXPORTER_OTLP_${name}`]);
  const endpoint = of('ENDPOINT');
  const isOff = /^true$/i.test(env['OTEL_SDK_DISABLED'] ?? '') || env['OTEL_TRACES_EXPORTER'] === 'none';
  if (endpoint === undefined || isOff) return { destinations: [], mistakes: [] };
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    return mistake(`${endpoint} is no address that begins with http:// or https://`);
  const named = of('PROTOCOL') ?? 'http/protobuf';
  const protocol = PROTOCOLS.find((one) => one === named);
  if (!protocol) return mistake(`OTLP is spoken over ${PROTOCOLS.join(' or ')}, not ${named}`);
  const profile = profileOf(endpoint);
  const url = given(env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) ?? tracesUrl(profile, endpoint);
  const destination = destinationAt(profile, url, {
    headers: headersIn(of('HEADERS') ?? ''),
    protocol,
    content: /^true$/i.test(env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'] ?? ''),
    user: undefined,
  });
  return { destinations: [destination], mistakes: [] };
}

/** `key=value,key=value`, the values encoded as in an address. */
function headersIn(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at > 0) headers[pair.slice(0, at).trim()] = decoded(pair.slice(at + 1).trim());
  }
  return headers;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A key may hold a percent sign and was not meant to be decoded.
    return text;
  }
}

/** By addresses that are known to be theirs. */
function profileOf(endpoint: string): Profile {
  const { hostname, pathname } = new URL(endpoint);
  if (pathname.includes('/api/public/otel')) return 'langfuse';
  return hostname.endsWith('smith.langchain.com') ? 'langsmith' : 'generic';
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function mistake(problem: string): ReadDestinations {
  return { destinations: [], mistakes: [environmentMistake(problem)] };
}
