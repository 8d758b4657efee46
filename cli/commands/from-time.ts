/** Option of what looks back. */
export const FROM = {
  from: {
    type: 'string',
    shown: '--from TIME',
    help: 'first time, such as 2026-11-21T00:00:00Z',
    otherwise: '7 days before the end',
  },
} as const;
