import { describeStorageFailure, storageFailureOf } from '../../../local/database/storage-failure';

it('finds the system’s name, wherever it stands, and nothing else of the message', () => {
  const level = (message: string, code = 'LEVEL_IO_ERROR') => Object.assign(new Error(message), { code });
  expect(storageFailureOf(level('IO error: /a/b.log: No space left on device'))).toBe('ENOSPC');
  expect(storageFailureOf(level('IO error: /a/b.log: Disc quota exceeded'))).toBe('EDQUOT');
  expect(storageFailureOf(level('IO error: /a/No space left on device: something else'))).toBe('LEVEL_IO_ERROR');
  expect(storageFailureOf(level('IO error: lock /a/LOCK: No space left on device', 'LEVEL_LOCKED'))).toBe(
    'LEVEL_LOCKED',
  );
  const cause = level('Corruption: checksum mismatch', 'LEVEL_CORRUPTION');
  expect(storageFailureOf(Object.assign(new Error('x', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' }))).toBe(
    'LEVEL_CORRUPTION',
  );
  expect(storageFailureOf(Object.assign(new Error(), { code: 'EROFS' }))).toBe('EROFS');
  expect(storageFailureOf(new Error('sk-secret'))).toBe('unknown');
  expect(storageFailureOf(Object.assign(new Error(), { code: 'LEVEL_IO_ERROR', message: 1 }))).toBe('LEVEL_IO_ERROR');
  expect(storageFailureOf(undefined)).toBe('unknown');
});

it('tells the reasons apart', () => {
  const sentences = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'LEVEL_CORRUPTION'].map(describeStorageFailure);
  expect(new Set(sentences).size).toBe(5);
});
