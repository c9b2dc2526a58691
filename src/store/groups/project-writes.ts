import type { Tx } from '../kit/transaction.ts';
import { type ProjectDoc, Projects } from './groups.ts';

/** Stores a project. @throws a duplicate key error if a project has its name or its provider's ID */
export async function insertProject(_tx: Tx, project: ProjectDoc): Promise<void> {
  await Projects.create([project]);
}

/** Deletes a project. The caller deletes its memberships. */
export async function deleteProject(_tx: Tx, accountId: string, id: string): Promise<void> {
  await Projects.deleteOne({ _id: id, accountId });
}
