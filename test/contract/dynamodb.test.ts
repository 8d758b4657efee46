import { auditGroupCommitContract } from './audit-group-commit.contract';
import { auditLogContract } from './audit-log.contract';
import { dynamodbCredentialScannerContract } from './credential-scanner.contract';
import { credentialStoreContract } from './credential-store.contract';
import { openDynamoDBEndpoint, type DynamoDBEndpoint } from './dynamodb-endpoint';
import { keysetStoreContract } from './keyset-store.contract';
import { dynamodbOpenIntentsContract } from './open-intents.contract';
import { dynamodbRotationStoreContract } from './rotation-store.contract';

let endpoint: DynamoDBEndpoint;
const opened = (): DynamoDBEndpoint => endpoint;

beforeAll(async () => {
  endpoint = await openDynamoDBEndpoint();
});

afterAll(() => endpoint.close());

describe('keyset store', () => {
  keysetStoreContract(opened);
});

describe('credential store', () => {
  credentialStoreContract(opened);
});

describe('audit log', () => {
  auditLogContract(opened);
});

describe('audit group commit', () => {
  auditGroupCommitContract(opened);
});

describe('rotation store', () => {
  dynamodbRotationStoreContract(opened);
});

describe('credential scanner', () => {
  dynamodbCredentialScannerContract(opened);
});

describe('open intents', () => {
  dynamodbOpenIntentsContract(opened);
});
