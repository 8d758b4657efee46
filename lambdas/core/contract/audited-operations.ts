/**
 * What `metadata.operation` of an audit event can be beside the route of a call that was refused before anybody was asked, such as
 * `GET /v1/providers`. A release may add some; events of another release may have others.
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
  'change_regions',
  'change_providers',
] as const;

/** Parts of Keyward that act by themselves, as `user_id` of an event has them behind `keyward:`. */
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
