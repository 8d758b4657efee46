interface AwsDouble {
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts the double of a service for each test, and sends the SDK's clients to it with credentials that it takes.
 *
 * @param service as in the name of the SDK's variable of its endpoint
 */
export function useAwsDouble<D extends AwsDouble>(
  service: 'KMS' | 'LAMBDA' | 'S3' | 'SQS',
  start: () => Promise<D>,
): () => D {
  const inherited = { ...process.env };
  let double: D;
  beforeEach(async () => {
    double = await start();
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIDEXAMPLE';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'example-not-a-secret';
    process.env[`AWS_ENDPOINT_URL_${service}`] = double.endpoint;
  });
  afterEach(async () => {
    process.env = { ...inherited };
    await double.close();
  });
  return () => double;
}
