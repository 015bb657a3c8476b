import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.ts';

export type { components, operations, paths } from './schema.ts';

/** The body of every error response (RFC 9457). `code` is stable. */
export type Problem = components['schemas']['Problem'];

/** Methods named like the HTTP methods, typed by path: `client.GET('/table')` returns `{ data, error, response }`. */
export type ConntrackClient = Client<paths>;

export interface ClientOptions {
  /** Base URL of the service, without `/api/v1`: `http://127.0.0.1:8477`. */
  readonly url: string;
  /** A token, as printed by `conntrack-api token create`. */
  readonly token: string;
  /** Replaces `fetch`, for a unix socket or a client certificate. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Paths that the document gives another server than `/api/v1`. */
const OUTSIDE_THE_API: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'] satisfies readonly (keyof paths)[]);

/**
 * A client of the HTTP API, typed by the OpenAPI document. Error responses are not thrown: `error` is the problem document.
 *
 * Streams are read with `parseAs: 'stream'` and `readLines`.
 */
export function conntrackClient({ url, token, fetch }: ClientOptions): ConntrackClient {
  const client = createClient<paths>({ baseUrl: `${url}/api/v1`, headers: { authorization: `Bearer ${token}` }, ...(fetch && { fetch }) });
  client.use({
    onRequest: ({ request, schemaPath }) => (OUTSIDE_THE_API.has(schemaPath) ? new Request(`${url}${schemaPath}`, request) : undefined),
  });
  return client;
}

/** The lines of a streamed response as they arrive, without line ends. In `application/x-ndjson`, each line is one record. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
