import { answered, replyBody } from '../../reply-body';

const PROBLEM = { type: 'about:blank', status: 503, code: 'keys_unavailable', detail: 'try again', request_id: 'r' };

test('what a failed reply does not have cannot be read from it', () => {
  const body = replyBody(503, { ...PROBLEM });
  expect(() => body['ciphertext']).toThrow('a reply of 503 (keys_unavailable) has no ciphertext');
  expect(() => {
    const { rotation_id: id } = body;
    return id;
  }).toThrow('has no rotation_id');
});

test('what it has can, and it is compared and shown like any other', async () => {
  const body = replyBody(503, { ...PROBLEM });
  expect(body['code']).toBe('keys_unavailable');
  expect(body).toMatchObject({ status: 503, code: 'keys_unavailable' });
  expect(body).toEqual(PROBLEM);
  expect({ body }).not.toEqual({ body: { ...PROBLEM, code: 'conflict' } });
  expect(JSON.parse(JSON.stringify(body))).toEqual(PROBLEM);
  await expect(Promise.resolve(body)).resolves.toEqual(PROBLEM);
});

test('a reply that did not fail is as it is', () => {
  const body = { ciphertext: 'x' };
  expect(replyBody(200, body)).toBe(body);
  expect(replyBody(200, body)['next_cursor']).toBeUndefined();
});

test('a call that must not fail says what it was answered', () => {
  const reply = { status: 201, body: { revision: 1 } };
  expect(answered(reply)).toBe(reply);
  const failed = { status: 503, body: replyBody(503, { ...PROBLEM }) };
  expect(() => answered(failed)).toThrow('a call was answered with 503 (keys_unavailable): try again');
  expect(() => answered({ status: 502, body: replyBody(502, {}) })).toThrow('a call was answered with 502');
});
