import { extname } from 'node:path';
import type { Core } from '../core.ts';
import type { FileRecord } from '../types.ts';

const TYPES: { [extension: string]: string } = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  json: 'application/json',
  xml: 'application/xml',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  zip: 'application/zip',
  gz: 'application/gzip',
};

/** A file's type by its name. */
export function typeOfName(name: string): { filetype: string; mimetype: string } {
  const extension = extname(name).slice(1).toLowerCase();
  return { filetype: extension || 'binary', mimetype: TYPES[extension] ?? 'application/octet-stream' };
}

/** Creates the record of a file whose bytes are still to come. */
export function makeFile(
  core: Core,
  given: { name: string; size: number; user: string; processed_at?: number },
): FileRecord {
  const id = core.state.ids.make('F');
  const address = `${core.url}/files/${core.state.team.id}-${id}`;
  const name = encodeURIComponent(given.name);
  const file: FileRecord = {
    id,
    created: core.state.seconds(),
    title: given.name,
    ...given,
    ...typeOfName(given.name),
    url_private: `${address}/${name}`,
    url_private_download: `${address}/download/${name}`,
    permalink: `${core.address}/files/${given.user}/${id}/${name}`,
    channels: [],
  };
  core.state.files.set(id, file);
  return file;
}
