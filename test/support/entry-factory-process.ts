/**
 * The entry factory as a process. Start it in the network namespace that is to contain the entries.
 *
 *     create --count N [--first I]     creates N entries and exits
 *     assure --count N [--first I]     the same with entries that the kernel does not evict
 *     load   --rate N --seconds S      creates N entries a second, prints how many, and deletes them when its standard input ends
 *     churn  --rate N                  creates and deletes N entries a second until its standard input ends
 *
 * `churn` prints "ready" once it runs. Each prints `{"created": N}` after the last entry was created.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { EntryFactory } from './entry-factory.ts';
import { assuredAt, FIRST_TRANSIENT } from './entry-factory-mix.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '0' },
    first: { type: 'string' },
    rate: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '10' },
  },
});

const mode = positionals[0] ?? '';
const perSecond = Number(values.rate);
const first = Number(values.first ?? (mode === 'create' || mode === 'assure' ? 0 : FIRST_TRANSIENT));
const factory = new EntryFactory();

switch (mode) {
  case 'create':
    factory.create({ first, count: Number(values.count) });
    say(Number(values.count));
    break;
  case 'assure':
    factory.create({ first, count: Number(values.count) }, assuredAt);
    say(Number(values.count));
    break;
  case 'load': {
    const created = await factory.load({ perSecond, first, signal: AbortSignal.timeout(Number(values.seconds) * 1_000) });
    say(created);
    await inputEnd();
    factory.delete({ first, count: created });
    break;
  }
  case 'churn': {
    const controller = new AbortController();
    void inputEnd().then(() => {
      controller.abort();
    });
    const created = factory.churn({ perSecond, first, signal: controller.signal });
    process.stdout.write('ready\n');
    say(await created);
    break;
  }
  default:
    throw new Error(`Expected create, assure, load or churn, found "${mode}".`);
}
factory.close();

function say(created: number): void {
  process.stdout.write(`${JSON.stringify({ created })}\n`);
}

async function inputEnd(): Promise<void> {
  const closed = once(process.stdin, 'close');
  process.stdin.resume();
  await closed;
}
