# What a process that only reads the KEK may do. Put your VAULT_KEK_PATH in place of secret/…/keyward/kek.
path "secret/data/keyward/kek" { capabilities = ["read"] }
