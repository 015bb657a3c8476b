import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemDto } from '../problem/problem.dto.ts';
import { completeOperations } from './complete-operations.ts';

const DESCRIPTION = `Inspect the connection tracking (conntrack) table of one Linux host, and change, persist and roll back its settings.

Every error response is a problem document (RFC 9457) with a stable \`code\`. Every change is recorded in a journal before it is carried out. Changes of settings can be rolled back.
Times are RFC 3339 in UTC, sizes are in bytes, and counters that can exceed 2^53 are decimal strings. Every response has the header \`X-Request-Id\`, which repeats the client's value if it sent one.
Every response to a request that can change the host, errors included, has the header \`Conntrack-Journal-Head\`: the sequence number and hash of the newest journal record. Store it elsewhere to detect later whether records were removed or rewritten.
If the service reads a recorded kernel tree and not this host (demonstration, tests), every JSON response has \`"simulated": true\` and every response has the header \`Conntrack-Simulated: true\`.`;

const PREFIX = '/api/v1';

const TAGS: readonly (readonly [string, string])[] = [
  ['table', 'Size, load, counters, history and sizing of the conntrack table'],
  ['entries', 'Tracked flows: list, count, summarise, stream and delete'],
  ['settings', 'Conntrack settings, live and at the next boot'],
  ['changes', 'The journal of changes, confirmation and rollback'],
  ['tokens', 'API tokens'],
  ['webhooks', 'Signed events to other programs'],
  ['host', 'Capabilities, network namespaces, metrics and probes'],
];

/** The OpenAPI document of the application. It is deterministic. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('conntrack-api')
    .setVersion(version)
    .setDescription(DESCRIPTION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(PREFIX, 'This host')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        description:
          'A token from `conntrack-api token create` or `POST /api/v1/tokens`, or a JWT of the configured issuer. ' +
          'On the unix socket, users listed in `--socket-peers` need no token.',
      },
      'token',
    );
  for (const [name, description] of TAGS) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), { extraModels: [ProblemDto], autoTagControllers: false });
  return withoutSuffix(relativeToServer(completeOperations(document)));
}

/** Paths below the server's prefix. Metrics and probes are outside it and name their own server. */
function relativeToServer(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.entries<object>(document.paths).map(([path, operations]) =>
    path.startsWith(`${PREFIX}/`)
      ? ([path.slice(PREFIX.length), operations] as const)
      : ([path, { ...operations, servers: [{ url: '/', description: 'This host, outside the API' }] }] as const),
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** Removes the suffix `Dto` of the class names from the schema names. */
function withoutSuffix(document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document).replaceAll(/("#\/components\/schemas\/\w+)Dto"/g, '$1"');
  const renamed = JSON.parse(text) as OpenAPIObject;
  const schemas = Object.entries(renamed.components?.schemas ?? {}).map(([name, schema]) => [name.replace(/Dto$/, ''), schema] as const);
  return { ...renamed, components: { ...renamed.components, schemas: Object.fromEntries(schemas) } };
}
