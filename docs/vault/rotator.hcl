# What the process that rotates the KEK may do: read and write both paths, and read how KV keeps them. It may neither create them
# nor delete nor destroy. Put your VAULT_KEK_PATH in place of secret/…/keyward/kek.
path "secret/data/keyward/kek" { capabilities = ["read", "update"] }
path "secret/data/keyward/kek-pending" { capabilities = ["read", "update"] }
path "secret/metadata/keyward/kek" { capabilities = ["read"] }
path "secret/metadata/keyward/kek-pending" { capabilities = ["read"] }
path "secret/config" { capabilities = ["read"] }
