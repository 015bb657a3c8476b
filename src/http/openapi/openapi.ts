import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemDto } from '../problem/problem.dto.ts';
import { completeOperations } from './complete-operations.ts';

const DESCRIPTION = `Read, change, persist and roll back the connection tracking settings of one Linux host.

Every answer that is not a success is a problem document (RFC 9457) with a stable \`code\`. Every change is recorded before it happens and can be rolled back.
Times are RFC 3339 in UTC, sizes are bytes, counters that can pass 2^53 are strings. Every answer carries \`X-Request-Id\`, the caller's own where it sent one.
Every answer to a request that may move the host, problems included, carries \`Conntrack-Journal-Head\`, the sequence and hash of the newest record: kept elsewhere, it shows later whether records were cut off or rewritten.
When the service shows another kernel tree than this host's (demonstration, tests), every JSON answer says \`"simulated": true\` and every answer carries \`Conntrack-Simulated: true\`.`;

const TAGS: readonly (readonly [string, string])[] = [
  ['table', 'The table as a whole'],
  ['entries', 'The tracked flows'],
  ['settings', 'Reading and changing settings'],
  ['changes', 'The record of changes, and rolling back'],
  ['tokens', 'Who may call'],
  ['host', 'What this host can do, and probes'],
];

/** The OpenAPI document of an application with these controllers; the same every time. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.1')
    .setTitle('conntrack-api')
    .setVersion('1')
    .setDescription(DESCRIPTION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'this host')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        description:
          'A token made by `conntrack-api token create` or `POST /api/v1/tokens`; a JWT of the configured issuer. ' +
          'Over the unix socket those whom `--socket-peers` names need none.',
      },
      'token',
    );
  for (const [name, description] of TAGS) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), { extraModels: [ProblemDto], autoTagControllers: false });
  return withoutSuffix(completeOperations(document));
}

/** Class names end in `Dto`; what the reader of the document sees does not. */
function withoutSuffix(document: OpenAPIObject): OpenAPIObject {
  const text = JSON.stringify(document).replaceAll(/("#\/components\/schemas\/\w+)Dto"/g, '$1"');
  const renamed = JSON.parse(text) as OpenAPIObject;
  const schemas = Object.entries(renamed.components?.schemas ?? {}).map(([name, schema]) => [name.replace(/Dto$/, ''), schema] as const);
  return { ...renamed, components: { ...renamed.components, schemas: Object.fromEntries(schemas) } };
}
