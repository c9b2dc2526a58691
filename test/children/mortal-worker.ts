// The product's worker, which also crashes when a document's number asks for it.
import generate, { type DocumentTask } from '../../src/documents/worker.ts';

export default async function generateOrDie(task: DocumentTask) {
  if (task.document.number === 'EXIT') process.exit(1);
  if (task.document.number === 'THROW') {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
    return new Promise(() => undefined);
  }
  return generate(task);
}
