import { command } from '../command';
import { FROM } from './from-time';
import { AUDIT_FILTERS } from './audit-filters';

/** The command that makes the pack for the auditor. */
export const EVIDENCE_COMMANDS = [
  command({
    words: ['evidence'],
    summary: 'make a pack for the auditor: a printable page, CSV and JSON files, and their hashes',
    details: `Reads keys, rotations, stored credentials and the audit log of the period through the API; what this caller may not read, and what the \
API does not have, is named in the pack. No key, token or value of a credential is in it. The directory appears when it is complete; after Ctrl-C or a \
failure nothing is left. Files have mode 0600. The hash of the list of hashes becomes an event of the audit log. Each page of the log that is read is an event, too.`,
    parameters: [],
    required: 0,
    options: {
      from: { type: FROM.from.type, shown: FROM.from.shown, help: FROM.from.help, needed: true },
      to: AUDIT_FILTERS.to,
      'caller-policies': {
        type: 'string',
        isFile: true,
        shown: '--caller-policies FILE',
        help: "callers' policies to show: principals.json of the local server, or what aws iam get-account-authorization-details prints",
        otherwise: 'none',
      },
      policy: {
        type: 'string',
        isFile: true,
        shown: '--policy FILE',
        help: 'who must have signed the log, as for audit verify',
        otherwise: 'the keys of the first verification',
      },
      out: {
        type: 'string',
        isFile: true,
        shown: '--out DIR',
        help: 'the directory of the pack, which must not exist',
        needed: true,
      },
    },
    work: async () => (await import('../evidence/make-evidence')).makeEvidence,
  }),
];
