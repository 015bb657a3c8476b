import { Option } from 'commander';
import { toBoolean } from './arguments.ts';

/** An option that the environment can set too: `--port`, `CONNTRACK_API_PORT`. */
export function option(flags: string, description: string): Option {
  const created = new Option(flags, description);
  return created.env(`CONNTRACK_API_${created.name().replaceAll('-', '_').toUpperCase()}`);
}

/** `--name`, `--name=false`, `CONNTRACK_API_NAME=false`: with Commander's own boolean options any value of the variable would mean true. */
export function booleanOption(name: string, description: string, standard: boolean): Option {
  return option(`--${name} [boolean]`, description).default(standard).argParser(toBoolean);
}
