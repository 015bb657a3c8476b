import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

interface Member {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The same package with another version. Reuses the compressed data, because a build takes a minute. */
export function withVersion(deb: string, version: string): string {
  const work = join(dirname(deb), 'newer');
  execFileSync('dpkg-deb', ['--control', deb, work]);
  const control = join(work, 'control');
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}`));
  const tar = execFileSync('tar', ['-cz', '--owner=0', '--group=0', '--numeric-owner', '-C', work, '.']);
  const members = membersOf(readFileSync(deb)).map((member) =>
    member.name.startsWith('control.tar') ? { name: 'control.tar.gz', bytes: tar } : member,
  );
  const path = join(dirname(deb), 'newer.deb');
  writeFileSync(path, Buffer.concat([Buffer.from(MAGIC), ...members.flatMap(encode)]));
  return path;
}

/** Members of an ar(5) archive. */
function membersOf(archive: Buffer): readonly Member[] {
  const members: Member[] = [];
  for (let at = MAGIC.length; at < archive.length;) {
    const header = archive.toString('latin1', at, at + HEADER_BYTES);
    const start = at + HEADER_BYTES;
    const length = Number(header.slice(48, 58));
    members.push({ name: header.slice(0, 16).trim().replace(/\/$/, ''), bytes: archive.subarray(start, start + length) });
    at = start + length + (length % 2);
  }
  return members;
}

function encode({ name, bytes }: Member): readonly Buffer[] {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`;
  return [Buffer.from(header, 'latin1'), bytes, Buffer.alloc(bytes.length % 2, '\n')];
}
