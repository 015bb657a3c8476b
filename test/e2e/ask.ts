import request from 'supertest';

/** How much of a body that is not a problem document an error message shows. */
const BODY_CHARACTERS = 1_000;

export type Method = 'get' | 'post' | 'patch' | 'delete' | 'put' | 'head' | 'options';

/** supertest's response, without its `any`. */
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
  /** Reads the response as text, whatever its media type. */
  parse(read: (response: NodeJS.ReadableStream, done: (error: Error | null, text: string) => void) => void): Ask;
  buffer(): Ask;
}

/** A request to an application without a port. An unexpected status fails with the problem document of the response. */
export function ask(server: unknown, method: Method, path: string): Ask {
  const test = request(server as Parameters<typeof request>[0])[method](path);
  const expectThat = test.expect.bind(test) as (check: (response: Answer) => void) => unknown;
  const expectStatus = (expected: number): unknown =>
    expectThat((response) => {
      if (response.status !== expected) throw new Error(unexpectedStatus(method, path, expected, response));
    });
  return Object.assign(test, { expect: expectStatus }) as unknown as Ask;
}

/** Names the request and shows the problem document, or the start of any other body. `text` is absent after `parse`. */
function unexpectedStatus(
  method: Method,
  path: string,
  expected: number,
  response: Omit<Answer, 'text'> & { readonly text?: string },
): string {
  const { status, headers, body, text = '' } = response;
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true;
  const shown = isProblem ? JSON.stringify(body, null, 2) : text.slice(0, BODY_CHARACTERS);
  return `${method.toUpperCase()} ${path}: expected status ${String(expected)}, got ${String(status)}\n${shown}`;
}

/** For `parse`: superagent does not support NDJSON. */
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
