/**
 * Values of `metadata.operation` in an audit event. A call that the gateway refused has its route instead, such as `GET
 * /v1/providers`. Releases may add values, so events of another release may have others.
 */
export const AUDITED_OPERATIONS = [
  'encrypt',
  'decrypt',
  'rewrap',
  'put_credential',
  'reveal_credential',
  'delete_credential',
  'patch_metadata',
  'restore_credential',
  'purge_previous_value',
  'expire_previous_values',
  'rotate',
  'rotation_dry_run',
  'publish_version',
  'publish_version_emergency',
  'make_emergency',
  'join_emergency',
  'promote_version',
  'start_grace',
  'rekey_credentials',
  'note_references',
  'complete_rotation',
  'complete_rotation_with_failures',
  'abort_rotation',
  'change_rotation_policy',
  'retire_version',
  'schedule_destruction',
  'cancel_destruction',
  'destroy_version',
  'create_keyset',
  'rewrap_keyset',
  'rotate_kek',
  'move_kek',
  'change_regions',
  'change_providers',
] as const;

/** Parts of Keyward that act by themselves. The `user_id` of their events is `keyward:` and the name. */
export const AUDITED_PARTS = [
  'rotation',
  'rekey',
  'expiry',
  'sweep',
  'rotate-kek',
  'rewrap-deks',
  'bootstrap',
  'local-start',
] as const;
