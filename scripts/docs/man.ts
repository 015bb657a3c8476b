import type { Argument, Command, Option } from 'commander';
import { commandLine } from '../../src/cli/command-line.ts';
import type { GeneratedDocument } from './generated-document.ts';

const PROGRAM = 'conntrack-api';
const SOURCE = 'scripts/docs/man.ts, src/cli and src/config';

const DESCRIPTION = `The conntrack-api service reads and changes the kernel's connection tracking through a REST API on 127.0.0.1:8477, records every change, and
persists settings across reboots. It runs as the user conntrack-api with CAP_NET_ADMIN only. A helper writes the boot files: systemd starts
it as root for each request, and it writes four files with fixed names and a fixed form.
.PP
This command works on the data of the service. If root runs it, it switches to the user of the service. Create the first token with:
.PP
.RS
.nf
conntrack\\-api token create \\-\\-name admin \\-\\-scope all
.fi
.RE
.PP
On the unix socket, root needs no token:
.PP
.RS
.nf
curl \\-\\-unix\\-socket /run/conntrack\\-api/api.sock http://localhost/api/v1/table
.fi
.RE
.PP
CONNTRACK_API_SOCKET_PEERS lists other users and groups that need no token, and their scopes.`;

const EXIT_STATUS = [
  ['0', 'Success.'],
  ['1', 'The command failed.'],
  ['2', 'The command line is wrong.'],
  ['3', 'The service refused the request; the message begins with the error code.'],
] as const;

const FILES = [
  ['/etc/conntrack-api/conntrack-api.env', 'Environment of the service, one NAME=VALUE per line.'],
  ['/run/conntrack-api/api.sock', 'Unix socket of the API.'],
  ['/var/lib/conntrack-api', 'The journal and the digests of the tokens. Upgrades and removal keep it; a purge deletes it.'],
  [
    '/etc/sysctl.d/99-zz-conntrack-api.conf, /etc/sysctl.d/zzzz-conntrack-api.conf',
    'Persisted settings. Removal keeps them; a purge deletes them.',
  ],
  ['/etc/modprobe.d/conntrack-api.conf, /etc/modules-load.d/conntrack-api.conf', 'Persisted hash size and the module to load; as above.'],
] as const;

const UNITS = [
  ['conntrack-api.service', 'The service.'],
  [
    'conntrack-api-boot.socket, conntrack-api-boot@.service',
    'The boot helper. Without its socket, the service runs but cannot persist settings.',
  ],
] as const;

/** Manual pages in section 8: one of the program, and one for each command that does something. */
export function manualPages(): readonly GeneratedDocument[] {
  const program = commandLine();
  const commands = leaves(program, []);
  return [
    page([], () => programPage(program, commands)),
    ...commands.map(({ path, command }) => page(path, () => commandPage(path, command))),
  ];
}

interface Leaf {
  readonly path: readonly string[];
  readonly command: Command;
}

function leaves(command: Command, path: readonly string[]): readonly Leaf[] {
  return command.commands.flatMap((each) => {
    const own = [...path, each.name()];
    return each.commands.length > 0 ? leaves(each, own) : [{ path: own, command: each }];
  });
}

function page(path: readonly string[], render: () => string): GeneratedDocument {
  return { file: `deploy/debian/${[PROGRAM, ...path].join('-')}.8`, source: SOURCE, render };
}

function programPage(program: Command, commands: readonly Leaf[]): string {
  return lines(
    heading([]),
    section('NAME', `${text(PROGRAM)} \\- HTTP API for Linux connection tracking`),
    section('SYNOPSIS', ...commands.map(({ path, command }) => `${synopsis(path, command)}\n.br`)),
    section('DESCRIPTION', text(program.description()), '.PP', DESCRIPTION),
    section('COMMANDS', ...commands.map(({ path, command }) => item(`.BR ${name(path)} (8)`, sentence(command.description())))),
    section('EXIT STATUS', ...EXIT_STATUS.map(([code, meaning]) => item(code, text(meaning)))),
    section('FILES', ...FILES.map(([file, meaning]) => item(`.I ${quoted(file)}`, text(meaning)))),
    section('UNITS', ...UNITS.map(([unit, meaning]) => item(`.I ${quoted(unit)}`, text(meaning)))),
    section('SEE ALSO', '.BR conntrack (8),', '.BR sysctl.d (5),', '.BR modprobe.d (5)'),
  );
}

function commandPage(path: readonly string[], command: Command): string {
  const groups = Map.groupBy(command.options, ({ helpGroupHeading }) => helpGroupHeading ?? 'Other:');
  const options = [...groups].flatMap(([group, of]) => [
    ...(groups.size > 1 ? [`.SS ${quoted(group.replace(/:$/, ''))}`] : []),
    ...of.map(optionItem),
  ]);
  const args = command.registeredArguments.map((argument) => item(`.I ${quoted(argument.name())}`, argumentText(argument)));
  return lines(
    heading(path),
    section('NAME', `${name(path)} \\- ${text(command.description().replace(/[.;].*$/s, ''))}`),
    section('SYNOPSIS', synopsis(path, command)),
    section('DESCRIPTION', sentence(command.description())),
    ...(args.length > 0 ? [section('ARGUMENTS', ...args)] : []),
    ...(options.length > 0 ? [section('OPTIONS', ...options)] : []),
    section('SEE ALSO', `.BR ${text(PROGRAM)} (8)`),
  );
}

function heading(path: readonly string[]): string {
  return `.\\" Generated by npm run docs. Do not edit.\n.TH ${quoted([PROGRAM, ...path].join('-').toUpperCase())} 8 "" ${quoted(PROGRAM)} "System administration"\n.nh\n.ad l`;
}

function synopsis(path: readonly string[], command: Command): string {
  const required = command.options.filter(({ mandatory }) => mandatory).map(({ flags }) => text(flags));
  const args = command.registeredArguments.map((argument) => text(argument.required ? `<${argument.name()}>` : `[${argument.name()}]`));
  return `.B ${quoted([PROGRAM, ...path].join(' '))}\n${[...args, ...required, ...(command.options.length > 0 ? ['[options]'] : [])].join(' ')}`;
}

function optionItem(option: Option): string {
  const standard = option.defaultValueDescription ?? (option.defaultValue === undefined ? undefined : String(option.defaultValue));
  const more = [
    ...(option.argChoices ? [`One of ${option.argChoices.join(', ')}.`] : []),
    ...(standard === undefined ? [] : [`Default: ${standard}.`]),
    ...(option.envVar === undefined ? [] : [`Environment: ${option.envVar}.`]),
  ];
  return item(`.B ${quoted(option.flags)}`, [sentence(option.description), ...more.map(text)].join('\n'));
}

function argumentText(argument: Argument): string {
  const choices = argument.argChoices ? `\n${text(`One of ${argument.argChoices.join(', ')}.`)}` : '';
  return `${sentence(argument.description)}${choices}`;
}

function section(title: string, ...content: readonly string[]): string {
  return lines(`.SH ${quoted(title)}`, ...content);
}

function item(tag: string, content: string): string {
  return lines('.TP', tag, content);
}

function name(path: readonly string[]): string {
  return text([PROGRAM, ...path].join('-'));
}

function sentence(description: string): string {
  const whole = description.charAt(0).toUpperCase() + description.slice(1);
  return text(/[.!?]$/.test(whole) ? whole : `${whole}.`);
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', '\\(dq')}"`;
}

/** Escapes what roff would interpret. */
function text(plain: string): string {
  return plain.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/gm, '\\&$&');
}

function lines(...all: readonly string[]): string {
  return `${all.map((each) => each.trimEnd()).join('\n')}\n`;
}
