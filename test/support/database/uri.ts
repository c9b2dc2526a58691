/** The same address with another database name, which is between the slash after the hosts and the options. */
export function withDatabase(uri: string, name: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri);
  if (!parts) throw new Error('TEST_MONGODB_URI is not the address of a MongoDB');
  return `${parts[1]}/${name}${parts[2] ?? ''}`;
}
