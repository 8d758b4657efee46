/** The event of a function with a queue (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export const sqsEvent = (bodies: readonly string[]): unknown => ({
  Records: bodies.map((body, index) => ({
    messageId: `message-${index}`,
    receiptHandle: 'x',
    body,
    attributes: {},
    messageAttributes: {},
    md5OfBody: 'x',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:111111111111:keyward-work',
    awsRegion: 'us-east-1',
  })),
});
