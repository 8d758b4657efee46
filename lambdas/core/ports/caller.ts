/** The caller, from the verified request context. Nothing here comes from an unverified header or body. */
export interface Caller {
  /** ARN of the principal. */
  readonly user_id: string;
  readonly ip_address: string | null;
  readonly user_agent: string | null;
  readonly request_id: string;
}
