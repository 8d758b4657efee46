# What a process outside AWS needs whose AWS credentials come from Vault: to read the KEK, to take credentials, and to end those of
# IAM users when it ends. The policy `default` lets it renew them. Put your paths in place of these.
path "secret/data/keyward/kek" { capabilities = ["read"] }
path "aws/sts/keyward" { capabilities = ["read"] }
path "aws/creds/keyward" { capabilities = ["read"] }
path "sys/leases/revoke" { capabilities = ["update"] }
