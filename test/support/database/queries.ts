import mongoose from 'mongoose';

/** The commands that read or write, without those that keep a connection alive. */
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

/** Records every query on mongoose's connection, which must be created with `monitorCommands`. */
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
