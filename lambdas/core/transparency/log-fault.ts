/**
 * Why a part of the transparency log is refused. Readers of these formats never throw for what they read: it comes from files and
 * buckets that an attacker may write.
 */
export type LogFault =
  | 'bundle_form'
  | 'bundle_mismatch'
  | 'bundle_width'
  | 'checkpoint_extension'
  | 'checkpoint_form'
  | 'checkpoint_origin'
  | 'checkpoint_root'
  | 'checkpoint_size'
  | 'entry_form'
  | 'hand_over_keys'
  | 'key_name'
  | 'log_signature_missing'
  | 'note_control_character'
  | 'note_form'
  | 'note_not_utf8'
  | 'note_signature_line'
  | 'note_too_long'
  | 'note_too_many_signatures'
  | 'policy_form'
  | 'policy_key_twice'
  | 'policy_keyword'
  | 'policy_member'
  | 'policy_name'
  | 'policy_quorum'
  | 'policy_threshold'
  | 'proof_extra'
  | 'proof_form'
  | 'proof_hash'
  | 'proof_index'
  | 'proof_mismatch'
  | 'quorum_missing'
  | 'root_mismatch'
  | 'signature_invalid'
  | 'signature_missing'
  | 'tile_mismatch'
  | 'tile_missing'
  | 'tile_path'
  | 'tile_width'
  | 'vkey_form'
  | 'vkey_id'
  | 'vkey_type';

/** What was read, or why it is refused. */
export type Checked<T> =
  { readonly value: T; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: LogFault };
