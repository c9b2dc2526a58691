import mongoose from 'mongoose';

/** Measures the transactions on mongoose's connection, which must be created with `monitorCommands`. */
export class TransactionTimer {
  /** Of the longest one, from its first command to the end of its commit, in milliseconds. */
  longestMs = 0;
  count = 0;
  private readonly began = new Map<string, number>();
  private readonly ending = new Map<number, string>();

  constructor() {
    const client = mongoose.connection.getClient();
    client.on('commandStarted', ({ command, commandName, requestId }) => {
      const id = command.lsid?.id?.toString('hex');
      if (id === undefined) return;
      if (command.startTransaction) this.began.set(id, performance.now());
      if (commandName === 'commitTransaction' || commandName === 'abortTransaction') this.ending.set(requestId, id);
    });
    const ended = ({ requestId }: { readonly requestId: number }) => {
      const id = this.ending.get(requestId) ?? '';
      const began = this.began.get(id);
      this.ending.delete(requestId);
      if (began === undefined) return;
      this.began.delete(id);
      this.count += 1;
      this.longestMs = Math.max(this.longestMs, performance.now() - began);
    };
    client.on('commandSucceeded', ended);
    client.on('commandFailed', ended);
  }
}
