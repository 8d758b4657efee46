import {
  EventStreamSerde,
  eventStreamSerdeProvider,
  resolveEventStreamSerdeConfig,
} from '../../../lambdas/adapters/aws/lambda/no-event-streams';

test('whoever wants a stream of events is told that there is none, and a client is configured without', () => {
  expect(() => Reflect.construct(EventStreamSerde, []) as unknown).toThrow('left out of the bundles');
  expect(() => eventStreamSerdeProvider()).toThrow('left out of the bundles');
  const config = { region: 'us-east-1' };
  expect(resolveEventStreamSerdeConfig(config)).toBe(config);
});
