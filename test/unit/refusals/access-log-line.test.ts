import * as fc from 'fast-check';
import { readAccessLogLine } from '../../../lambdas/core/refusals/access-log-line';
import { gatewayRefusal } from '../../../lambdas/core/refusals/gateway-refusal';
import { accessLine } from '../../doubles/access-log';
import { runs } from '../../effort';

const HONEST = {
  requestTimeEpoch: '1795251600000',
  extendedRequestId: 'Ab0000000001c=',
  'identity.sourceIp': '192.0.2.7',
  'error.responseType': 'INVALID_SIGNATURE',
  resourcePath: '/v1/providers/{provider}/decrypt',
  httpMethod: 'POST',
};
/** What a sender can write, or make the gateway repeat; a client can choose the id of its request. */
const FREE = ['requestId', 'identity.userAgent', 'error.message', 'authorize.error', 'waf.error', 'integration.error'];
const WHOLE = accessLine({ ...HONEST, 'identity.sourceIp': '198.51.100.99', status: '429' });

const HOSTILE = [
  '"',
  '\\',
  '\\"',
  '"}',
  '{"status":"403",',
  '","source_ip":"198.51.100.99","x":"',
  '","user_agent":"somebody else',
  '","integration_error":"","user_agent":"somebody else"}',
  WHOLE,
  `"}\n${WHOLE}`,
  `","request_id":"a","integration_error":"${WHOLE.slice(2)}`,
  '\u0000\u202e\ud800',
];

describe.each(HOSTILE)('with the text %j', (text) => {
  test.each(FREE)('in %s the gateway still says who was refused, when, where and why', (variable) => {
    const read = readAccessLogLine(accessLine({ ...HONEST, [variable]: text }));
    expect(gatewayRefusal(read!)).toMatchObject({
      at: 1_795_251_600_000,
      uniqueId: 'Ab0000000001c=',
      refusal: {
        address: '192.0.2.7',
        reason: 'signature_invalid',
        code: 'access_denied',
        operation: 'POST /v1/providers/{provider}/decrypt',
      },
      caller: { userId: null },
    });
  });
});

test('no text of a sender makes a line unreadable, or changes what the gateway makes', () => {
  const { made } = readAccessLogLine(accessLine(HONEST))!;
  fc.assert(
    fc.property(fc.constantFrom(...FREE), fc.string({ unit: 'binary' }), (variable, text) => {
      expect(readAccessLogLine(accessLine({ ...HONEST, [variable]: text }))?.made).toEqual(made);
    }),
    { numRuns: runs(500) },
  );
});

test('a text of the caller is read as far as it can be told from others', () => {
  const read = (values: Readonly<Record<string, string>>) => readAccessLogLine(accessLine({ ...HONEST, ...values }));
  expect(read({ requestId: 'a-1', 'identity.userAgent': 'curl/8 "x"' })).toMatchObject({
    requestId: 'a-1',
    userAgent: 'curl/8 "x"',
  });
  expect(read({ requestId: 'no id' })?.requestId).toBeUndefined();
  expect(read({ requestId: 'a'.repeat(65) })?.requestId).toBeUndefined();
  // Cut off.
  expect(readAccessLogLine(accessLine(HONEST).slice(0, -1))).toMatchObject({ userAgent: undefined });
  expect(readAccessLogLine(accessLine(HONEST).replace('user_agent', 'agent'))?.userAgent).toBeUndefined();
});

test.each([
  '',
  '{}',
  'null',
  '{"status":"403"}',
  ` ${accessLine()}`,
  accessLine().replace('"time_ms"', '"time"'),
  accessLine({ status: '403","x":"' }),
  accessLine({ 'identity.sourceIp': 'x"' }),
  accessLine().replace('"extended_request_id"', '"request_id"'),
])('%j is no line of it', (line) => {
  expect(readAccessLogLine(line)).toBeUndefined();
});
