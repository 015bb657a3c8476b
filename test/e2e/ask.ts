import request from 'supertest';

export type Method = 'get' | 'post' | 'patch' | 'delete' | 'put' | 'head' | 'options';

/** supertest's answer, without its `any`. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  readonly body: unknown;
}

/** supertest's request, as far as these tests use it. */
export interface Ask extends PromiseLike<Answer> {
  set(header: string, value: string): Ask;
  send(body?: string | object): Ask;
  expect(status: number): Ask;
  /** Takes the answer as text, whatever its media type. */
  parse(read: (response: NodeJS.ReadableStream, done: (error: Error | null, text: string) => void) => void): Ask;
  buffer(): Ask;
}

/** A request to an application without a port. */
export function ask(server: unknown, method: Method, path: string): Ask {
  return request(server as Parameters<typeof request>[0])[method](path) as unknown as Ask;
}

/** For `parse`: superagent knows no NDJSON. */
export function toText(response: NodeJS.ReadableStream, done: (error: Error | null, text: string) => void): void {
  let text = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  response.on('end', () => {
    done(null, text);
  });
}
