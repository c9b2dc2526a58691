import { isIP } from 'node:net';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

const HEADER = 'x-forwarded-for';

/**
 * Reduces each entry of X-Forwarded-For to its address, before Express reads it. Azure's gateways add the client's
 * port, which is different for each connection: `203.0.113.1:5678`, `[2001:db8::1]:443`.
 */
export const withoutPorts: RequestHandler = (request, _response, next) => {
  const given = request.headers[HEADER];
  if (given !== undefined) request.headers[HEADER] = [given].flat().join(',').split(',').map(addressIn).join(', ');
  next();
};

/**
 * What requests without a valid token are counted by: the client's IPv4 address, or its IPv6 network, since a
 * household gets a whole one (/56). What a proxy passes on and isn't an address, such as `unknown`, counts as the
 * proxy's own, so that nobody gets another limit by sending other words.
 */
export function clientOf({ ip, socket }: Pick<Request, 'ip' | 'socket'>): string {
  const address = addressIn(ip ?? '');
  return ipKeyGenerator(isIP(address) === 0 ? addressIn(socket.remoteAddress ?? '') : address);
}

/** The address in an entry, without quotation marks, brackets, port and zone; the entry itself if there is none. */
function addressIn(entry: string): string {
  const text = entry.trim().replace(/^"|"$/g, '');
  const end = text.indexOf(']');
  if (text.startsWith('[') && end > 0) return checked(text.slice(1, end), text);
  const [host = '', port, ...others] = text.split(':');
  return others.length === 0 && port !== undefined && isIP(host) === 4 ? host : checked(text, text);
}

function checked(address: string, entry: string): string {
  const [plain = ''] = address.split('%', 1);
  return isIP(plain) === 0 ? entry : plain;
}
