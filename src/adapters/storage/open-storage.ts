import type { OpenStorage } from '../../services/sources/source-storage.ts';
import { folderStorage } from './folder.ts';
import { httpsStorage } from './https.ts';

export interface StorageSettings {
  /** The only folder whose files can be read; undefined for none. */
  readonly folder: string | undefined;
  /** Whether servers at private addresses may be asked. */
  readonly allowsPrivate: boolean;
  /** The real time. */
  readonly now: () => Date;
}

/** Opens storages of all kinds. The libraries of a kind are loaded when the first source of it is read. */
export function openStorage({ folder, allowsPrivate, now }: StorageSettings): OpenStorage {
  return async (location, credentials, signal) => {
    const how = { signal, rule: { allowsPrivate } };
    switch (location.kind) {
      case 's3':
        return (await import('./s3.ts')).s3Storage(location, credentials, how);
      case 'azure':
        return (await import('./azure.ts')).azureStorage(location, credentials, how);
      case 'https':
        return httpsStorage(location, credentials, how);
      case 'folder':
        return folderStorage(location, { root: folder, now });
    }
  };
}
