import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toText } from '../e2e/ask.ts';
import { startService, type Service } from '../e2e/service.ts';
import { operationsOf, Schemas, type OpenApi } from './schemas.ts';

type Step = readonly [operationId: string, method: 'get' | 'head' | 'put' | 'post' | 'patch' | 'delete', path: string, body?: object];

/** In this order: later requests need the results of earlier ones. */
const WALK: readonly Step[] = [
  ['readTable', 'get', '/api/v1/table'],
  ['readCounters', 'get', '/api/v1/table/counters'],
  ['readHistory', 'get', '/api/v1/table/history'],
  ['readHistory', 'get', '/api/v1/table/history?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&step=60'],
  ['readHistory', 'get', '/api/v1/table/history?step=7'],
  ['adviseSizing', 'get', '/api/v1/table/sizing?connections=500000'],
  ['adviseSizing', 'get', '/api/v1/table/sizing?newPerSecond=2000&lifetimeSeconds=150&headroomPercent=200'],
  ['adviseSizing', 'get', '/api/v1/table/sizing?memoryBytes=536870912'],
  ['adviseSizing', 'get', '/api/v1/table/sizing?connections=5&basis=peak'],
  ['listEntries', 'get', '/api/v1/entries?limit=5'],
  ['listEntries', 'get', '/api/v1/entries?limit=1000'],
  ['listEntries', 'get', '/api/v1/entries?count=true&filter=protocol%3Dtcp'],
  ['listEntries', 'get', '/api/v1/entries?filter=protocol%3D'],
  ['countEntries', 'head', '/api/v1/entries?protocol=udp'],
  ['summariseEntries', 'get', '/api/v1/entries/summary'],
  ['summariseEntries', 'get', '/api/v1/entries/summary?by=pair,mark,zone,natSource&top=3&orderBy=bytes&protocol=tcp'],
  ['summariseEntries', 'get', '/api/v1/entries/summary?by=nothing'],
  ['summariseEntries', 'get', '/api/v1/entries/summary?sample=1000'],
  ['summariseEntries', 'get', '/api/v1/entries/summary?sample=5'],
  ['summariseEntries', 'get', '/api/v1/entries/summary?sample=1000&orderBy=bytes'],
  ['getEntry', 'get', '/api/v1/entries/04060a000005c000020ac87c01bb030000-75e1dc5f'],
  ['streamEvents', 'get', '/api/v1/events'],
  ['listHelpers', 'get', '/api/v1/helpers'],
  ['listExpectations', 'get', '/api/v1/expectations?limit=2'],
  ['listExpectations', 'get', '/api/v1/expectations?count=true&helper=ftp'],
  ['listExpectations', 'get', '/api/v1/expectations?family=ipx'],
  // Without ctnetlink, entries cannot be deleted.
  ['deleteEntry', 'delete', '/api/v1/entries/04060a000005c000020ac87c01bb030000-75e1dc5f'],
  ['deleteEntries', 'post', '/api/v1/entries/delete', { filter: 'protocol=tcp', dryRun: true }],
  ['deleteEntries', 'post', '/api/v1/entries/delete', { filter: 'protocol=tcp' }],
  ['flushEntries', 'post', '/api/v1/entries/flush', { expectedCount: 1 }],
  ['endConnections', 'post', '/api/v1/entries/end', { filter: 'protocol=tcp', dryRun: true }],
  ['endConnections', 'post', '/api/v1/entries/end', { entry: '04060a000005c000020ac87c01bb030000-75e1dc5f', filter: 'all' }],
  ['endConnections', 'post', '/api/v1/entries/end', {}],
  ['listBlocks', 'get', '/api/v1/blocks'],
  ['removeBlocks', 'delete', '/api/v1/blocks/1'],
  ['updateEntry', 'patch', '/api/v1/entries/04060a000005c000020ac87c01bb030000-75e1dc5f', { mark: 16, markMask: 255 }],
  ['updateEntry', 'patch', '/api/v1/entries/04060a000005c000020ac87c01bb030000-75e1dc5f', { markMask: 255 }],
  ['updateEntry', 'patch', '/api/v1/entries/04060a000005c000020ac87c01bb030000-75e1dc5f'],
  ['updateEntries', 'patch', '/api/v1/entries', { filter: 'protocol=tcp', mark: 16, dryRun: true }],
  ['updateEntries', 'patch', '/api/v1/entries', { filter: 'protocol=tcp', timeoutSeconds: 0 }],
  ['updateEntries', 'patch', '/api/v1/entries', { filter: 'protocol=tcp', addLabels: [128], expectedCount: 1 }],
  ['listSettings', 'get', '/api/v1/settings'],
  ['readSetting', 'get', '/api/v1/settings/buckets'],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { max: 131_072, buckets: 32_768 }, persist: true, reason: 'black friday' }],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { udp_timeout: 45 } }],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { max: 0 } }],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { max: 'many' } }],
  ['listSettings', 'get', '/api/v1/settings'],
  ['rollBackChange', 'post', '/api/v1/changes/1/rollback', { reason: 'sale is over' }],
  ['rollBackChange', 'post', '/api/v1/changes/1/rollback'],
  ['rollBackChange', 'post', '/api/v1/changes/99/rollback'],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { max: 4 } }],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { max: 4, udp_timeout: 60 }, persist: true, dryRun: true }],
  ['changeSettings', 'patch', '/api/v1/settings', { settings: { udp_timeout: 60 }, persist: true, confirmWithinSeconds: 60 }],
  ['listAwaitingConfirmation', 'get', '/api/v1/changes/awaiting-confirmation'],
  ['confirmChange', 'post', '/api/v1/changes/4/confirm', { reason: 'still here' }],
  ['confirmChange', 'post', '/api/v1/changes/4/confirm'],
  ['rollBackTo', 'post', '/api/v1/changes/rollback-to', { change: 1, dryRun: true }],
  ['rollBackTo', 'post', '/api/v1/changes/rollback-to', { change: 1, reason: 'as it was' }],
  ['rollBackTo', 'post', '/api/v1/changes/rollback-to', {}],
  ['previewBoot', 'get', '/api/v1/boot'],
  ['loadModule', 'post', '/api/v1/module/load', { dryRun: true }],
  ['loadModule', 'post', '/api/v1/module/load', { reason: 'first boot' }],
  ['loadModule', 'post', '/api/v1/module/load', { module: 'ext4' }],
  ['unpersistSettings', 'post', '/api/v1/settings/unpersist', { settings: ['udp_timeout'], dryRun: true }],
  ['unpersistSettings', 'post', '/api/v1/settings/unpersist'],
  ['unpersistSettings', 'post', '/api/v1/settings/unpersist', { settings: ['nothing'] }],
  ['unpersistSettings', 'post', '/api/v1/settings/unpersist', { settings: [] }],
  ['readGuard', 'get', '/api/v1/guard'],
  ['configureGuard', 'put', '/api/v1/guard', { enabled: true, raiseAt: 0.8, factor: 1.5 }],
  ['configureGuard', 'put', '/api/v1/guard', { enabled: true, ceiling: 1 }],
  ['configureGuard', 'put', '/api/v1/guard', { factor: 1 }],
  ['readGuard', 'get', '/api/v1/guard'],
  ['previewGuard', 'get', '/api/v1/guard/preview'],
  ['readDesired', 'get', '/api/v1/desired'],
  ['configureDesired', 'put', '/api/v1/desired', { settings: { max: { atLeast: 300_000 }, udp_timeout: 31 }, onDrift: 'report' }],
  ['configureDesired', 'put', '/api/v1/desired', { settings: { max: {} } }],
  ['configureDesired', 'put', '/api/v1/desired', { settings: { nothing: 1 } }],
  ['readDesired', 'get', '/api/v1/desired'],
  ['readDesiredStatus', 'get', '/api/v1/desired/status'],
  ['verifyJournal', 'get', '/api/v1/changes/verify'],
  ['verifyJournal', 'get', `/api/v1/changes/verify?anchor=1:${'0'.repeat(64)}`],
  ['listChanges', 'get', '/api/v1/changes?limit=1'],
  ['listChanges', 'get', '/api/v1/changes'],
  ['readChange', 'get', '/api/v1/changes/1'],
  ['readChange', 'get', '/api/v1/changes/99'],
  ['readChange', 'get', `/api/v1/changes/${'9'.repeat(300)}`],
  ['readSetting', 'get', `/api/v1/settings/${'x'.repeat(300)}`],
  [
    'createToken',
    'post',
    '/api/v1/tokens',
    { name: 'deploy', scopes: ['table:read'], expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
  ],
  ['listTokens', 'get', '/api/v1/tokens'],
  ['readTokenRecord', 'get', '/api/v1/tokens/nobody/record'],
  ['rotateToken', 'post', '/api/v1/tokens/nobody/rotate'],
  ['rotateToken', 'post', '/api/v1/tokens/nobody/rotate', { overlapSeconds: -1 }],
  ['revokeToken', 'delete', '/api/v1/tokens/nobody'],
  ['whoAmI', 'get', '/api/v1/whoami'],
  ['createWebhook', 'post', '/api/v1/webhooks', { url: 'https://receiver.example/', types: ['io.conntrack-api.drift.detected'] }],
  ['createWebhook', 'post', '/api/v1/webhooks', { url: 'https://[::1]/' }],
  ['createWebhook', 'post', '/api/v1/webhooks', { url: 'ftp://receiver.example/' }],
  ['listWebhooks', 'get', '/api/v1/webhooks'],
  ['readWebhook', 'get', '/api/v1/webhooks/nobody'],
  ['resumeWebhook', 'post', '/api/v1/webhooks/nobody/resume'],
  ['deleteWebhook', 'delete', '/api/v1/webhooks/nobody'],
  ['readCapabilities', 'get', '/api/v1/capabilities'],
  ['listNamespaces', 'get', '/api/v1/namespaces'],
  ['probeLiveness', 'get', '/healthz'],
  ['probeReadiness', 'get', '/readyz'],
];

describe.each([
  ['nf_conntrack', false],
  ['nf_conntrack', true],
  ['ip_conntrack', false],
  ['not-loaded', false],
] as const)('the answers over %s, simulated: %s', (layout, simulated) => {
  let service: Service;
  let document: OpenApi;
  let schemas: Schemas;

  beforeAll(async () => {
    service = await startService(layout, { simulated });
    document = (await service.raw('get', '/openapi.json')).body as OpenApi;
    schemas = new Schemas(document);
  });
  afterAll(() => service.close());

  it.each(WALK.map((step) => ({ step })))('of $step.0, $step.1 $step.2, match the document', async ({ step }) => {
    const [operationId, method, path, body] = step;
    const response = await service.as(method, path).send(body);
    expect(layout === 'not-loaded' ? [500] : [500, 503]).not.toContain(response.status);
    if (method === 'head') expect(schemas.statuses(operationId)).toContain(String(response.status));
    else expect(schemas.faults(operationId, response.status, response.headers['content-type'] ?? '', response.body)).toEqual([]);
  });

  it('of revokeToken match the document', async () => {
    const { body: made } = await service.as('post', '/api/v1/tokens').send({ name: 'brief', scopes: ['table:read'] });
    const revoke = () => service.as('delete', `/api/v1/tokens/${(made as { id: string }).id}`);
    // It takes no body, but refuses one that is not JSON.
    for (const response of [await revoke().set('content-type', 'text/plain').send('x').expect(415), await revoke().expect(200)]) {
      expect(schemas.faults('revokeToken', response.status, response.headers['content-type'] ?? '', response.body)).toEqual([]);
    }
  });

  it.each([
    ['readWebhook', 'get', ''],
    ['resumeWebhook', 'post', '/resume'],
    ['deleteWebhook', 'delete', ''],
  ] as const)('of %s match the document', async (operationId, method, path) => {
    const { body: created } = await service.as('post', '/api/v1/webhooks').send({ url: 'https://receiver.example/' });
    const response = await service.as(method, `/api/v1/webhooks/${(created as { id: string }).id}${path}`).expect(200);
    expect(schemas.faults(operationId, response.status, response.headers['content-type'] ?? '', response.body)).toEqual([]);
  });

  it('of readTokenRecord match the document', async () => {
    const { body: made } = await service.as('post', '/api/v1/tokens').send({ name: 'brief', scopes: ['table:read'] });
    const response = await service.as('get', `/api/v1/tokens/${(made as { id: string }).id}/record`).expect(200);
    expect(schemas.faults('readTokenRecord', response.status, response.headers['content-type'] ?? '', response.body)).toEqual([]);
  });

  it('of rotateToken match the document', async () => {
    const { body: made } = await service.as('post', '/api/v1/tokens').send({ name: 'brief', scopes: ['table:read'] });
    for (const status of [201, 409]) {
      const response = await service.as('post', `/api/v1/tokens/${(made as { id: string }).id}/rotate`).expect(status);
      expect(schemas.faults('rotateToken', response.status, response.headers['content-type'] ?? '', response.body)).toEqual([]);
    }
  });

  it('of exportJournal match the document', async () => {
    const response = await service.as('get', '/api/v1/changes/export').buffer().parse(toText);
    expect(schemas.faults('exportJournal', response.status, response.headers['content-type'] ?? '', response.body)).toEqual([]);
  });

  it('of readMetrics match the document', async () => {
    const response = await service.as('get', '/metrics');
    expect(response.status).toBe(200);
    expect(schemas.faults('readMetrics', response.status, response.headers['content-type'] ?? '', response.text)).toEqual([]);
  });

  it('cover every operation', () => {
    const requested = new Set([...WALK.map(([operationId]) => operationId), 'exportJournal', 'readMetrics']);
    const known = Object.values(document.paths).flatMap((path) => operationsOf(path).map(([, { operationId }]) => operationId));
    expect(known.filter((operationId) => !requested.has(operationId))).toEqual([]);
  });
});
