/** Default host and port of local mode. */
export const LOCAL_HOST = '127.0.0.1';
export const DEFAULT_LOCAL_PORT = 8787;

/** The one region of local mode, which is its home region. */
export const LOCAL_REGION = 'us-east-1';

/** The account of every caller in local mode. */
export const LOCAL_ACCOUNT_ID = '000000000000';

/** The directory for keys and data. */
export const DEFAULT_LOCAL_HOME = '.keyward';

/** The file of access keys in that directory, in the form of an AWS credentials file. */
export const CREDENTIALS_FILE = 'credentials';

/** The file of permissions in that directory: what each access key may do, in the manner of IAM. */
export const PRINCIPALS_FILE = 'principals.json';
