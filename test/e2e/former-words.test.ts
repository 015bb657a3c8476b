import { execFile, spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OUTCOME_NAMES } from '../../src/domain/change.ts';
import { parseExposition } from '../support/exposition.ts';
import type { Answer, Ask, Method } from './ask.ts';
import {
  CHANGES,
  copyOfData,
  DATABASE,
  expected,
  FIXTURE,
  FormerJournalService,
  storedRecords,
  type Expected,
  type OldDocument,
} from './former-journal.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const VERIFIER = join(import.meta.dirname, '../../docs/verify-export.py');

/** The renamed words, independent of src/journal/record/former-words.ts. */
const FIELDS: Readonly<Record<string, string>> = {
  rollsBack: 'rollbackOf',
  concerns: 'relatesTo',
  undoFailure: 'restoreFailure',
  zoneOriginal: 'originalZone',
  zoneReply: 'replyZone',
};
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  kind: { rearm: 'window-extended', reversion: 'auto-revert', external: 'drift' },
  outcome: {
    unrestored: 'restore-failed',
    mismatch: 'not-effective',
    'observed-requested': 'recovered-applied',
    'observed-before': 'recovered-unchanged',
  },
  code: {
    STATE_MOVED: 'STATE_CHANGED',
    BOOT_MOVED: 'BOOT_RESULT_CHANGED',
    BOOT_FILE_MOVED: 'BOOT_FILE_CHANGED',
    BOOT_FILE_FOREIGN: 'BOOT_FILE_NOT_MANAGED',
    HOST_UNRESTORED: 'RESTORE_FAILED',
  },
};

/** The document that commit 56e428d returned, with today's names and values. */
function inCurrentWords(old: unknown): unknown {
  if (Array.isArray(old)) return old.map(inCurrentWords);
  if (typeof old !== 'object' || old === null) return old;
  const renamed = Object.entries(old).map(([name, value]): [string, unknown] => [
    FIELDS[name] ?? name,
    typeof value === 'string' ? (VALUES[name]?.[value] ?? value) : inCurrentWords(value),
  ]);
  // That commit compared only the id of an entry before it deleted it.
  return { ...Object.fromEntries(renamed), ...('what' in old && old.what === 'entry' && { identity: 'id' }) };
}

const changes = expected.changes.map(inCurrentWords) as readonly Record<'id' | 'kind' | 'outcome', unknown>[];
const head = `${expected.head.sequence}:${expected.head.hash}`;

/** `conntrack-api journal COMMAND` on a data directory. */
async function journalCommand(command: string, dataDir: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [MAIN, 'journal', command, '--data-dir', dataDir])).stdout;
}

/** What the documented verifier prints about an export. */
function verifierOn(input: string, anchor: string): string {
  const { stdout, stderr } = spawnSync('python3', [VERIFIER, anchor], { input, encoding: 'utf8' });
  return stdout + stderr;
}

const UNBROKEN = `${expected.records} records, unbroken, head ${head}\n`;

describe('a journal of commit 56e428d', () => {
  describe('before its migration', () => {
    it('is verified and exported read-only, and the file stays as it is', async () => {
      const dataDir = await copyOfData();
      const before = await readFile(join(dataDir, DATABASE));
      expect(await journalCommand('verify', dataDir)).toBe(UNBROKEN);
      expect(verifierOn(await journalCommand('export', dataDir), head)).toBe(UNBROKEN);
      expect((await readFile(join(dataDir, DATABASE))).equals(before)).toBe(true);
      await rm(dataDir, { recursive: true });
    });
  });

  describe('read by the current version', () => {
    let service: FormerJournalService;
    beforeAll(async () => {
      service = await FormerJournalService.start();
    });
    afterAll(() => service.stop());

    it('passes verification with the same number of records and the same head', async () => {
      expect(await service.get(`${CHANGES}/verify`)).toEqual(expected.verify);
      expect(service.journal.head()).toEqual(expected.head);
      expect(await journalCommand('verify', service.dataDir)).toBe(UNBROKEN);
    });

    it('lists every change in the current words', async () => {
      expect(await service.list()).toEqual(changes);
    });

    it('returns each deletion with its entries in the current words', async () => {
      for (const old of expected.deletions) expect(await service.get(`${CHANGES}/${String(old['id'])}`)).toEqual(inCurrentWords(old));
    });

    it('finds changes by the current name of their outcome', async () => {
      for (const outcome of OUTCOME_NAMES) {
        expect([outcome, await service.list(`&outcome=${outcome}`)]).toEqual([
          outcome,
          changes.filter((change) => change.outcome === outcome),
        ]);
      }
      for (const former of Object.keys(VALUES['outcome'] ?? {})) {
        await service.request('get', `${CHANGES}?outcome=${former}`).expect(400);
      }
    });

    it('counts changes in the metrics by the current kinds and outcomes', async () => {
      const { text } = await service.request('get', '/metrics').expect(200);
      const counts: Record<string, number> = {};
      for (const { kind, outcome } of changes) {
        const labels = `{kind="${String(kind)}",outcome="${String(outcome)}"}`;
        counts[labels] = (counts[labels] ?? 0) + 1;
      }
      const series = parseExposition(text).get('conntrack_api_changes_total')?.series ?? {};
      expect(Object.fromEntries(Object.entries(series).filter(([, count]) => count > 0))).toEqual(counts);
    });

    it('shows the drift that was recorded', async () => {
      const { items } = (await service.get('/api/v1/settings')) as { items: readonly { name: string; value: number; drift?: object }[] };
      expect(items.flatMap(({ name, value, drift }) => (drift ? [{ name, value, drift }] : []))).toEqual(expected.drift);
    });

    it('lists the change that awaits confirmation with its extended window', async () => {
      const { items } = (await service.get(`${CHANGES}/awaiting-confirmation`)) as { items: readonly OldDocument[] };
      expect(
        items.map((item) => Object.fromEntries(Object.entries(item).filter(([name]) => !['confirmBy', 'pendingSettings'].includes(name)))),
      ).toEqual(expected.awaitingConfirmation.map(inCurrentWords));
    });

    it('keeps that a change writes the boot file that sorts last', () => {
      const intents = storedRecords(service.dataDir).map(
        ({ content }) => JSON.parse(content) as { kind?: string; confirm?: { later?: true } },
      );
      const asked = intents.filter(({ kind }) => kind !== undefined).flatMap(({ confirm }, index) => (confirm?.later ? [index + 1] : []));
      expect(asked).toEqual([24, 25, 43, 44, 71, 72]);
      const found = service.journal.after(0).flatMap(({ id, confirm }) => (confirm?.last ? [id] : []));
      expect(found).toEqual(asked);
    });

    it('accepts and refuses the rollback of every change as commit 56e428d did', async () => {
      const found = [];
      for (const { id } of expected.rollbacks) {
        const { status, body } = await service.request('post', `${CHANGES}/${id}/rollback`).send({ dryRun: true });
        const { code } = body as { code?: string };
        found.push({ id, status, ...(code !== undefined && { code }) });
      }
      // A confirmation (45) is now rolled back together with its change, which later changes altered. Which later changes are named is decided by the record.
      const codeOf = (id: number, code: string): string => (id === 45 || code === 'STATE_MOVED' ? 'STATE_CHANGED' : code);
      expect(found).toEqual(
        expected.rollbacks.map(({ id, status, code }) => ({ id, status, ...(code !== undefined && { code: codeOf(id, code) }) })),
      );
    });

    it('does not name a later change without effect as the one that changed a setting', () => {
      const frag6 = changes.filter(({ id }) => [67, 68, 69].includes(Number(id))).map(({ id, outcome }) => [id, outcome]);
      expect(frag6).toEqual([
        [69, 'recovered-unchanged'],
        [68, 'not-effective'],
        [67, 'applied'],
      ]);
      expect(service.journal.lastToAlter('frag6_timeout', 0)).toBe(67);
    });

    it('returns the recorded change for a request repeated with its Idempotency-Key', async () => {
      const repeatable = expected.keyed.filter(({ body }) => !('persistLater' in body));
      expect(repeatable).toHaveLength(5);
      for (const keyed of repeatable) {
        const { body } = await repeated(service, keyed).expect(200);
        const document = [...expected.deletions, ...expected.changes].find(({ id }) => id === keyed.id);
        expect(body).toEqual(inCurrentWords(document));
      }
      expect(service.journal.head()).toEqual(expected.head);
    });

    it('changes nothing for a repeated request whose body has a former or a renamed field', async () => {
      const [keyed] = expected.keyed.filter(({ body }) => 'persistLater' in body);
      if (!keyed) throw new Error('expected.json has no request with persistLater');
      expect((await repeated(service, keyed)).body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
      const { persistLater, ...rest } = keyed.body;
      const renamed = { ...keyed, body: { ...rest, persistLast: persistLater } };
      expect((await repeated(service, renamed)).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED', changeId: keyed.id });
      expect(service.journal.head()).toEqual(expected.head);
    });

    it('is exported as the text that was hashed', async () => {
      const exported = await service.export();
      const lines = exported.trimEnd().split('\n');
      const records = lines.map((line) => JSON.parse(line) as { hash: string; content: string });
      const stored = storedRecords(join(FIXTURE, 'data'));
      expect(records.map(({ hash, content }) => ({ hash, content }))).toEqual(stored);
      for (const former of [
        '"rollsBack":',
        '"concerns":',
        '"later":true',
        '"undoFailure":',
        '"zoneReply":',
        '"rearm"',
        'HOST_UNRESTORED',
      ]) {
        expect(records.some(({ content }) => content.includes(former))).toBe(true);
      }
      expect(verifierOn(exported, head)).toBe(UNBROKEN);
      expect(verifierOn(exported.replace('black friday', 'white friday'), head)).toContain('BROKEN at record');
    });
  });

  describe('continued by the current version', () => {
    let service: FormerJournalService;
    beforeAll(async () => {
      service = await FormerJournalService.start();
    });
    afterAll(() => service.stop());

    it('records a rollback of a former change in the current words', async () => {
      const { change, recorded } = expected.rollback;
      const { body }: Answer = await service.request('post', `${CHANGES}/${change}/rollback`).send({ reason: 'too many' }).expect(200);
      expect(body).toMatchObject(inCurrentWords(recorded) as object);
      for (const { path, after } of recorded['files'] as readonly { path: string; after: string | null }[]) {
        if (after === null) await expect(service.readFile(path)).rejects.toMatchObject({ code: 'ENOENT' });
        else expect(await service.readFile(path)).toBe(after);
      }
      const intent = storedRecords(service.dataDir)[expected.records]?.content ?? '{}';
      expect(JSON.parse(intent)).toMatchObject({ kind: 'rollback', rollbackOf: change, relatesTo: null });
      expect(intent).not.toMatch(/"rollsBack"|"concerns"/);
    });

    it('confirms a change that awaits confirmation, and writes the boot file that it asked for', async () => {
      const [awaiting] = expected.awaitingConfirmation;
      const id = Number(awaiting?.['id']);
      const { body } = await service.request('post', `${CHANGES}/${id}/confirm`).send({}).expect(200);
      expect(body).toMatchObject({ kind: 'confirmation', outcome: 'applied', relatesTo: id });
      expect(await service.readFile('/etc/sysctl.d/zzzz-conntrack-api.conf')).toContain('net.netfilter.nf_conntrack_acct = 1\n');
      expect(await service.get(`${CHANGES}/awaiting-confirmation`)).toEqual({ items: [] });
    });

    it('passes verification from its former head', async () => {
      const { broken, ...verified } = await service.journal.verify(expected.head);
      expect(broken).toBeUndefined();
      expect(verified).toEqual({ records: expected.records + 4, head: service.journal.head() });
      const exported = await service.export();
      expect(verifierOn(exported, head)).toContain(`${expected.records + 4} records, unbroken`);
    });
  });
});

function repeated(service: FormerJournalService, { key, token, method, path, body }: Expected['keyed'][number]): Ask {
  return service
    .request(method.toLowerCase() as Method, path, token)
    .set('idempotency-key', `"${key}"`)
    .send(body);
}
