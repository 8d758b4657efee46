package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// sumdb/note knows type 1 alone, and takes others by its interfaces. This is c2sp.org/tlog-cosignature, its Ed25519 type.
const cosignatureType = 4

type cosigner struct {
	name string
	key  ed25519.PrivateKey
	time uint64
}

type cosignatureVerifier struct {
	name string
	key  ed25519.PublicKey
}

func cosignatureKeyID(name string, key ed25519.PublicKey) uint32 {
	hash := sha256.Sum256(append([]byte(name+"\n"), typed(key)...))
	return binary.BigEndian.Uint32(hash[:])
}

func typed(key ed25519.PublicKey) []byte { return append([]byte{cosignatureType}, key...) }

func cosigned(text []byte, time uint64) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", time), text...)
}

func (c cosigner) Name() string { return c.name }
func (c cosigner) KeyHash() uint32 {
	return cosignatureKeyID(c.name, c.key.Public().(ed25519.PublicKey))
}
func (c cosigner) Sign(text []byte) ([]byte, error) {
	return append(binary.BigEndian.AppendUint64(nil, c.time), ed25519.Sign(c.key, cosigned(text, c.time))...), nil
}

func (v cosignatureVerifier) Name() string    { return v.name }
func (v cosignatureVerifier) KeyHash() uint32 { return cosignatureKeyID(v.name, v.key) }
func (v cosignatureVerifier) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	return time <= math.MaxInt64 && ed25519.Verify(v.key, cosigned(text, time), signature[8:])
}

func cosignatureVkey(name string, key ed25519.PublicKey) string {
	return fmt.Sprintf("%s+%08x+%s", name, cosignatureKeyID(name, key), base64.StdEncoding.EncodeToString(typed(key)))
}

// newVerifier reads a vkey of either type.
func newVerifier(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed vkey")
	}
	bytes, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(bytes) != 1+ed25519.PublicKeySize || bytes[0] != cosignatureType {
		return note.NewVerifier(vkey)
	}
	id, err := strconv.ParseUint(parts[1], 16, 32)
	verifier := cosignatureVerifier{parts[0], bytes[1:]}
	if err != nil || uint32(id) != verifier.KeyHash() {
		return nil, errors.New("the vkey's id is not its key's")
	}
	return verifier, nil
}
