import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import type { Service } from './service.ts';
import type { Stage } from './stage.ts';
import { endedWithMessage, isProblem, type FaultFinding } from './try-fault.ts';

const PAGE = 4_096;

export interface Damage {
  readonly name: string;
  readonly inflict: (path: string) => void;
}

/** One flipped byte in the header, near the header, in the middle and at the end of each page; and the file truncated within and between pages. */
export function damagesOf(path: string): readonly Damage[] {
  const { size } = statSync(path);
  const pages = Array.from({ length: Math.ceil(size / PAGE) }, (_none, index) => index * PAGE);
  return pages.flatMap((start) => [
    ...[3, 100, PAGE / 2, PAGE - 20].map((offset) => flip(start + offset)),
    ...[start, start + PAGE / 2].map((length) => cut(length)),
  ]);
}

function flip(offset: number): Damage {
  return {
    name: `byte ${offset} flipped`,
    inflict: (path) => {
      const byte = readFileSync(path)[offset] ?? 0;
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.of(byte ^ 0x55), 0, 1, offset);
      closeSync(file);
    },
  };
}

function cut(length: number): Damage {
  return {
    name: `truncated to ${length} bytes`,
    inflict: (path) => {
      truncateSync(path, length);
    },
  };
}

/** Starts the service on damaged data and requests a change. The export of the journal shows whether the damage was detected. */
export async function startOnDamaged(stage: Stage, expectedExport: string): Promise<readonly FaultFinding[]> {
  const service = stage.launch();
  const serving = await service.untilServing().then(
    () => true,
    () => false,
  );
  const found = serving ? await askForChange(stage, service, expectedExport) : await judgeEnd(service);
  await service.kill();
  return found;
}

async function judgeEnd(service: Service): Promise<readonly FaultFinding[]> {
  const end = await service.ended;
  return endedWithMessage(service, end)
    ? []
    : [{ kind: 'crash', what: `it ended with ${String(end.signal ?? end.code)}: ${service.output()}` }];
}

async function askForChange(stage: Stage, service: Service, expectedExport: string): Promise<readonly FaultFinding[]> {
  const answer = await stage.ask(service, 'PATCH', '/api/v1/settings', { settings: { udp_timeout: 77 } });
  const { status, type, text } = answer;
  if (status >= 400 && !isProblem(answer)) return [{ kind: 'answer', what: `${status} ${type}: ${text}` }];
  const exported = await exportIfUnbroken(stage);
  if (exported === undefined)
    return status < 400 ? [{ kind: 'contradiction', what: 'it applied a change with a journal that does not verify' }] : [];
  if (exported.startsWith(expectedExport)) return [];
  return [
    { kind: 'recreation', what: `the journal verifies but contains other records than before: ${JSON.stringify(exported.slice(0, 200))}` },
  ];
}

/** `undefined` if verification reports the damage. */
async function exportIfUnbroken(stage: Stage): Promise<string | undefined> {
  try {
    await stage.commandLine('journal', 'verify');
    return await stage.commandLine('journal', 'export');
  } catch {
    return undefined;
  }
}
