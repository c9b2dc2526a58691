import { describe, expect, it } from '@jest/globals';
import { asMongoError, codeOfPacked, SqlStateError, unpackSqlState } from '../../../src/local/mongod/errors.ts';

describe('errors', () => {
  it('a packed SQLSTATE is unpacked, and stands for a code of MongoDB', () => {
    const duplicateKey = 319029277;
    expect(unpackSqlState(duplicateKey)).toBe('M001C');
    expect(codeOfPacked(duplicateKey)).toEqual([11000, 'DuplicateKey']);
  });

  it.each(['40001', '40P01', '55P03'])('SQLSTATE %s is a write conflict that drivers try again', (state) => {
    const reply = asMongoError(new SqlStateError(state, 'x')).toReply();
    expect(reply).toMatchObject({ ok: 0, code: 112, errorLabels: ['TransientTransactionError'] });
  });

  it('a lost connection to the engine lets drivers send their write again', () => {
    const error = asMongoError(new Error('Connection terminated unexpectedly'));
    expect(error.toReply()).toMatchObject({ code: 91, errorLabels: ['RetryableWriteError'] });
  });
});
