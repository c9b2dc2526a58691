import mongoose from 'mongoose';

/** The commands that read or write; what keeps a connection alive is no query. */
const QUERIES = new Set([
  'find',
  'aggregate',
  'count',
  'distinct',
  'getMore',
  'insert',
  'update',
  'delete',
  'findAndModify',
]);

/** Notes every query of mongoose's connection, which has to be made with `monitorCommands`. */
export class QueryCounter {
  private seen: string[] = [];

  constructor() {
    mongoose.connection.getClient().on('commandStarted', ({ commandName, command }) => {
      if (QUERIES.has(commandName)) this.seen.push(`${commandName} ${String(command[commandName])}`);
    });
  }

  /** The queries since the last call, such as `find members`. */
  take(): string[] {
    const taken = this.seen;
    this.seen = [];
    return taken;
  }
}
