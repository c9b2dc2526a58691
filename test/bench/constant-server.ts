// The same framework answering a constant of a given size: the cost of an answer without any work.
import express from 'express';

const app = express().disable('x-powered-by').disable('etag');
const constant = JSON.stringify({ constant: 'x'.repeat(Number(process.argv[2]) - '{"constant":""}'.length) });
app.get('/', (_request, response) => {
  response.type('json').send(constant);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address ? address.port : 0);
});
process.once('SIGTERM', () => process.exit(0));
