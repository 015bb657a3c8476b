import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { greeting, type Started } from '../../../src/service/greeting.ts';

const CONFIG = { dataDir: '/tmp/data', simulated: false, root: '/' } as Config;
const STARTED: Started = {
  ...{ url: 'http://127.0.0.1:8477', version: '1.4.0', secret: undefined, notReady: undefined, capabilities: [], isRoot: true },
};
const REASON =
  'None of 39 settings can be written: /proc/sys/net/netfilter/nf_conntrack_acct cannot be written: permission denied (EACCES).';
const missing = (name: string, reason: string) => ({ name, available: false, reason });

describe('the greeting', () => {
  it('names what is unavailable, once for each reason, and why', () => {
    const capabilities = [
      missing('entries.delete', 'EPERM'),
      missing('events', 'EPERM'),
      missing('persist', 'EROFS'),
      missing('other', 'x'),
    ];
    const printed = greeting(CONFIG, { ...STARTED, capabilities, isRoot: false });
    expect(printed).toContain('\n  UNAVAILABLE  delete entries, stream events: EPERM\n  UNAVAILABLE  persist settings: EROFS\n');
    expect(printed).toMatch(/\n {15}Not running as root\. .+$/);
    expect(greeting(CONFIG, { ...STARTED, capabilities })).not.toContain('Not running as root');
    expect(greeting(CONFIG, STARTED)).not.toContain('UNAVAILABLE');
  });

  it('names the unix socket, with a command that works for the user of the service', () => {
    const socketPath = '/run/conntrack-api/api.sock';
    expect(greeting(CONFIG, { ...STARTED, socketPath })).toMatch(
      /\n {2}unix socket {2}\/run\/conntrack-api\/api\.sock\n {15}responds while the table is full: curl --unix-socket \/run\/\S+ http/,
    );
    expect(greeting(CONFIG, { ...STARTED, socketPath, isRoot: false })).toContain('curl -H "Authorization: Bearer $TOKEN" --unix-socket');
    expect(greeting(CONFIG, STARTED)).not.toContain('unix socket');
  });

  it.each([80, 100, 200])('fits a terminal of %d columns, without a change of its words', (columns) => {
    const given = { ...STARTED, capabilities: [missing('settings.write', REASON)], notReady: `${REASON} ${REASON}` };
    const lines = greeting(CONFIG, { ...given, columns }).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.map((line) => line.trim()).join(' ')).toContain(`change settings: ${REASON}`);
    expect(greeting(CONFIG, given)).toContain(`NOT READY    ${REASON} ${REASON}\n`);
  });
});
