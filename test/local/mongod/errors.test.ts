import { describe, expect, it } from '@jest/globals';
import { asMongoError, codeOfPacked, SqlStateError, unpackSqlState } from '../../../src/local/mongod/errors.ts';

describe('engine errors', () => {
  it('a packed SQLSTATE is unpacked to a MongoDB code', () => {
    const duplicateKey = 319029277;
    expect(unpackSqlState(duplicateKey)).toBe('M001C');
    expect(codeOfPacked(duplicateKey)).toEqual([11000, 'DuplicateKey']);
  });

  it.each(['40001', '40P01', '55P03'])('SQLSTATE %s is a write conflict that drivers retry', (state) => {
    const reply = asMongoError(new SqlStateError(state, 'x')).toReply();
    expect(reply).toMatchObject({ ok: 0, code: 112, errorLabels: ['TransientTransactionError'] });
  });

  it('a lost connection to the engine lets drivers retry their write', () => {
    const error = asMongoError(new Error('Connection terminated unexpectedly'));
    expect(error.toReply()).toMatchObject({ code: 91, errorLabels: ['RetryableWriteError'] });
  });
});
