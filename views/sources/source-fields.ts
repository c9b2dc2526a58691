import type { SourceKind } from '../../src/billing/source/source.ts';

/** A field of a kind of source, by the name under which the service knows it. */
export interface SourceField {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly placeholder?: string;
  readonly isOptional?: boolean;
  /** Never shown again, nor kept anywhere but encrypted. */
  readonly isSecret?: boolean;
}

const PREFIX: SourceField = {
  id: 'prefix',
  label: 'Prefix',
  hint: 'What the names of the export’s files begin with. Leave empty to use all files.',
  placeholder: 'exports/focus/',
  isOptional: true,
};
/** What each kind of source asks for. */
export const SOURCE_FIELDS: Readonly<Record<SourceKind, readonly SourceField[]>> = {
  s3: [
    { id: 'bucket', label: 'Bucket', hint: 'Its name, without s3://.', placeholder: 'my-cost-exports' },
    PREFIX,
    {
      id: 'region',
      label: 'Region',
      hint: 'Leave empty for us-east-1.',
      placeholder: 'eu-central-1',
      isOptional: true,
    },
    {
      id: 'endpoint',
      label: 'Endpoint',
      hint: 'Only for services other than Amazon S3, such as https://storage.googleapis.com.',
      isOptional: true,
    },
    {
      id: 'accessKeyId',
      label: 'Access key ID',
      hint: 'Of a user that may list and read this bucket only. Leave empty to use the role of the app’s server.',
      isOptional: true,
      isSecret: true,
    },
    {
      id: 'secretAccessKey',
      label: 'Secret access key',
      hint: 'Stored encrypted, and never shown again.',
      isOptional: true,
      isSecret: true,
    },
  ],
  azure: [
    {
      id: 'endpoint',
      label: 'Address of the storage account',
      hint: 'The blob service endpoint of the storage account.',
      placeholder: 'https://NAME.blob.core.windows.net',
    },
    { id: 'container', label: 'Container', hint: 'Its name.', placeholder: 'cost-exports' },
    PREFIX,
    {
      id: 'sas',
      label: 'Shared access signature (SAS)',
      hint: 'For this container, with the permissions to read and list. Stored encrypted, and never shown again.',
      isOptional: true,
      isSecret: true,
    },
    {
      id: 'accountKey',
      label: 'Account key',
      hint: 'Instead of a shared access signature. It may do everything in the account, so a signature is safer.',
      isOptional: true,
      isSecret: true,
    },
  ],
  https: [
    {
      id: 'url',
      label: 'URL',
      hint: 'Of one file. What follows the question mark is stored encrypted, and never shown again.',
      placeholder: 'https://example.com/costs.csv.gz',
      isSecret: true,
    },
    {
      id: 'authorization',
      label: 'Authorization header',
      hint: 'If the server asks for one, such as Bearer followed by a token. Stored encrypted, and never shown again.',
      isOptional: true,
      isSecret: true,
    },
  ],
  folder: [
    {
      id: 'path',
      label: 'Folder',
      hint: 'Below the folder that the app’s server allows. Leave empty for that folder itself.',
      placeholder: 'aws/focus',
      isOptional: true,
    },
  ],
};
