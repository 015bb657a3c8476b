import type { Connection } from './connection.ts';
import type { Database } from './database.ts';

/** Statements that are prepared once for each connection of the database. */
export class Prepared<S> {
  private readonly database: Database;
  private readonly prepare: (connection: Connection) => S;
  private current: { readonly connection: Connection; readonly statements: S } | undefined;

  constructor(database: Database, prepare: (connection: Connection) => S) {
    this.database = database;
    this.prepare = prepare;
    database.read((connection) => this.on(connection));
  }

  /** As {@link Database.read}. */
  read<T>(action: (statements: S) => T): T {
    return this.database.read((connection) => action(this.on(connection)));
  }

  /** As {@link Database.write}. */
  write<T>(action: (statements: S) => T): T {
    return this.database.write((connection) => action(this.on(connection)));
  }

  private on(connection: Connection): S {
    if (this.current?.connection !== connection) this.current = { connection, statements: this.prepare(connection) };
    return this.current.statements;
  }
}
