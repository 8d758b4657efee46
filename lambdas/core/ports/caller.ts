/** Who asks, as the verified request context says. Nothing here comes from a header or a body that nobody verified. */
export interface Caller {
  /** ARN of the principal. */
  readonly user_id: string;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
  readonly request_id: string;
}
