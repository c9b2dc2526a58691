import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** An assistant, as the protocol’s own client connects it. */
export interface Assistant {
  /** The names of the tools that it is offered. */
  readonly tools: readonly string[];
  readonly client: Client;
  /** Calls a tool, and checks the answer against the tool’s schema. @throws {Error} if it doesn’t match */
  call(name: string, input?: Readonly<Record<string, unknown>>): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export interface ToolAnswer {
  readonly isError: boolean;
  /** What the assistant’s model reads. */
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** @param url of the server, without a path */
export async function connectAssistant(url: string, token: string): Promise<Assistant> {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  // its optional callbacks are declared without undefined
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  const { tools } = await client.listTools();
  return {
    client,
    tools: tools.map(({ name }) => name),
    async call(name, input = {}) {
      const answer = (await client.callTool({ name, arguments: { ...input } })) as CallToolResult;
      const [content] = answer.content;
      const text = content?.type === 'text' ? content.text : '';
      return { isError: answer.isError ?? false, text, body: answer.structuredContent ?? {} };
    },
    close: () => client.close(),
  };
}
