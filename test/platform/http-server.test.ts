import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpServer, type HttpServer } from '../../src/platform/http-server.ts';
import { gate, testLog } from '../support/slack/slack-app.ts';

const servers: HttpServer[] = [];

async function start(mounts: (server: HttpServer) => void = () => undefined) {
  const { log, lines } = testLog();
  const server = createHttpServer({ log });
  servers.push(server);
  mounts(server);
  const port = await server.listen(0, '127.0.0.1');
  return { server, port, lines, url: `http://127.0.0.1:${port}` };
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(100).catch(() => undefined)));
});

describe('the HTTP server', () => {
  it('answers /healthz with 200, and unmounted paths (including Slack’s) with 404', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/healthz?deep=1`)).status).toBe(200);
    expect((await fetch(`${url}/slack/events`, { method: 'POST', body: 'x' })).status).toBe(404);
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/healthzz`)).status).toBe(404);
  });

  it('routes a prefix and everything below it to its listener, the longest first', async () => {
    const { url } = await start((server) => {
      server.mount('/v1', (_request, response) => void response.end('v1'));
      server.mount('/v1/docs', (_request, response) => void response.end('docs'));
    });
    expect(await (await fetch(`${url}/v1/groups/1`)).text()).toBe('v1');
    expect(await (await fetch(`${url}/v1/docs/a`)).text()).toBe('docs');
    expect((await fetch(`${url}/v10`)).status).toBe(404);
  });

  it('rejects duplicate prefixes, and prefixes that aren’t paths', async () => {
    const { server } = await start();
    expect(() => server.mount('/healthz', () => undefined)).toThrow(RangeError);
    expect(() => server.mount('v1', () => undefined)).toThrow(RangeError);
  });

  it('answers 500 and continues when a listener throws', async () => {
    const { url, lines } = await start((server) =>
      server.mount('/bad', () => {
        throw new Error('out of order');
      }),
    );
    expect((await fetch(`${url}/bad`)).status).toBe(500);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(JSON.stringify(lines)).toContain('out of order');
  });

  it('reports that its address is taken', async () => {
    const { port } = await start();
    const second = createHttpServer({ log: testLog().log });
    await expect(second.listen(port, '127.0.0.1')).rejects.toThrow('EADDRINUSE');
  });
});

describe('closing the HTTP server', () => {
  it('lets a running request finish, accepts no new ones, and closes idle connections', async () => {
    const arrived = gate();
    const finish = gate();
    const { server, port, url } = await start((one) =>
      one.mount('/slow', async (_request, response) => {
        arrived.open();
        await finish.promise;
        response.end('finished');
      }),
    );
    const agent = new Agent({ keepAlive: true });
    const idle = await get(port, '/healthz', agent);
    const slow = get(port, '/slow', new Agent({ keepAlive: true }));
    await arrived.promise;
    let closed = false;
    const closing = server.close(30_000).then(() => {
      closed = true;
    });
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(closed).toBe(false);
    finish.open();
    expect(await slow).toBe('finished');
    await closing;
    expect(idle).toBe('ok');
    agent.destroy();
  });

  it('aborts a request that exceeds the grace period', async () => {
    const arrived = gate();
    const { server, port } = await start((one) => one.mount('/never', () => arrived.open()));
    const never = get(port, '/never', new Agent());
    const failure = expect(never).rejects.toThrow('socket hang up');
    await arrived.promise;
    await server.close(20);
    await failure;
  });
});

function get(port: number, path: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ port, path, agent, host: '127.0.0.1' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve(body));
    });
    call.on('error', reject).end();
  });
}
