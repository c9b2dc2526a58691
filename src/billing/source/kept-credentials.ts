import type { TypedSource } from './read-location.ts';
import type { SourceCredentials, SourceLocation } from './source.ts';

/**
 * What a person has typed to change a source, with its stored credentials where nothing was typed. They are only kept for
 * the same server, so that nobody can have them sent to another one.
 */
export function withKeptCredentials(before: SourceLocation, kept: SourceCredentials, typed: TypedSource): TypedSource {
  switch (before.kind) {
    case 's3': {
      const { accessKeyId, secretAccessKey } = kept;
      const isKept =
        sameServer(typed.endpoint, before.endpoint ?? '') && isEmpty(typed, 'accessKeyId', 'secretAccessKey');
      return isKept ? { ...typed, accessKeyId, secretAccessKey } : typed;
    }
    case 'azure': {
      const { sas, accountKey } = kept;
      const isKept = sameServer(typed.endpoint, before.endpoint) && isEmpty(typed, 'sas', 'accountKey');
      return isKept ? { ...typed, sas, accountKey } : typed;
    }
    case 'https': {
      const { query, authorization } = kept;
      const url = (typed.url ?? '').trim();
      return {
        ...typed,
        ...(url === before.url && query !== undefined && { url: `${url}?${query}` }),
        ...(sameServer(url, before.url) && isEmpty(typed, 'authorization') && { authorization }),
      };
    }
    case 'folder':
      return typed;
  }
}

function sameServer(typed: string | undefined, before: string): boolean {
  return originOf(typed ?? '') === originOf(before);
}

/** Two addresses that can't be read are the same only if both are empty. */
function originOf(address: string): string {
  const text = address.trim();
  return URL.canParse(text) ? new URL(text).origin : text;
}

function isEmpty(typed: TypedSource, ...fields: readonly string[]): boolean {
  return fields.every((field) => (typed[field] ?? '').trim() === '');
}
