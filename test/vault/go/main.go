// Command vault-for-tests runs HashiCorp Vault in memory on loopback, for `npm run test:vault`: the server's own code, with KV
// version 2 at secret/, AppRole at auth/approle/, and the engine and the auth method for AWS, which tests mount. A second node
// shares the storage and stays a standby.
//
// It prints one line of JSON with the addresses of both, the root token and the key that unseals them, and serves until its
// standard input ends.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/audit"
	"github.com/hashicorp/vault/builtin/credential/approle"
	credentialAws "github.com/hashicorp/vault/builtin/credential/aws"
	"github.com/hashicorp/vault/builtin/logical/aws"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

type node struct {
	core    *vault.Core
	address string
}

// described is the line that is printed.
type described struct {
	Address        string `json:"address"`
	StandbyAddress string `json:"standby_address"`
	RootToken      string `json:"root_token"`
	UnsealKey      string `json:"unseal_key"`
}

func main() {
	line, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "vault-for-tests:", err)
		os.Exit(1)
	}
	fmt.Println(line)
	// Whoever started it holds the other end, so it ends with them, killed or not.
	io.Copy(io.Discard, os.Stdin)
}

func run() (string, error) {
	logger := hclog.New(&hclog.LoggerOptions{Level: hclog.Error, Output: os.Stderr})
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return "", err
	}
	locks, err := inmem.NewInmemHA(nil, logger)
	if err != nil {
		return "", err
	}
	active, err := start(storage, locks.(physical.HABackend), logger)
	if err != nil {
		return "", err
	}
	ctx := namespace.RootContext(context.Background())
	made, err := active.core.Initialize(ctx, &vault.InitParams{
		BarrierConfig:  &vault.SealConfig{SecretShares: 1, SecretThreshold: 1},
		RecoveryConfig: &vault.SealConfig{},
	})
	if err != nil {
		return "", err
	}
	key := made.SecretShares[0]
	if err := unseal(active, key, false); err != nil {
		return "", err
	}
	standby, err := start(storage, locks.(physical.HABackend), logger)
	if err != nil {
		return "", err
	}
	if err := unseal(standby, key, true); err != nil {
		return "", err
	}
	mounts := []struct {
		path string
		data map[string]any
	}{
		{"sys/mounts/secret", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}}},
		{"sys/auth/approle", map[string]any{"type": "approle"}},
	}
	for _, mount := range mounts {
		response, err := active.core.HandleRequest(ctx, &logical.Request{
			Operation:   logical.UpdateOperation,
			Path:        mount.path,
			Data:        mount.data,
			ClientToken: made.RootToken,
		})
		if err != nil {
			return "", err
		}
		if response != nil && response.IsError() {
			return "", response.Error()
		}
	}
	text, err := json.Marshal(described{
		Address:        active.address,
		StandbyAddress: standby.address,
		RootToken:      made.RootToken,
		UnsealKey:      base64.StdEncoding.EncodeToString(key),
	})
	return string(text), err
}

// start serves a sealed node on a free port of loopback. Without a cluster address nodes do not forward requests to each other, so
// that the standby redirects.
func start(storage physical.Backend, locks physical.HABackend, logger hclog.Logger) (*node, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := "http://" + listener.Addr().String()
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		HAPhysical:         locks,
		RedirectAddr:       address,
		Logger:             logger,
		DisableMlock:       true,
		BuiltinRegistry:    noPlugins{},
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory, "aws": aws.Factory},
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory, "aws": credentialAws.Factory},
		AuditBackends:      map[string]audit.Factory{},
	})
	if err != nil {
		return nil, err
	}
	properties := &vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{}}
	go func() {
		err := http.Serve(listener, vaulthttp.Handler.Handler(properties))
		fmt.Fprintln(os.Stderr, "vault-for-tests:", err)
		os.Exit(1)
	}()
	return &node{core, address}, nil
}

// unseal waits until the node is what it should be: the one that is active, or a standby of it.
func unseal(node *node, key []byte, isStandby bool) error {
	if _, err := node.core.Unseal(key); err != nil {
		return err
	}
	for end := time.Now().Add(10 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		found, err := node.core.Standby()
		if err == nil && !node.core.Sealed() && found == isStandby {
			return nil
		}
	}
	return fmt.Errorf("a node was unsealed and did not get ready")
}

// noPlugins is an empty catalog: what is used is linked in.
type noPlugins struct{}

func (noPlugins) Contains(string, consts.PluginType) bool { return false }

func (noPlugins) Get(string, consts.PluginType) (func() (interface{}, error), bool) {
	return nil, false
}

func (noPlugins) Keys(consts.PluginType) []string { return nil }

func (noPlugins) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func (noPlugins) DeprecationStatus(string, consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Unknown, false
}
