/**
 * Another program at the journal, as a backup tool would be. Started with `fork` and the path of a database: each message is a statement to
 * execute (`BEGIN IMMEDIATE`, `ROLLBACK`), and is sent back once it is executed.
 */
import SqliteDatabase from 'better-sqlite3';

const [path = ''] = process.argv.slice(2);
const database = new SqliteDatabase(path, { fileMustExist: true, timeout: 5_000 });
process.on('message', (statement: string) => {
  database.exec(statement);
  process.send?.(statement);
});
